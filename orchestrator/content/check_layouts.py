"""Layouts of a message: they are there and parse, carry the legal lines of marketing, the action and the sign-off (M015, M020, M007, M014)."""

from collections.abc import Iterator
from dataclasses import replace

from orchestrator.content.presence import Optional
from orchestrator.content.printed import OFFER, Path, analyse
from orchestrator.content.uses import Uses
from orchestrator.contracts.topics import Channel
from orchestrator.workspace.content_problem import ContentProblem
from orchestrator.workspace.message import Message
from orchestrator.workspace.workspace import Workspace

_FILES: dict[Channel, tuple[str, ...]] = {"email": ("email.html", "email.txt"), "sms": ("sms.txt",), "whatsapp": ("whatsapp.txt",)}
_NAMES = ("content", "subject", "preheader", "image", "sender", "unsubscribe_url", "preferences_url", "why_url")
_LEGAL = ("unsubscribe_url", "brand.postal_address")
SIGN_OFF = "brand.voice.sign_off"


def check_layouts(message: Message, uses: Uses, workspace: Workspace) -> Iterator[ContentProblem]:
    """Of the channels that journeys send it on."""
    chosen = {"email": message.email.layout, "sms": message.sms.layout, "whatsapp": message.whatsapp.layout}
    for channel in sorted(uses.channels):
        path: Path = ("channels", channel, "layout")
        for ending in _FILES[channel]:
            name = f"{chosen[channel]}.{ending}"
            source = workspace.layouts.get(name)
            if source is None:
                there = ", ".join(sorted(one for one in workspace.layouts if one.endswith(ending)))
                yield ContentProblem(
                    "M015", path, f"no layout {name}", f"the message is sent on {channel}", f"there are: {there or 'none'}; add templates/layouts/{name}"
                )  # fmt: skip
            else:
                for problem in _layout(name, source, path, message, uses, workspace):
                    yield replace(problem, layout=name)


def _layout(name: str, source: str, path: Path, message: Message, uses: Uses, workspace: Workspace) -> Iterator[ContentProblem]:
    vocabulary = uses.vocabulary.with_names(**dict.fromkeys(_NAMES))
    printed, problems = analyse(source, path, vocabulary, _optional(message, uses))
    for problem in problems:
        yield replace(problem, what=f"layout {name}: {problem.what}")
    forms = {one.canonical.partition("|")[0] for one in printed}
    if "content" not in forms:
        yield ContentProblem("M015", path, f"layout {name} does not print the content", "the text would be lost", "add {{ content }}")
    if ("marketing" in uses.classes or uses.offers) and name.split(".")[1] == "email":
        for wanted in (one for one in _LEGAL if one not in forms):
            yield ContentProblem(
                "M020", path, f"layout {name} lacks `{wanted}`", "a mail with marketing in it must say who sends it and how to leave", f"add {{{{ {wanted} }}}}"
            )  # fmt: skip
    if name.endswith(".html") and "action.url" not in forms and any(content.action for content in message.content.values()):
        yield ContentProblem("M007", path, f"layout {name} does not show the action", "every channel asks for the same thing", "add {{ action.url }}")  # fmt: skip
    if workspace.brand.sign_off and SIGN_OFF not in forms:
        yield ContentProblem("M014", path, f"layout {name} has no sign-off", "the brand's voice ends with one", f"add {{{{ {SIGN_OFF} }}}}")


def _optional(message: Message, uses: Uses) -> Optional:
    """Names of a layout that this message does not always fill, and what comes with them."""
    contents = message.content.values()
    groups: list[tuple[tuple[str, ...], ...]] = [OFFER]
    if any(one.action is None for offer in uses.offers for one in offer.content.values()):
        groups.append((("offer", "action"), ("offer", "action", "url"), ("offer", "action", "label")))
    if any(not one.preheader for one in contents):
        groups.append((("preheader",),))
    if any(not one.subject for one in contents):
        groups.append((("subject",),))
    if any(one.action is None for one in contents):
        groups.append((("action",), ("action", "url"), ("action", "label")))
    if any(one.image is None for one in contents):
        groups.append((("image",), ("image", "url"), ("image", "alt")))
    if message.topic is None or "transactional" in uses.classes:
        groups.append((("unsubscribe_url",), ("preferences_url",), ("why_url",)))
    return {path: frozenset(".".join(one) for one in group) for group in groups for path in group}
