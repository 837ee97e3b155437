"""Shared passages: `{% include "opening_hours.md" %}` is replaced by the snippet's text, in the locale at hand where it has one.

Replaced in the source, so that a snippet sees the names around it and goes through the same checks.
"""

import re
from collections.abc import Mapping

from orchestrator.content.locale_chain import chain

INCLUDE = re.compile(r"""\{%[-+]?\s*include\s+(?:"([^"]+)"|'([^']+)')\s*[-+]?%\}""")
DEEPEST = 3
"""Snippets within snippets."""


class SnippetError(ValueError):
    """A snippet is not there, or holds itself."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(what)
        self.name = name


def expand(text: str, snippets: Mapping[str, str], locale: str, default: str, depth: int = 0) -> str:
    """The text with its snippets. Raises SnippetError."""
    if "include" not in text:
        return text

    def passage(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if depth == DEEPEST:
            raise SnippetError(name, f"snippets nest deeper than {DEEPEST}, or hold each other")
        source = find(name, snippets, locale, default)
        if source is None:
            raise SnippetError(name, f"no snippet '{name}'")
        return expand(source.rstrip("\n"), snippets, locale, default, depth + 1)

    return INCLUDE.sub(passage, text)


def find(name: str, snippets: Mapping[str, str], locale: str, default: str) -> str | None:
    """`opening_hours.de.md` wins for `de`; sub-folders mean nothing."""
    by_name = {path.rsplit("/", 1)[-1]: text for path, text in snippets.items()}
    stem, dot, ending = name.rpartition(".")
    for one in chain(locale, default):
        found = by_name.get(f"{stem}.{one}{dot}{ending}")
        if found is not None:
            return found
    return by_name.get(name)
