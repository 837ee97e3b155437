"""The content of a message in one locale, as it is written."""

from typing import cast

from orchestrator.workspace.message import Action, Block, Image, LocaleContent
from orchestrator.workspace.shape import EXPRESSION, NAME_TEXT, Key, ListOf, MapOf, Mapped, Shaped, Text
from orchestrator.workspace.yaml_node import Node

TEMPLATE = Text(template=True)
_URL = Text(template=True, filled=True)
CONTENT = Mapped({
    "subject": Key(TEMPLATE), "preheader": Key(TEMPLATE), "body": Key(Text(template=True, filled=True), required=True), "facts": Key(ListOf(EXPRESSION)),
    "action": Key(Mapped({"label": Key(TEMPLATE, required=True), "url": Key(_URL, required=True)}, what="action")),
    "image": Key(Mapped({
        "url": Key(_URL, required=True, text="of a picture: in the mail, and the media header on WhatsApp"), "alt": Key(TEMPLATE, text="what it shows, for those who read without pictures (M024)"),
    }, what="image")),
    "blocks": Key(MapOf(Mapped({"body": Key(TEMPLATE, required=True), "fallback": Key(TEMPLATE)}, what="a block"), NAME_TEXT)),
}, what="content")  # fmt: skip


def content_of(one: Shaped) -> LocaleContent:
    """What of it was given; the rest is empty."""
    action, image, facts, blocks = (one.get(key) for key in ("action", "image", "facts", "blocks"))
    return LocaleContent(
        body=str(one.get("body", "")), subject=cast("str | None", one.get("subject")), preheader=cast("str | None", one.get("preheader")),
        facts=tuple(node.text for node in facts if isinstance(node, Node)) if isinstance(facts, list) else (),
        action=Action(str(action.get("label", "")), str(action.get("url", ""))) if isinstance(action, Shaped) else None,
        image=Image(str(image.get("url", "")), str(image.get("alt", ""))) if isinstance(image, Shaped) else None,
        blocks={k: Block(str(b.get("body", "")), cast("str | None", b.get("fallback"))) for k, b in blocks.items() if isinstance(b, Shaped)} if isinstance(blocks, dict) else {},
    )  # fmt: skip
