"""The pages a customer sees: leave a topic with one click, choose topics by channel. Plain, without a script."""

from collections.abc import Mapping, Sequence
from html import escape

from aiohttp import web

from orchestrator.contracts.topics import CHANNELS, Channel

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex",
}  # fmt: skip
_STYLE = (
    "body{font:17px/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.2rem;color:#1b2230;background:#fff}"
    "button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.5rem;background:#0b5fff;color:#fff;cursor:pointer}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{padding:.5rem;border-bottom:1px solid #dfe3ea;text-align:left}"
    "button.plain{background:#eef1f6;color:#1b2230}@media(prefers-color-scheme:dark){body{background:#10141c;color:#e8ecf3}button.plain{background:#2a3342;color:#e8ecf3}}"
)


def page(title: str, body: str, status: int = 200) -> web.Response:
    """HTML that only carries what is given; `body` is already safe."""
    html = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>'
    return web.Response(status=status, text=html, content_type="text/html", headers=_HEADERS)


def not_ours() -> web.Response:
    """A link that was cut short or never ours."""
    return page(
        "This link does not work",
        "<p>It may have been cut short. Open it from the message again, or answer the message and tell us.</p>",
        404,
    )


def unsubscribe_page(title: str) -> web.Response:
    """Asks; a GET never changes anything, since scanners follow links."""
    return page(
        "Unsubscribe", f'<p>Stop receiving <strong>{escape(title)}</strong>?</p><form method="post"><button>Unsubscribe</button></form>'
    )


def unsubscribed_page(title: str) -> web.Response:
    """Done; the same answer however often it is asked."""
    return page("You are unsubscribed", f"<p>You will not receive <strong>{escape(title)}</strong> from us any more.</p>")


def preferences_page(topics: Sequence[tuple[str, str, Mapping[Channel, str]]], *, saved: bool) -> web.Response:
    """Topics by channel."""
    names: dict[Channel, str] = {"email": "Email", "sms": "SMS", "whatsapp": "WhatsApp"}
    head = "".join(f"<th>{names[channel]}</th>" for channel in CHANNELS)
    rows = "".join(
        f"<tr><td>{escape(title)}</td>"
        + "".join(
            f'<td><input type="checkbox" name="{escape(topic)}:{channel}" aria-label="{escape(title)} by {names[channel]}"{" checked" if states.get(channel) == "granted" else ""}></td>'
            for channel in CHANNELS
        )
        + "</tr>"
        for topic, title, states in topics
    )
    note = "<p role=status>Saved.</p>" if saved else ""
    return page(
        "What we write to you",
        f'{note}<form method="post"><table><tr><th>Topic</th>{head}</tr>{rows}</table><button name="do" value="save">Save</button> <button class="plain" name="do" value="stop">Stop everything</button></form>',
    )
