"""templates/messages/*.yaml: one source of content for every channel."""

import re
from dataclasses import replace
from typing import Any, cast

from orchestrator.contracts.topics import CLASSES
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.content_file import CONTENT, TEMPLATE, content_of
from orchestrator.workspace.message import SLOTS, EmailOptions, Message, SmsOptions, WhatsappOptions
from orchestrator.workspace.profile_file import read_shape
from orchestrator.workspace.rule_file import short_hash
from orchestrator.workspace.shape import BAD, EXPRESSION, NAME_TEXT, Duration, Int, Key, ListOf, MapOf, Mapped, Raw, Reading, Shaped, Text
from orchestrator.workspace.variants_file import read_variants
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

_VARIANT = Mapped({
    "name": Key(NAME_TEXT, required=True), "weight": Key(Int(1, 100), required=True, text="percent; all of them add up to 100"),
    "content": Key(MapOf(Mapped({name: replace(key, required=False) for name, key in CONTENT.keys.items()}, what="a variant's content")), required=True),
}, what="a variant")  # fmt: skip


def _text_or_locales(node: Node, reading: Reading) -> object:
    """A plain text is the default locale's."""
    found = TEMPLATE.read(node, reading)
    return BAD if found is BAD else {"": found}


class _ByLocale(MapOf):
    def read(self, node: Node, reading: Reading) -> object:
        return _text_or_locales(node, reading) if node.kind == "scalar" else super().read(node, reading)


BY_LOCALE = _ByLocale(TEMPLATE)
_CHANNELS = Mapped({
    "email": Key(Mapped({"subject": Key(BY_LOCALE), "body": Key(BY_LOCALE), "layout": Key(NAME_TEXT)}, what="email")),
    "sms": Key(Mapped({
        "body": Key(BY_LOCALE), "layout": Key(NAME_TEXT), "max_segments": Key(Int(1, 20)), "over": Key(Text(("next_channel", "send"))),
        "encoding": Key(Text(("auto", "gsm7"))),
    }, what="sms")),
    "whatsapp": Key(Mapped({
        "body": Key(BY_LOCALE), "layout": Key(NAME_TEXT), "content_sid": Key(MapOf(Text(pattern=re.compile(r"HX[0-9a-f]{32}"), form="a content sid: HX and 32 hex digits"))),
        "variables": Key(MapOf(EXPRESSION)), "category": Key(Text(("utility", "marketing", "authentication"))),
    }, what="whatsapp")),
}, what="channels")  # fmt: skip
FILE = Mapped({
    "message": Key(NAME_TEXT, required=True, text="equals the file name"), "title": Key(Text()), "class": Key(Text(CLASSES)), "topic": Key(NAME_TEXT),
    "expires": Key(Duration()), "sender": Key(NAME_TEXT), "content": Key(MapOf(CONTENT), required=True), "channels": Key(_CHANNELS),
    "variants": Key(ListOf(_VARIANT, least=2)), "lookups": Key(Raw("value"), later=True), "offer": Key(Text(SLOTS, code="M018"), text="where an offer of offers.yaml stands that the message may carry; `none` where nothing is written"), "replies": Key(Raw("value"), later=True),
}, what="a message")  # fmt: skip


def read_message(node: Node, name: str, workspace: Workspace, reading: Reading) -> Message | None:
    """The message, or None with the problems noted."""
    shaped = read_shape(FILE, node, reading)
    if shaped.get("message") != name:
        if "message" in shaped:
            reading.bad(
                shaped.at("message"),
                "Y016",
                f"'{shaped.get('message')}' in a file called {name}.yaml",
                "the name equals the file name",
                "rename one of them",
            )
        return None
    contents = shaped.get("content")
    if not isinstance(contents, dict):
        return None
    content = {locale: content_of(one) for locale, one in contents.items() if isinstance(one, Shaped)}
    if workspace.locale not in content and workspace.locale in shaped.at("content").entries:
        return None
    if workspace.locale not in content:
        reading.bad(
            shaped.at("content"),
            "M001",
            f"no content in {workspace.locale}",
            "it is the workspace's default locale",
            f"add `{workspace.locale}:`",
        )
        return None
    gaps = [locale for locale in workspace.locales if locale not in shaped.at("content").entries]
    if gaps:
        reading.bad(
            shaped.at("content"),
            "M002",
            f"no content in {', '.join(gaps)}",
            "the workspace covers these locales",
            "add them, or take them out of `locales`",
        )
    if "sender" in shaped and shaped.get("sender") not in workspace.senders:
        reading.bad(
            shaped.at("sender"),
            "M015",
            f"unknown sender '{shaped.get('sender')}'",
            "senders stand in concierge.yaml",
            nearest(str(shaped.get("sender")), workspace.senders),
        )
    topic = shaped.get("topic")
    unknown = topic is not None and topic not in workspace.policies.topics and "topics" not in reading.unread.parts
    if unknown or (not shaped.written("topic") and shaped.get("class") == "marketing" and not shaped.lost("topic")):
        reading.bad(
            shaped.at("topic"),
            "M004",
            f"{'no topic' if topic is None else f'unknown topic {topic!r}'}",
            "consent is asked by topic",
            _topic_fix(topic, list(workspace.policies.topics)),
        )
    email, sms, whatsapp = (_options(shaped, channel) for channel in ("email", "sms", "whatsapp"))
    channels = [c for c in ("email", "sms", "whatsapp") if c != "email" or content[workspace.locale].subject or "subject" in email]
    return Message(
        name=name, version=short_hash(shaped.node.data()), content=content, title=str(shaped.get("title", name)),
        message_class=cast("Any", shaped.get("class")), topic=cast("str | None", topic), expires=cast("int | None", shaped.get("expires")),
        sender=str(shaped.get("sender", "default")),
        email=EmailOptions(_locales(email, "subject", workspace), _locales(email, "body", workspace), str(email.get("layout", "default"))),
        sms=SmsOptions(
            _locales(sms, "body", workspace), str(sms.get("layout", "default")), cast("int", sms.get("max_segments", 4)),
            cast("Any", sms.get("over", "next_channel")), cast("Any", sms.get("encoding", "auto")),
        ),
        whatsapp=WhatsappOptions(
            _locales(whatsapp, "body", workspace), str(whatsapp.get("layout", "default")), cast("dict[str, str]", whatsapp.get("content_sid", {})),
            {key: one.text for key, one in cast("dict[str, Node]", whatsapp.get("variables", {})).items()}, cast("Any", whatsapp.get("category")),
        ),
        variants=read_variants(shaped.get("variants"), content, shaped, reading), channels=tuple(channels), file=reading.file, offer=cast("Any", shaped.get("offer", "none")),  # type: ignore[arg-type]  # names of channels
    )  # fmt: skip


def _topic_fix(topic: object, topics: list[str]) -> str:
    """A topic that is there, or where one is declared."""
    if not topics:
        return "declare it under `topics` of policies.yaml"
    return nearest(str(topic), topics) if topic is not None else f"add `topic: {topics[0]}`"


def _options(shaped: Shaped, channel: str) -> dict[str, object]:
    channels = shaped.get("channels")
    found = channels.get(channel) if isinstance(channels, Shaped) else None
    return found.values if isinstance(found, Shaped) else {}


def _locales(options: dict[str, object], key: str, workspace: Workspace) -> dict[str, str]:
    found = cast("dict[str, str]", options.get(key, {}))
    return {locale or workspace.locale: text for locale, text in found.items()}
