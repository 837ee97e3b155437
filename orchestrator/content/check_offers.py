"""The texts of offers, as the messages that may carry them read them: what lint asks of every text it asks of theirs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from orchestrator.content.check_body import check_body, snippet_problem
from orchestrator.content.check_links import check_url
from orchestrator.content.check_locales import known_locale
from orchestrator.content.printed import Path, analyse
from orchestrator.content.snippets import SnippetError, expand
from orchestrator.content.uses import Uses
from orchestrator.workspace.content_problem import ContentProblem
from orchestrator.workspace.offer import OfferContent
from orchestrator.workspace.workspace import Workspace

FILE = "config/offers.yaml"
Voice = Callable[[str, Path, Iterable[str]], Iterator[ContentProblem]]


def check_offers(uses: Uses, workspace: Workspace, voice: Voice) -> Iterator[ContentProblem]:
    """Of the offers that one message may carry. `voice` finds words that the brand does not use."""
    for offer in uses.offers:
        for locale, content in offer.content.items():
            base: Path = ("offers", offer.place, "content", locale)
            if not known_locale(locale):
                yield _here(
                    ContentProblem(
                        "Y013", base, f"unknown locale '{locale}'", "content stands by locale", "BCP 47, such as en or de-AT", key=True
                    )
                )
            for problem in _texts(content, base, locale, uses, workspace, voice):
                yield _here(problem)


def _here(problem: ContentProblem) -> ContentProblem:
    return replace(problem, file=FILE)


def _texts(
    content: OfferContent, base: Path, locale: str, uses: Uses, workspace: Workspace, voice: Voice
) -> Iterator[ContentProblem]:  # fmt: skip
    lines = [((*base, "title"), content.title)]
    if content.action is not None:
        lines += [((*base, "action", "label"), content.action.label), ((*base, "action", "url"), content.action.url)]
        yield from check_url(content.action.url, (*base, "action", "url"), workspace.links.hosts)
    for path, text in lines:
        yield from analyse(text, path, uses.vocabulary)[1]
        yield from voice(text, path, workspace.brand.banned)
    path = (*base, "body")
    try:
        text = expand(content.body, workspace.snippets, locale, workspace.locale)
    except SnippetError as error:
        yield from snippet_problem(error, path, workspace)
        return
    printed, problems = analyse(text, path, uses.vocabulary)
    yield from problems
    yield from voice(text, path, workspace.brand.banned)
    yield from check_body(text, path, printed, workspace)
