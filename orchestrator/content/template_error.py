"""Where a text is no template, and what is meant there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError

from orchestrator.expressions.problems import ExpressionError, nearest
from orchestrator.expressions.syntax import parse

_MARK = re.compile(r"(?P<open>\{\{|\{%)(?:(?<=\{\{)-?(?P<value>.*?)-?\}\}|(?<=\{%)-?\s*(?P<tag>\w*)(?P<rest>.*?)-?%\})?", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_TAGS = ("if", "elif", "else", "endif", "for", "endfor", "set", "include")
_BEFORE = {"if": r"", "elif": r"", "for": r".*?\bin\b", "set": r"[^=]*="}
"""What stands before the expression of a block."""


@dataclass(frozen=True, slots=True)
class TemplateError:
    """`at` is the offset in the text."""

    what: str
    why: str
    fix: str
    at: int


def template_error(text: str, error: TemplateSyntaxError) -> TemplateError:
    """The first thing that is wrong with it, in plain words; the parser's where we know no better."""
    start = sum(len(row) for row in text.splitlines(keepends=True)[: error.lineno - 1])
    other = TemplateError(str(error.message), "this is not a template", "check braces and quotes", start)
    return next(_errors(_COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)), other)


def _errors(text: str) -> Iterator[TemplateError]:
    opened: list[tuple[str, int]] = []
    for mark in _MARK.finditer(text):
        inside = mark["value"] if mark["value"] is not None else mark["rest"]
        if inside is None or "{{" in inside or "{%" in inside:
            closes = "}}" if mark["open"] == "{{" else "%}"
            yield TemplateError(f"`{mark['open']}` is not closed", "braces stand in pairs", f"close it with `{closes}`", mark.start())
        elif mark["value"] is not None:
            yield from _expression(mark["value"], mark.start("value"))
        else:
            yield from _block(mark["tag"], mark, opened)
    for tag, at in opened:
        why = "every block ends where it is said to"
        yield TemplateError(f"`{{% {tag} %}}` has no `{{% end{tag} %}}`", why, f"add `{{% end{tag} %}}` behind its text", at)


def _block(tag: str, mark: re.Match[str], opened: list[tuple[str, int]]) -> Iterator[TemplateError]:
    """One `{% … %}`; `opened` are the blocks that are not closed yet."""
    if tag not in _TAGS:
        why = "templates print, choose and repeat; nothing else"
        yield TemplateError(f"no block '{tag}'", why, nearest(tag, _TAGS, closely=True), mark.start("tag"))
    elif tag in ("if", "for"):
        opened.append((tag, mark.start()))
    elif tag.startswith("end"):
        if not opened or opened[-1][0] != tag[3:]:
            inner = f"`{{% {opened[-1][0]} %}}` is open here" if opened else "nothing is open here"
            fix = f"write `{{% end{opened[-1][0]} %}}`" if opened else "remove it, or open the block above"
            yield TemplateError(f"`{{% {tag} %}}` closes nothing", inner, fix, mark.start())
        else:
            opened.pop()
    elif tag in ("elif", "else") and not opened:
        yield TemplateError(f"`{{% {tag} %}}` stands alone", "no `{% if %}` is open here", "open one above, or remove it", mark.start())
    before = re.match(_BEFORE[tag], mark["rest"], re.DOTALL) if tag in _BEFORE else None
    if before is not None:
        yield from _expression(mark["rest"][before.end() :], mark.start("rest") + before.end())


def _expression(text: str, start: int) -> Iterator[TemplateError]:
    if not text.strip():
        yield TemplateError("an empty expression", "there is nothing to print or to ask", "write one, or remove the braces", start)
        return
    try:
        parse(text)
    except ExpressionError as error:
        yield from (TemplateError(one.what, one.why, one.fix, start + one.column) for one in error.problems if one.code == "E001")
