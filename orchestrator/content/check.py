"""What lint says of a message's content. All of it is read off the parsed templates: nothing needs sample data."""

import re
from collections.abc import Iterable, Iterator

from orchestrator.content.check_channels import check_channels
from orchestrator.content.check_facts import BODIES, check_facts
from orchestrator.content.check_layouts import check_layouts
from orchestrator.content.check_links import check_links, check_url
from orchestrator.content.printed import Path, Printed, analyse, check_expression
from orchestrator.content.refused_markdown import refused_markdown
from orchestrator.content.static_text import without_code
from orchestrator.content.uses import Uses, uses_of
from orchestrator.workspace.load import ContentProblem
from orchestrator.workspace.message import LocaleContent, Message
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace

Texts = Iterable[tuple[str, Path, str | None]]


def check_message(message: Message, workspace: Workspace, words: Vocabularies) -> Iterator[ContentProblem]:
    """All problems of one message; `path` of each leads to its place in the file."""
    uses = uses_of(message, workspace, words)
    for locale, content in message.content.items():
        yield from _locale(message, locale, content, workspace, uses)
    for number, text in message.whatsapp.variables.items():
        yield from check_expression(text, ("channels", "whatsapp", "variables", number), uses.vocabulary)
    yield from check_channels(message)
    yield from check_layouts(message, uses, workspace)


def _locale(message: Message, locale: str, content: LocaleContent, workspace: Workspace, uses: Uses) -> Iterator[ContentProblem]:
    printed: dict[str, list[Printed]] = {}
    for name, path, text in _texts(message, locale, content):
        if text is None:
            continue
        printed[name], problems = analyse(text, path, uses.vocabulary)
        yield from problems
        yield from _voice(text, path, workspace.brand.banned)
        if name in BODIES:
            for what in refused_markdown(text):
                yield ContentProblem(
                    "M016", path, what, "not every channel can show it", "use plain Markdown: bold, italic, lists, links, headings"
                )
            yield from check_links(text, path, printed[name], workspace.links.hosts)
    if content.action is not None:
        yield from check_url(content.action.url, ("content", locale, "action", "url"), workspace.links.hosts)
    if content.image is not None:
        yield from check_url(content.image.url, ("content", locale, "image", "url"), workspace.links.hosts)
    for index, fact in enumerate(content.facts):
        yield from check_expression(fact, ("content", locale, "facts", index), uses.vocabulary)
    yield from check_facts(message, locale, printed)


def _texts(message: Message, locale: str, content: LocaleContent) -> Texts:
    """(name, path, template) of every text of a locale; None where it has none."""
    base: Path = ("content", locale)
    yield "subject", (*base, "subject"), content.subject
    yield "preheader", (*base, "preheader"), content.preheader
    yield "body", (*base, "body"), content.body
    if content.action is not None:
        yield "label", (*base, "action", "label"), content.action.label
        yield "url", (*base, "action", "url"), content.action.url
    if content.image is not None:
        yield "image", (*base, "image", "url"), content.image.url
        yield "alt", (*base, "image", "alt"), content.image.alt
    yield "email subject", ("channels", "email", "subject", locale), message.email.subject.get(locale)
    yield "email", ("channels", "email", "body", locale), message.email.body.get(locale)
    yield "sms", ("channels", "sms", "body", locale), message.sms.body.get(locale)
    yield "whatsapp", ("channels", "whatsapp", "body", locale), message.whatsapp.body.get(locale)


def _voice(text: str, path: Path, banned: Iterable[str]) -> Iterator[ContentProblem]:
    """Whole words in any case; a mark like `!!` is found beside letters too."""
    written = " ".join(without_code(text).split())
    for word in banned:
        pattern = (r"\b" if word[:1].isalnum() else "") + re.escape(word) + (r"\b" if word[-1:].isalnum() else "")
        if word.strip() and re.search(pattern, written, re.IGNORECASE):
            yield ContentProblem("M014", path, f"'{word}'", "the brand's voice does not use it", "say it another way")
