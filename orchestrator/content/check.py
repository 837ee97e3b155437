"""What lint says of a message's content. All of it is read off the parsed templates: nothing needs sample data."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from orchestrator.content.check_blocks import check_blocks
from orchestrator.content.check_body import check_body, snippet_problem
from orchestrator.content.check_channels import check_channels
from orchestrator.content.check_facts import BODIES, check_facts
from orchestrator.content.check_layouts import check_layouts
from orchestrator.content.check_links import check_url
from orchestrator.content.check_locales import check_locales
from orchestrator.content.check_offers import check_offers
from orchestrator.content.check_senders import check_senders
from orchestrator.content.check_unprinted import check_unprinted
from orchestrator.content.printed import Path, Printed, analyse, check_expression
from orchestrator.content.snippets import INCLUDE, SnippetError, expand
from orchestrator.content.static_text import without_code
from orchestrator.content.uses import Uses, uses_of
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.content_problem import ContentProblem
from orchestrator.workspace.message import LocaleContent, Message
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace

Texts = Iterable[tuple[str, Path, str | None]]


def check_message(message: Message, workspace: Workspace, words: Vocabularies) -> Iterator[ContentProblem]:
    """All problems of one message; `path` of each leads to its place in the file."""
    yield from check_senders(_problems(message, workspace, words), message, workspace, words)


def _problems(message: Message, workspace: Workspace, words: Vocabularies) -> Iterator[ContentProblem]:
    uses = uses_of(message, workspace, words)
    yield from check_locales(message)
    for name, text in workspace.links.utm.items():
        _printed, problems = analyse(text, ("links", "utm", name), uses.vocabulary)
        # a campaign parameter whose value is missing is left out
        yield from (replace(problem, file="config/concierge.yaml") for problem in problems if problem.code != "M005")
    own = {locale: tuple(_locale(message, ("content", locale), locale, one, workspace, uses)) for locale, one in message.content.items()}
    for found in own.values():
        yield from found
    for index, variant in enumerate(message.variants):
        for locale, content in variant.content.items():
            if content != (below := message.content[locale]):
                base = ("variants", index, "content", locale)
                yield from _not_below(_locale(message, base, locale, content, workspace, uses), base, (content, below), own[locale])
    for number, text in message.whatsapp.variables.items():
        yield from check_expression(text, ("channels", "whatsapp", "variables", number), uses.vocabulary)
    yield from check_channels(message, uses)
    yield from check_layouts(message, uses, workspace)
    yield from check_offers(uses, workspace, _voice)


def _not_below(
    problems: Iterable[ContentProblem], base: Path, contents: tuple[LocaleContent, LocaleContent], below: Iterable[ContentProblem]
) -> Iterator[ContentProblem]:
    """Of a variant's problems those that are not said of the message itself already: what is wrong in a part that the variant takes over
    from it stands there alone. `contents`: the variant's and the message's."""
    said = {(one.code, one.what, one.path[len(("content", "locale")) :]) for one in below}
    for problem in problems:
        inside = problem.path[len(base) :] if problem.path[: len(base)] == base else ()
        if not ((problem.code, problem.what, inside) in said and inside and _part(contents[0], inside) == _part(contents[1], inside)):
            yield problem


def _part(content: LocaleContent, path: Path) -> object:
    """The text a path leads into: one block, or one of the other parts."""
    return content.blocks.get(str(path[1])) if path[0] == "blocks" and len(path) > 1 else getattr(content, str(path[0]), None)


def _locale(
    message: Message, base: Path, locale: str, content: LocaleContent, workspace: Workspace, uses: Uses
) -> Iterator[ContentProblem]:
    """One locale of the message or of a variant; `base` is where it stands."""
    printed: dict[str, list[Printed]] = {}
    unread: set[str] = set()
    names = uses.vocabulary.with_names(blocks=frozenset(content.blocks))
    vocabulary = replace(names, required=names.required | {("blocks", name) for name in content.blocks})
    for name, path, source in _texts(message, base, locale, content):
        if source is None:
            continue
        text, moved = source, False
        if name in BODIES:
            try:
                text = expand(source, workspace.snippets, locale, workspace.locale)
                moved = text != source
            except SnippetError as error:
                yield from snippet_problem(error, path, workspace)
                continue
        printed[name], problems = analyse(text, path, vocabulary if name in BODIES else uses.vocabulary)
        if any(one.code.startswith("E") for one in problems):
            unread.add(name)
        yield from _placed(problems, source, path, vocabulary) if moved else problems
        yield from _voice(text, path, workspace.brand.banned)
        yield from check_unprinted(source, path, workspace.profile.traits)
        if name in BODIES:
            found = check_body(text, path, printed[name], workspace)
            yield from _moved(found, source) if moved else found
    if content.action is not None and content.action.url:
        yield from check_url(content.action.url, (*base, "action", "url"), workspace.links.hosts)
    if content.image is not None and content.image.url:
        yield from check_url(content.image.url, (*base, "image", "url"), workspace.links.hosts)
    for index, fact in enumerate(content.facts):
        yield from check_expression(fact, (*base, "facts", index), uses.vocabulary)
    yield from check_blocks(content, base, locale, uses, workspace)
    stated = {name: found for name, found in printed.items() if name not in unread}
    yield from check_facts(message, base, locale, stated, uses.vocabulary)


def _placed(problems: Iterable[ContentProblem], source: str, path: Path, vocabulary: Vocabulary) -> Iterator[ContentProblem]:
    """Of a text with snippets: what is wrong in the text itself stands there, the rest where a snippet is included."""
    own = {(one.code, one.what): one for one in analyse(INCLUDE.sub("", source), path, vocabulary)[1]}
    for problem in problems:
        yield own.get((problem.code, problem.what)) or replace(problem, line=0, near="include")


def _moved(problems: Iterable[ContentProblem], source: str) -> Iterator[ContentProblem]:
    """Of a text with snippets, whose lines are no lines of the file: what is not written in the text itself stands where one is included."""
    for one in problems:
        yield replace(one, line=0, near=one.near if one.near in source else "include")


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
    written = without_code(text)
    for word in banned:
        if not word.strip():
            continue
        spaced = r"\s+".join(re.escape(part) for part in word.split())
        found = re.search((r"\b" if word[:1].isalnum() else "") + spaced + (r"\b" if word[-1:].isalnum() else ""), written, re.IGNORECASE)
        if found is not None:
            yield ContentProblem("M014", path, f"'{word}'", "the brand's voice does not use it", "say it another way", near=found[0])
