"""The calls of functions that stand in an expression, as they are written: what a person is shown next to what each gave."""

import re
from collections.abc import Iterator

from orchestrator.expressions.vocabulary import FUNCTIONS

_WORD = re.compile(r"[A-Za-z_]\w*")


def calls_in(text: str) -> list[str]:
    """Outermost calls in the order of the text, each once. Of an expression that compiles."""
    found: dict[str, None] = {}
    at = 0
    while at < len(text):
        word = _WORD.match(text, at)
        if text[at] in "'\"":
            at = _after_text(text, at)
        elif word is None:
            at += 1
        else:
            start, at = at, word.end()
            if word[0] in FUNCTIONS and text[at : at + 1] == "(" and text[:start].rstrip()[-1:] != ".":
                at = _after_brackets(text, at)
                found[text[start:at]] = None
    return list(found)


def _after_text(text: str, at: int) -> int:
    """Behind the quoted text that begins here."""
    end = at + 1
    while end < len(text) and text[end] != text[at]:
        end += 2 if text[end] == "\\" else 1
    return min(end + 1, len(text))


def _after_brackets(text: str, at: int) -> int:
    """Behind the bracket that closes the one here."""
    depth = 0
    for end, letter in _outside_texts(text, at):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return end + 1
    return len(text)


def _outside_texts(text: str, at: int) -> Iterator[tuple[int, str]]:
    while at < len(text):
        if text[at] in "'\"":
            at = _after_text(text, at)
        else:
            yield at, text[at]
            at += 1
