"""Markdown that not every channel can show: tables, raw HTML, code, pictures (lint: M016)."""

from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from orchestrator.content.static_text import without_code

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


def refused_markdown(source: str) -> list[tuple[str, str]]:
    """What of it is refused and what it looks like there, each kind once, in the order of the text."""
    found: dict[str, str] = {}
    for block in _parser().parse(without_code(source)):
        for one in (block, *(block.children or ())):
            if one.type in _REFUSED:
                found.setdefault(_REFUSED[one.type], _look(one))
    return list(found.items())


def _look(token: Token) -> str:
    """The first of it as it is written, where it can be told."""
    match token.type:
        case "code_inline" | "fence":
            return token.markup
        case "html_block" | "html_inline":
            return token.content.strip().split("\n", 1)[0]
        case "image":
            return "!["
        case _:
            return "|"
