"""The pages a customer sees: leave a topic with one click, choose topics by channel. In their language, without a script."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web
from babel.dates import format_date

from orchestrator.contracts.link_token import LinkToken
from orchestrator.contracts.topics import CHANNELS, Channel
from orchestrator.gateway.page_texts import ENGLISH, Texts, texts_in
from orchestrator.gateway.publisher import Choice, Person

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex",
}  # fmt: skip
CHANNEL_NAMES: Mapping[Channel, str] = {"email": "Email", "sms": "SMS", "whatsapp": "WhatsApp"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_DEFAULT_COLOUR = "#0b5fff"
_STYLE = (
    "*{box-sizing:border-box}body{font:17px/1.6 system-ui,-apple-system,'Segoe UI',sans-serif;margin:0;padding:8vh 1.2rem 2rem;color:#1b2230;background:#f3f5f9}"
    "main{max-width:36rem;margin:auto;background:#fff;border-radius:1rem;padding:2rem;box-shadow:0 1px 3px rgb(16 24 40/.12)}"
    ".brand{margin:0;font-weight:700;color:var(--brand)}h1{font-size:1.5rem;line-height:1.3;margin:.4rem 0 1rem}h2{font-size:1.05rem;margin:2rem 0 .4rem}p{margin:.4rem 0 1rem}"
    "button{font:inherit;font-weight:600;padding:.65rem 1.3rem;border:0;border-radius:.6rem;background:var(--brand);color:var(--on-brand);cursor:pointer;margin:0 .4rem .4rem 0}"
    "button:focus-visible,input:focus-visible,a:focus-visible{outline:3px solid var(--brand);outline-offset:2px}a{color:inherit}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0 1.4rem}td,th{padding:.6rem .4rem;border-bottom:1px solid #dfe3ea;text-align:center}td:first-child,th:first-child{text-align:left;padding-left:0}"
    "th{font-size:.85rem;color:#56607a}input{width:1.25rem;height:1.25rem;accent-color:var(--brand)}"
    "button.plain{background:#eef1f6;color:#1b2230}.saved{background:#e6f6ec;color:#12613a;border-radius:.6rem;padding:.5rem .9rem}.soft{color:#56607a;font-size:.95rem}"
    "@media(max-width:30rem){body{padding:1rem .6rem}main{padding:1.4rem 1.1rem}}"
    "@media(prefers-color-scheme:dark){body{background:#10141c;color:#e8ecf3}main{background:#1a202b}.brand{color:inherit}td,th{border-color:#2c3442}th,.soft{color:#aab3c5}"
    "button.plain{background:#2a3342;color:#e8ecf3}.saved{background:#153a28;color:#b9efd0}}"
)


def page(title: str, body: str, *, status: int = 200, language: str = "en", brand: str = "", colour: str = "") -> web.Response:
    """HTML that only carries what is given; `body` is already safe."""
    primary = colour if _COLOUR.fullmatch(colour) else _DEFAULT_COLOUR
    style = f":root{{color-scheme:light dark;--brand:{primary};--on-brand:{_readable_on(primary)}}}{_STYLE}"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title><style>{style}</style>'
    name = f'<p class="brand">{escape(brand)}</p>' if brand else ""
    html = (
        f'<!doctype html><html lang="{language}"><head>{head}</head><body><main>{name}<h1>{escape(title)}</h1>{body}</main></body></html>'
    )
    return web.Response(status=status, text=html, content_type="text/html", headers=_HEADERS)


def _readable_on(colour: str) -> str:
    """White or near-black, whichever has more contrast (WCAG 2 relative luminance)."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.062 else "#1b2230"


def not_ours() -> web.Response:
    """A link that was cut short or never ours: nobody is known, so it is in English."""
    return page(ENGLISH.dead_link, f"<p>{ENGLISH.dead_link_hint}</p>", status=404)


def _for(person: Person, texts: Texts, title: str, body: str) -> web.Response:
    return page(title, body, language=texts.language, brand=person.brand, colour=person.colour)


def _about(person: Person, token: LinkToken, one: str, whole: str) -> str:
    """A sentence about the topic, or about the channel where links leave all of it."""
    if person.whole_channel or not token.topic:
        return escape(whole.format(CHANNEL_NAMES[token.channel]))
    title = next((choice.title for choice in person.choices if choice.topic == token.topic), token.topic)
    return escape(one).format(f"<strong>{escape(title)}</strong>")


def unsubscribe_page(person: Person, token: LinkToken) -> web.Response:
    """Asks; a GET never changes anything, since scanners follow links."""
    texts = texts_in(person.locale)
    asked = _about(person, token, texts.ask, texts.ask_all)
    return _for(person, texts, texts.unsubscribe, f'<p>{asked}</p><form method="post"><button>{texts.unsubscribe}</button></form>')


def unsubscribed_page(person: Person, token: LinkToken, preferences: str) -> web.Response:
    """Done; the same answer however often it is asked. `preferences` is the address of the other page."""
    texts = texts_in(person.locale)
    told = _about(person, token, texts.gone_topic, texts.gone_all)
    return _for(person, texts, texts.gone, f'<p role="status">{told}</p><p><a href="{escape(preferences)}">{texts.choose}</a></p>')


def preferences_page(person: Person, token: LinkToken, *, saved: bool) -> web.Response:
    """Topics by channel, and why the message came."""
    texts = texts_in(person.locale)
    head = "".join(f'<th scope="col">{CHANNEL_NAMES[channel]}</th>' for channel in CHANNELS)
    rows = "".join(_row(choice) for choice in person.choices)
    table = f'<table><thead><tr><th scope="col">{texts.topic}</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    buttons = f'<button name="do" value="save">{texts.save}</button><button class="plain" name="do" value="stop">{texts.stop}</button>'
    note = f'<p class="saved" role="status">{texts.saved}</p>' if saved else ""
    why = f'<h2 id="why">{texts.why}</h2>{_why(person, token, texts)}<p class="soft">{texts.always}</p>'
    return _for(person, texts, texts.preferences, f'{note}<form method="post">{table}{buttons}</form>{why}')


def _row(choice: Choice) -> str:
    boxes = "".join(
        f'<td><input type="checkbox" name="{escape(choice.topic)}:{channel}" aria-label="{escape(choice.title)}: {CHANNEL_NAMES[channel]}"'
        f"{' checked' if choice.granted[channel] else ''}></td>"
        for channel in CHANNELS
    )
    return f"<tr><td>{escape(choice.title)}</td>{boxes}</tr>"


def _why(person: Person, token: LinkToken, texts: Texts) -> str:
    """What the person said of the topic, and when; or that nobody asked."""
    choice = next((one for one in person.choices if one.topic == token.topic), None)
    if choice is None:
        return ""
    title, since = f"<strong>{escape(choice.title)}</strong>", choice.since.get(token.channel)
    if since is None:
        return f"<p>{texts.customer.format(title)}</p>" if choice.granted[token.channel] else ""
    words = texts.agreed if choice.granted[token.channel] else texts.left
    return f"<p>{words.format(title, escape(_day(since, person.timezone, texts.language)))}</p>"


def _day(at: int, timezone: str, language: str) -> str:
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return str(format_date(datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).date(), "long", locale=language))
