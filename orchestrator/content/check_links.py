"""M013: every address a person can follow is https on a host the workspace lists, whatever the data."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from jinja2 import TemplateSyntaxError
from markdown_it import MarkdownIt

from orchestrator.content.links import on_hosts
from orchestrator.content.markdown import BARE
from orchestrator.content.printed import Path, Printed
from orchestrator.content.printing import CLOSE, OPEN
from orchestrator.expressions.environment import TemplateEnvironment
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.content_problem import ContentProblem

_MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
_OURS = frozenset(("action.url", "unsubscribe_url", "preferences_url", "why_url"))


def check_url(url: str, path: Path, hosts: Sequence[str]) -> Iterator[ContentProblem]:
    """One address as a template: its host must be written out, and end before the first value."""
    if not _listed(_marked(url)[0], hosts):
        yield _problem(path, url, hosts)


def check_links(text: str, path: Path, printed: Sequence[Printed], hosts: Sequence[str]) -> Iterator[ContentProblem]:
    """All addresses of a Markdown text. `printed` is what the text prints, in its order."""
    marked, values = _marked(text)
    for url in _addresses(marked):
        if url.startswith(OPEN):
            index = int(url[1 : url.index(CLOSE)])
            if index < len(printed) and printed[index].canonical in _OURS:
                continue
        if not url.startswith(("mailto:", "tel:")) and not _listed(url, hosts):
            yield _problem(path, _MARK.sub(lambda found: values[int(found[1])], url), hosts)


def _problem(path: Path, url: str, hosts: Sequence[str]) -> ContentProblem:
    what, fix = _wrong(url, hosts)
    near = url.partition("{{")[0] or f"]({url}"
    return ContentProblem("M013", path, f"{url[:80]}: {what}", "people must recognise where a link leads", fix, near=near)


def _wrong(url: str, hosts: Sequence[str]) -> tuple[str, str]:
    """What is wrong with it and what repairs it."""
    written, value, _rest = url.partition("{{")
    scheme, mark, rest = written.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    listed = on_hosts(f"https://{rest}", hosts)
    add = f"add {host} to `links.hosts` in concierge.yaml"
    if not mark or not host:
        return "not https, or its host is not listed", "write it out: https://, a host of `links.hosts`, and the path"
    if scheme != "https":
        return "not https", "write https://" if listed else f"write https://, and {add}"
    if value and rest == host:
        return "its host is not written out", "end the host with / before the value" if listed else f"write / before the value, and {add}"
    fix = nearest(host, (one for one in hosts if not one.startswith("*")), closely=True)
    return "its host is not listed", fix if fix.startswith("did you mean") else add


def _listed(url: str, hosts: Sequence[str]) -> bool:
    """A value right after the host could make another host of it: `https://example.com{{ x }}`."""
    written, value, _rest = url.partition(OPEN)
    return written.startswith("https://") and on_hosts(written + ("x" if value else ""), hosts)


def _marked(text: str) -> tuple[str, list[str]]:
    """Printed values as marks, numbered in the order of the text, and as they are written; all else of the template engine is left out."""
    parts: list[str] = []
    values: list[str] = []
    inside = False
    try:
        for _line, kind, value in TemplateEnvironment().lex(text):
            if kind == "variable_begin":
                parts.append(f"{OPEN}{len(values)}{CLOSE}")
                values.append(value)
                inside = True
            elif inside:
                values[-1] += value
                inside = kind != "variable_end"
            elif kind == "data":
                parts.append(value)
    except TemplateSyntaxError:
        return "", []
    return "".join(parts), values


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline", "code", "fence", "backticks", "image"])
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]  # marks stay as they are
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005  (what is wrong with it is said here)
    return parser


def _addresses(text: str) -> Iterator[str]:
    for block in _parser().parse(text):
        depth = 0
        for token in block.children or ():
            if token.type == "link_open":
                yield str(token.attrGet("href") or "")
            depth += token.nesting if token.type in ("link_open", "link_close") else 0
            if token.type == "text" and not depth:
                yield from (found[0] for found in BARE.finditer(token.content))
