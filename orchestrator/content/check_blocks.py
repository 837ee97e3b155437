"""Blocks: passages that may lack a value, and then print their fallback."""

from collections.abc import Iterator

from orchestrator.content.check_body import check_body, snippet_problem
from orchestrator.content.printed import Path, analyse
from orchestrator.content.snippets import SnippetError, expand
from orchestrator.content.uses import Uses
from orchestrator.workspace.content_problem import ContentProblem
from orchestrator.workspace.message import LocaleContent
from orchestrator.workspace.workspace import Workspace


def check_blocks(content: LocaleContent, base: Path, locale: str, uses: Uses, workspace: Workspace) -> Iterator[ContentProblem]:
    """M017 without a fallback; E codes in both texts; M005 in the fallback only: the body may miss what it prints."""
    for name, block in content.blocks.items():
        if block.fallback is None:
            yield ContentProblem(
                "M017", (*base, "blocks", name), f"block '{name}' has no fallback", "where a value is missing the whole message is refused",
                'fallback: "" or another wording',
            )  # fmt: skip
        for key, source in (("body", block.body), ("fallback", block.fallback)):
            if source is None:
                continue
            path: Path = (*base, "blocks", name, key)
            try:
                text = expand(source, workspace.snippets, locale, workspace.locale)
            except SnippetError as error:
                yield from snippet_problem(error, path, workspace)
                continue
            printed, problems = analyse(text, path, uses.vocabulary)
            yield from (problem for problem in problems if problem.code != "M005" or key == "fallback")
            yield from check_body(text, path, printed, workspace)
