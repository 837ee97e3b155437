"""config/concierge.yaml: the workspace's own settings."""

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency

from orchestrator.contracts.topics import CHANNELS, Channel
from orchestrator.expressions.country_zones import countries
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.in_flight import IN_FLIGHT, read_in_flight
from orchestrator.workspace.journey import InFlight
from orchestrator.workspace.near_place import nearest_country, nearest_zone
from orchestrator.workspace.shape import BAD, NAME_TEXT, Bool, Duration, Int, Key, ListOf, MapOf, Mapped, Raw, Reading, Shaped, Text
from orchestrator.workspace.workspace import Brand, ChannelSender, EventRules, Links, Workspace
from orchestrator.workspace.yaml_node import Node

VERSION = 1


class Host(Text):
    """A host, maybe with `*.` before it and a port behind."""

    def read(self, node: Node, reading: Reading) -> object:
        found = super().read(node, reading)
        if isinstance(found, str) and re.search(r"[/@?#\s]", found):
            place = re.sub(r"^[a-zA-Z]+://|[/?#].*$", "", found.strip())
            return reading.bad(node, "Y005", f"'{found[:60]}' is no host", "neither scheme nor path belong to it", f"write {place[:60]}")
        return found


_SENDER = {
    "email": Mapped({"name": Key(Text()), "address": Key(Text(), required=True), "reply_to": Key(Text())}, what="an email sender"),
    "sms": Mapped({"from": Key(Text(), required=True)}, what="an SMS sender"),
    "whatsapp": Mapped({"from": Key(Text(), required=True)}, what="a WhatsApp sender"),
}
FILE = Mapped({
    "concierge": Key(Int(1, 99, str(VERSION)), required=True, text="version of this language"),
    "workspace": Key(NAME_TEXT, required=True, text="also the salt of every hash: never change it on a live workspace"),
    "locale": Key(Text(example="en"), required=True, text="default locale"),
    "locales": Key(ListOf(Text()), text="those the messages must cover"),
    "timezone": Key(Text(example="Europe/London"), required=True, text="IANA zone, for what does not follow the customer"),
    "country": Key(Text(example="GB"), required=True, text="default region for phone numbers and time zones"),
    "currency": Key(Text(example="GBP"), required=True),
    "events": Key(Mapped({"strict": Key(Bool()), "dedupe": Key(Duration()), "clock_skew": Key(Duration())}, what="events")),
    "brand": Key(Raw("value"), text="read by layouts and lint"),
    "senders": Key(MapOf(Mapped({c: Key(_SENDER[c]) for c in CHANNELS}, what="a sender")), required=True, text="who messages come from; `default` is required"),
    "links": Key(Mapped({"hosts": Key(ListOf(Host())), "utm": Key(MapOf(Text())), "short_host": Key(Text(), later=True)}, what="links")),
    "webhooks": Key(Mapped({"hosts": Key(ListOf(Host()), text="the only hosts that are called; `*.` is one label or more, without a port it is 443")}, what="webhooks")),
    "journeys": Key(Mapped({"in_flight": Key(IN_FLIGHT), "max_age": Key(Duration())}, what="journeys")),
}, what="concierge.yaml")  # fmt: skip
_NUMBER = r"\+[1-9]\d{6,14}"
_ADDRESSES: Mapping[Channel, tuple[re.Pattern[str], str, str]] = {
    "email": (re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+"), "an email address", "hello@example.com"),
    "sms": (
        re.compile(rf"{_NUMBER}|\d{{3,15}}|MG[0-9a-fA-F]{{32}}|(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{{1,11}}"),
        "a number as +447700900000, a short code, or at most 11 letters and digits", "ACME",
    ),
    "whatsapp": (re.compile(_NUMBER), "a number with its country: +447700900000", "+447700900000"),
}  # fmt: skip
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD")


def substitute(node: Node, environment: Mapping[str, str], reading: Reading) -> None:
    """`${NAME}` and `${NAME:-default}` in text values; the result is text and is not read again."""
    for one in node.walk():
        if one.kind != "scalar" or "${" not in one.text:
            continue

        def replaced(found: re.Match[str], one: Node = one) -> str:
            name, default = found[1], found[2]
            if _SECRET.search(name):
                reading.bad(
                    one, "Y011", f"${{{name}}} is named like a secret", "secrets never stand in a workspace", "name it with `secret:`"
                )
                return ""
            if name in environment:
                return environment[name]
            if default is None:
                reading.bad(one, "Y011", f"${{{name}}} is not set", "there is no default either", f"set it, or write ${{{name}:-default}}")
                return ""
            return default

        one.text = _VARIABLE.sub(replaced, one.text)
        one.plain = False


def refuse_variables(node: Node, reading: Reading) -> None:
    """Journeys and messages must be the same bytes everywhere."""
    for one in node.walk():
        if one.kind == "scalar" and _VARIABLE.search(one.text):
            reading.bad(
                one,
                "Y011",
                "${…} is not substituted here",
                "only concierge.yaml and topics of sources read the environment",
                "move it there",
            )


def read_concierge(node: Node, reading: Reading) -> Workspace | None:
    """A workspace with nothing in it yet, or None with the problems noted."""
    before = len(reading.findings.all)
    shaped = FILE.read(node, reading)
    if not isinstance(shaped, Shaped):
        return None
    version = shaped.get("concierge")
    if isinstance(version, int) and version > VERSION:
        reading.bad(
            shaped.at("concierge"), "Y017", f"language version {version}", f"this program reads up to {VERSION}", "upgrade the program"
        )
    for key in ("timezone", "country", "currency", "locale"):
        if key in shaped:
            _known(key, str(shaped.get(key)), shaped.at(key), reading)
    locales = shaped.get("locales", [shaped.get("locale", "en")])
    assert isinstance(locales, list)
    for name, item in zip(locales, shaped.at("locales").items, strict=False):
        _known("locale", str(name), item, reading)
    if "locale" in shaped and "locales" in shaped and shaped.get("locale") not in locales:
        why = "the default locale is one of those that messages cover"
        reading.bad(
            shaped.at("locale"), "Y005", f"'{shaped.get('locale')}' is not in `locales`", why, nearest(str(shaped.get("locale")), locales)
        )
    for part in ("links", "webhooks"):
        _hosts(shaped.get(part), reading)
    senders = _senders(shaped, reading)
    if len(reading.findings.all) > before and any(f.severity == "error" for f in reading.findings.all[before:]):
        return None
    events, links, journeys, webhooks = (shaped.get(key) for key in ("events", "links", "journeys", "webhooks"))
    brand_node = shaped.get("brand")
    rules = EventRules(**events.values) if isinstance(events, Shaped) else EventRules()  # type: ignore[arg-type]  # the shape's keys are the fields
    return Workspace(
        name=str(shaped.get("workspace")), version="", locale=str(shaped.get("locale")), locales=tuple(str(n) for n in locales),
        timezone=ZoneInfo(str(shaped.get("timezone"))), country=str(shaped.get("country")), currency=str(shaped.get("currency")),
        rules=rules, brand=_brand(brand_node.data() if isinstance(brand_node, Node) else {}), senders=senders,
        links=Links(tuple(links.get("hosts", [])), dict(links.get("utm", {}))) if isinstance(links, Shaped) else Links(),  # type: ignore[arg-type, call-overload]  # read by the shape
        in_flight=read_in_flight(journeys.get("in_flight"), InFlight()) if isinstance(journeys, Shaped) else InFlight(),
        webhook_hosts=tuple(webhooks.get("hosts", [])) if isinstance(webhooks, Shaped) else (),  # type: ignore[arg-type]  # read by the shape
        max_age=int(str(journeys.get("max_age"))) if isinstance(journeys, Shaped) and "max_age" in journeys else 400 * 86_400_000,
    )  # fmt: skip


def _known(kind: str, value: str, node: Node, reading: Reading) -> None:
    match kind:
        case "timezone":
            known = value in available_timezones()
            fix = nearest_zone(value) if not known else ""
        case "country":
            known = value in countries()
            fix = nearest_country(value) if not known else ""
        case "currency":
            known, fix = is_currency(value), "ISO 4217, such as GBP or EUR"
        case _:
            try:
                known, fix = bool(Locale.parse(value, sep="-")), ""
            except (UnknownLocaleError, ValueError):
                known, fix = False, "BCP 47, such as en or de-AT"
    if not known:
        reading.bad(node, "Y013", f"unknown {kind} '{value}'", "it is in no list", fix)


def _hosts(given: object, reading: Reading) -> None:
    """Y005 for a URL where only its host stands."""
    hosts = given.at("hosts").items if isinstance(given, Shaped) and "hosts" in given else []
    for host in hosts:
        if "/" in host.text:
            bare = host.text.partition("://")[2] or host.text
            reading.bad(
                host, "Y005", f"'{host.text}' is no host", "hosts stand without `https://` and without a path", bare.partition("/")[0]
            )


def _senders(shaped: Shaped, reading: Reading) -> dict[str, dict[Channel, ChannelSender]]:
    found: dict[str, dict[Channel, ChannelSender]] = {}
    given = shaped.get("senders")
    if not isinstance(given, dict):
        return found
    if "default" not in given:
        reading.bad(shaped.at("senders"), "Y012", "no sender `default`", "messages that name none come from it", "add `default:`")
    for name, channels in given.items():
        if not isinstance(channels, Shaped):
            continue
        found[name] = {}
        for channel in CHANNELS:
            one = channels.get(channel)
            _address(channel, one, reading)
            if isinstance(one, Shaped) and one is not BAD:
                found[name][channel] = ChannelSender(
                    address=str(one.get("address" if channel == "email" else "from", "")),
                    name=str(one.get("name", "")),
                    reply_to=str(one.get("reply_to", "")),
                )
    return found


def _address(channel: Channel, one: object, reading: Reading) -> None:
    """Y005 for what no provider takes as a sender. What the environment gave is judged as it came."""
    for key in ("address", "reply_to", "from"):
        if not isinstance(one, Shaped) or key not in one:
            continue
        pattern, form, example = _ADDRESSES[channel]
        text = str(one.get(key))
        if not pattern.fullmatch(text):
            reading.bad(one.at(key), "Y005", f"'{text[:60]}' is not {form}", f"wanted {form}", example)


def _brand(data: object) -> Brand:
    values = data if isinstance(data, dict) else {}
    voice = values.get("voice")
    voice = voice if isinstance(voice, dict) else {}
    sign_off = voice.get("sign_off")
    return Brand(
        name=str(values.get("name", "")), postal_address=str(values.get("postal_address", "")), values=values,
        banned=tuple(str(word) for word in voice.get("banned", []) or []),
        sign_off={str(k): str(v) for k, v in sign_off.items()} if isinstance(sign_off, dict) else {},
    )  # fmt: skip
