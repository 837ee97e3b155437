"""The text of an offer on one channel: where nothing of our own says it, it stands before or after what the message says."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from jinja2 import TemplateSyntaxError, nodes
from markupsafe import Markup

from orchestrator.content.markdown import Target
from orchestrator.content.printing import Values
from orchestrator.content.whatsapp_marks import unmarked
from orchestrator.expressions.environment import TemplateEnvironment
from orchestrator.workspace.message import Slot
from orchestrator.workspace.offer import Offer, OfferContent

_BOX = '<div style="margin:8px 0 16px;padding:16px 20px;border:1px solid #d0d5dd;border-radius:8px">\n'
_TITLE = '<p style="margin:0 0 8px;font-weight:bold">'
_LINK = '<p style="margin:0"><a href="{url}" style="font-weight:bold">{label}</a></p>\n'


@dataclass(frozen=True, slots=True)
class Carried:
    """What a message is rendered with: an offer, its text in the message's locale, and where it stands."""

    offer: Offer
    content: OfferContent
    slot: Slot


@dataclass(frozen=True, slots=True)
class OfferText:
    """Rendered but for its channel: `body` is Markdown whose `values` are not put in yet."""

    offer: Offer
    slot: Slot
    title: str
    action: Mapping[str, object] | None
    body: str
    values: Values

    def passage(self, body: str, target: Target) -> str:
        """The whole of it; `body` for this target, its values put in."""
        return passage(self.title, body, self.action, target)

    def names(self, body: str, target: Target) -> dict[str, object]:
        """The name `offer` in texts and layouts. In HTML `body` and `content`, which is all of it, are safe to print."""
        html = target == "html"
        return {
            "name": self.offer.name, "topic": self.offer.topic, "slot": self.slot, "title": self.title, "action": self.action,
            "body": Markup(body) if html else body.strip(), "content": self.passage(body, target),  # noqa: S704  (as `content` of a layout)
        }  # fmt: skip


@lru_cache(maxsize=1_024)
def says_it_itself(source: str) -> bool:
    """A template that prints a field of `offer`: it has a place for it. Asking whether there is one is no place."""
    try:
        outputs = TemplateEnvironment().parse(source).find_all(nodes.Output)
    except TemplateSyntaxError:
        return False
    return any(
        isinstance(inner, nodes.Getattr) and isinstance(inner.node, nodes.Name) and inner.node.name == "offer"
        for output in outputs for one in output.nodes for inner in (one, *one.find_all(nodes.Getattr))
    )  # fmt: skip


def passage(title: str, body: str, action: Mapping[str, object] | None, target: Target) -> str:
    """The whole of it, ready for its channel. `body` is: Markdown of this target, its values put in."""
    if target == "html":
        link = "" if action is None else _LINK.format(url=escape(str(action["url"])), label=escape(str(action["label"])))
        return Markup(f"{_BOX}{_TITLE}{escape(title)}</p>\n{body}{link}</div>\n")  # noqa: S704  (made of escaped values and our own Markdown)
    heads = {"text": title.upper(), "whatsapp": f"*{unmarked(title)}*"}
    link = "" if action is None else f"\n{action['label']}: {action['url']}"
    return f"{heads.get(target, title)}\n{body.strip()}{link}"


def beside(content: str, offer: str, slot: str, target: Target) -> str:
    """Content and offer, in the order of the slot."""
    gap = "" if target == "html" else "\n\n" if target in ("text", "whatsapp") else "\n"
    return f"{offer}{gap}{content}" if slot == "before_body" else f"{content}{gap}{offer}"
