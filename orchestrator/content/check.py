"""What lint says of a message's content. All of it is read off the parsed templates: nothing needs sample data."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from orchestrator.content.check_blocks import check_blocks
from orchestrator.content.check_channels import check_channels
from orchestrator.content.check_facts import BODIES, check_facts
from orchestrator.content.check_layouts import check_layouts
from orchestrator.content.check_links import check_links, check_url
from orchestrator.content.printed import Path, Printed, analyse, check_expression
from orchestrator.content.refused_markdown import refused_markdown
from orchestrator.content.snippets import SnippetError, expand
from orchestrator.content.static_text import without_code
from orchestrator.content.uses import Uses, uses_of
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.load import ContentProblem
from orchestrator.workspace.message import LocaleContent, Message
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace

Texts = Iterable[tuple[str, Path, str | None]]


def check_message(message: Message, workspace: Workspace, words: Vocabularies) -> Iterator[ContentProblem]:
    """All problems of one message; `path` of each leads to its place in the file."""
    uses = uses_of(message, workspace, words)
    for locale, content in message.content.items():
        yield from _locale(message, ("content", locale), locale, content, workspace, uses)
    for index, variant in enumerate(message.variants):
        for locale, content in variant.content.items():
            if content != message.content[locale]:
                yield from _locale(message, ("variants", index, "content", locale), locale, content, workspace, uses)
    for number, text in message.whatsapp.variables.items():
        yield from check_expression(text, ("channels", "whatsapp", "variables", number), uses.vocabulary)
    yield from check_channels(message)
    yield from check_layouts(message, uses, workspace)


def _locale(
    message: Message, base: Path, locale: str, content: LocaleContent, workspace: Workspace, uses: Uses
) -> Iterator[ContentProblem]:
    """One locale of the message or of a variant; `base` is where it stands."""
    printed: dict[str, list[Printed]] = {}
    names = uses.vocabulary.with_names(blocks=frozenset(content.blocks))
    vocabulary = replace(names, required=names.required | {("blocks", name) for name in content.blocks})
    for name, path, source in _texts(message, base, locale, content):
        if source is None:
            continue
        text = source
        if name in BODIES:
            try:
                text = expand(source, workspace.snippets, locale, workspace.locale)
            except SnippetError as error:
                there = [one.rsplit("/", 1)[-1] for one in workspace.snippets]
                yield ContentProblem(
                    "M015", path, str(error), "snippets stand in templates/snippets", nearest(error.name, there, "there are")
                )
                continue
        printed[name], problems = analyse(text, path, vocabulary if name in BODIES else uses.vocabulary)
        yield from problems
        yield from _voice(text, path, workspace.brand.banned)
        if name in BODIES:
            yield from _body(text, path, printed[name], workspace)
    if content.action is not None:
        yield from check_url(content.action.url, (*base, "action", "url"), workspace.links.hosts)
    if content.image is not None:
        yield from check_url(content.image.url, (*base, "image", "url"), workspace.links.hosts)
    for index, fact in enumerate(content.facts):
        yield from check_expression(fact, (*base, "facts", index), uses.vocabulary)
    yield from check_blocks(content, base, locale, uses, workspace)
    yield from check_facts(message, base, locale, printed)


def _body(text: str, path: Path, printed: list[Printed], workspace: Workspace) -> Iterator[ContentProblem]:
    for what in refused_markdown(text):
        yield ContentProblem(
            "M016", path, what, "not every channel can show it", "use plain Markdown: bold, italic, lists, links, headings"
        )
    yield from check_links(text, path, printed, workspace.links.hosts)


def _texts(message: Message, base: Path, locale: str, content: LocaleContent) -> Texts:
    """(name, path, template) of every text of a locale; None where it has none."""
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
