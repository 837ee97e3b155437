"""config/offers.yaml: what messages may carry beside what they say."""

from collections.abc import Iterator
from typing import cast

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.active_period import PERIOD, read_active
from orchestrator.workspace.compiling import condition_at
from orchestrator.workspace.indexes import sends_of
from orchestrator.workspace.message import Action
from orchestrator.workspace.offer import Offer, OfferContent, in_order
from orchestrator.workspace.profile_file import known_topics, read_shape
from orchestrator.workspace.rule_file import short_hash
from orchestrator.workspace.shape import (
    EXPRESSION,
    NAME_TEXT,
    Duration,
    Int,
    Key,
    ListOf,
    MapOf,
    Mapped,
    Number,
    Reading,
    Shape,
    Shaped,
    Text,
)
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

_LINE, _FILLED = Text(template=True), Text(template=True, filled=True)
_CONTENT = Mapped({
    "title": Key(_FILLED, required=True, text="one line"), "body": Key(_FILLED, required=True, text="Markdown"),
    "action": Key(Mapped({"label": Key(_LINE, required=True), "url": Key(_LINE, required=True)}, what="action")),
}, what="an offer's content")  # fmt: skip
_CAP = Mapped({
    "max": Key(Int(1), required=True, text="times"), "per": Key(Duration(), required=True, text="for one customer, in any such time"),
}, what="an offer's cap")  # fmt: skip
_OFFER = Mapped({
    "offer": Key(NAME_TEXT, required=True), "topic": Key(NAME_TEXT, text="whoever has not agreed to it on that channel gets the message without the offer"),
    "when": Key(EXPRESSION, text="for whom: over `customer`, `now` and the `message` that would carry it"), "priority": Key(Int(0, 100), text="the highest that fits goes"),
    "value": Key(Number(), text="what it is worth to you; decides between equal priorities"), "valid": Key(Mapped(PERIOD, what="valid")),
    "cap": Key(_CAP, text="how often one customer sees it"), "only": Key(ListOf(NAME_TEXT, single=True), text="the messages that may carry it; all that have a slot where it is not written"),
    "content": Key(MapOf(_CONTENT), required=True, text="by locale; a message carries only what is written in its own"),
}, what="an offer")  # fmt: skip
FILE = Mapped({"offers": Key(ListOf(_OFFER), required=True)}, what="offers.yaml")
_WANTED = {
    "topic": ("an offer is marketing: consent is asked by topic", "topic: offers"),
    "valid": ("an offer that never ends is none", "valid: {from: 2026-09-01, until: 2026-12-01}"),
    "cap": ("nobody is to meet it in every message", "cap: {max: 2, per: 30d}"),
}


class InATest(Shape):
    """An offer by its name, or in full."""

    example = "faster_line"

    def read(self, node: Node, reading: Reading) -> object:
        return (_OFFER if node.kind == "map" else NAME_TEXT).read(node, reading)

    def schema(self) -> dict[str, object]:
        return {"anyOf": [NAME_TEXT.schema(), _OFFER.schema()]}


def read_offers(node: Node | None, workspace: Workspace, words: Vocabularies, reading: Reading) -> dict[str, Offer]:
    """By name, the one to ask first in front. Nothing without a file."""
    if node is None:
        return {}
    shaped = read_shape(FILE, node, reading)
    if shaped.lost("offers"):
        reading.unread.parts.add("offers")
    given = shaped.get("offers", [])
    found: list[Offer] = []
    for place, one in enumerate(given if isinstance(given, list) else []):
        name = str(one.get("offer", ""))
        if any(name == other.name for other in found):
            reading.bad(one.at("offer"), "P007", f"offer '{name}' stands twice", "an offer's name is its identity", "rename one")
            continue
        offer = _offer(name, place, one, workspace, words, reading)
        if offer is not None:
            found.append(offer)
        else:
            reading.unread.offers.add(name)
    return in_order(found)


def _offer(name: str, place: int, one: Shaped, workspace: Workspace, words: Vocabularies, reading: Reading) -> Offer | None:
    for key, (why, fix) in _WANTED.items():
        if key in one.misspelt:
            continue
        if not one.written(key) or (key == "valid" and isinstance(one.get(key), Shaped) and not cast("Shaped", one.get(key)).values):
            reading.bad(one.at(key) if one.written(key) else one.node, "P010", f"offer '{name}' has no `{key}`", why, f"add `{fix}`")
    topic = one.get("topic")
    if topic is not None:
        known_topics([str(topic)], one.at("topic"), workspace.policies.topics, reading)
    only = cast("list[str] | None", one.get("only"))
    for message in only or ():
        if message not in workspace.messages and message not in reading.unread.messages:
            fix = nearest(message, workspace.messages, "messages")
            reading.bad(one.at("only").item(message), "P002", f"no message '{message}'", "it stands in templates/messages", fix)
    when = condition_at(one.get("when"), words.offer(), reading) if "when" in one else None
    valid = read_active(one.get("valid"), workspace.timezone, reading)
    cap, content = one.get("cap"), one.get("content")
    if not isinstance(cap, Shaped) or "max" not in cap or "per" not in cap or not isinstance(content, dict) or not isinstance(topic, str):
        return None
    return Offer(
        name=name, version=short_hash(one.node.data()), topic=topic, valid=valid, most=cast("int", cap.get("max")), per=cast("int", cap.get("per")),
        content={locale: _content(text) for locale, text in content.items() if isinstance(text, Shaped)}, when=when,
        priority=cast("int", one.get("priority", 50)), value=cast("float", one.get("value", 0)), only=None if only is None else frozenset(only), place=place,
    )  # fmt: skip


def _content(one: Shaped) -> OfferContent:
    action = one.get("action")
    return OfferContent(
        str(one.get("title", "")),
        str(one.get("body", "")),
        Action(str(action.get("label", "")), str(action.get("url", ""))) if isinstance(action, Shaped) else None,
    )


def never_shown(workspace: Workspace, node: Node | None) -> Iterator[tuple[Node, str]]:
    """Offers that no message carries: where they stand, and what to say of it."""
    slots = {one.message for journey in workspace.journeys.values() for one in sends_of(journey) if one.offer not in (None, "none")}
    slots |= {name for name, message in workspace.messages.items() if message.offer != "none"}
    for offer in workspace.offers.values():
        if node is not None and slots.isdisjoint(workspace.messages if offer.only is None else offer.only):
            yield node.entries["offers"].items[offer.place], f"'{offer.name}' is never shown"
