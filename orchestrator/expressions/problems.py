"""What is wrong with an expression or a template: code, place, reason, fix."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`column` is the 0-based offset in the text, `line` the 0-based line in a template."""

    code: str
    what: str
    why: str
    fix: str
    column: int = 0
    line: int = 0


class ExpressionError(ValueError):
    """All problems of one expression at once."""

    def __init__(self, text: str, problems: Iterable[Problem]) -> None:
        self.text = text
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.code} {p.what}" for p in self.problems))


def nearest(word: str, words: Iterable[str], otherwise: str = "one of") -> str:
    """`did you mean 'x'?`, else the words there are."""
    known = sorted(set(words))
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.7)
    if close:
        return f"did you mean '{close[0]}'?"
    shown = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")
    return f"{otherwise}: {shown}" if shown else "there is none here"
