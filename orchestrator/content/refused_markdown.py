"""Markdown that not every channel can show: tables, raw HTML, code, pictures (lint: M016)."""

from dataclasses import dataclass
from functools import lru_cache

from jinja2 import TemplateSyntaxError
from markdown_it import MarkdownIt
from markdown_it.token import Token

from orchestrator.expressions.environment import TemplateEnvironment

_REFUSED = {
    "table_open": "a table",
    "html_block": "raw HTML",
    "html_inline": "raw HTML",
    "fence": "code",
    "code_inline": "code",
    "image": "a picture in the text",
}
"""Text that is merely indented is no code here: it is what stands inside an `if`."""


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable("table").disable("code")


@dataclass(frozen=True, slots=True)
class Refused:
    """`near` is what it looks like, `line` where it begins in the text, from 1."""

    what: str
    near: str
    line: int


def refused_markdown(source: str) -> list[Refused]:
    """What of it is refused, each kind once, in the order of the text."""
    written, lines = _written(source)
    found: dict[str, Refused] = {}
    for block in _parser().parse(written):
        for one in (block, *(block.children or ())):
            if one.type in _REFUSED:
                begin = (one.map or block.map or [0])[0]
                line = lines[min(begin, len(lines) - 1)]
                found.setdefault(_REFUSED[one.type], Refused(_REFUSED[one.type], _look(one, source, line), line))
    return list(found.values())


def _written(source: str) -> tuple[str, list[int]]:
    """The text without what belongs to the template engine, and for each of its lines the line of the source."""
    parts: list[str] = []
    lines = [1]
    try:
        for number, kind, text in TemplateEnvironment().lex(source):
            if kind == "data":
                if not "".join(parts).rpartition("\n")[2]:
                    lines[-1] = number
                parts.append(text)
                lines += range(number + 1, number + 1 + text.count("\n"))
            elif kind == "variable_begin":
                parts.append("x")
    except TemplateSyntaxError:
        return source, list(range(1, source.count("\n") + 2))
    return "".join(parts), lines


def _look(token: Token, source: str, line: int) -> str:
    """The first of it as it is written, where it can be told."""
    match token.type:
        case "code_inline" | "fence":
            return token.markup
        case "html_block" | "html_inline":
            return token.content.strip().split("\n", 1)[0]
        case "image":
            return "!["
        case _:
            return source.split("\n")[line - 1].strip()
