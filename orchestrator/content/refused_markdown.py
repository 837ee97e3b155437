"""Markdown that not every channel can show: tables, raw HTML, code, pictures (lint: M016)."""

from functools import lru_cache

from markdown_it import MarkdownIt

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


def refused_markdown(source: str) -> list[str]:
    """What of it is refused, each kind once, in the order of the text."""
    found = [one.type for token in _parser().parse(without_code(source)) for one in (token, *(token.children or ()))]
    return list(dict.fromkeys(_REFUSED[kind] for kind in found if kind in _REFUSED))
