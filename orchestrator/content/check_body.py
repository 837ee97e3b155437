"""What every Markdown text is asked: that all channels can show it, that its links are ours, that its snippets are there."""

from collections.abc import Iterator, Sequence

from orchestrator.content.check_links import check_links
from orchestrator.content.printed import Path, Printed
from orchestrator.content.refused_markdown import refused_markdown
from orchestrator.content.snippets import SnippetError
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.content_problem import ContentProblem
from orchestrator.workspace.workspace import Workspace


def check_body(text: str, path: Path, printed: Sequence[Printed], workspace: Workspace) -> Iterator[ContentProblem]:
    """M013 and M016. `printed` is what the text prints, in its order."""
    fix = "use plain Markdown: bold, italic, lists, links, headings"
    for one in refused_markdown(text):
        yield ContentProblem("M016", path, one.what, "not every channel can show it", fix, one.line, near=one.near)
    yield from check_links(text, path, printed, workspace.links.hosts)


def snippet_problem(error: SnippetError, path: Path, workspace: Workspace) -> Iterator[ContentProblem]:
    """M015. A snippet that is there in other locales only wants one for everybody else."""
    there = {one.rsplit("/", 1)[-1] for one in workspace.snippets}
    stem = error.name.removesuffix(".md")
    others = sorted(one for one in there if one.startswith(f"{stem}.") and one != error.name)
    fix = (
        f"there is {', '.join(others)}; add templates/snippets/{error.name} for everybody else"
        if others
        else nearest(error.name, there, "there are")
    )
    yield ContentProblem("M015", path, str(error), "snippets stand in templates/snippets", fix, near=error.name)
