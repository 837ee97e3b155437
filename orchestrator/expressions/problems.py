"""What is wrong with an expression or a template: code, place, reason, fix."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from orchestrator.expressions.other_words import ours

Form = Literal["", "name", "field", "filter", "text"]
"""As what a word stands in an expression."""


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


def place_of(text: str, word: str, form: Form = "") -> int:
    """Where `word` first stands in an expression, as what it is there; 0 where it does not."""
    if not word:
        return 0
    written = re.escape(word)
    pattern = {
        "name": rf"(?<![\w.'\"]){written}(?!\w)", "field": rf"(?<=\.){written}(?!\w)|(?<=\[['\"]){written}(?=['\"])",
        "filter": rf"(?<=\|){written}(?!\w)|(?<=\| ){written}(?!\w)", "text": rf"(?<=['\"]){written}(?=['\"])", "": written,
    }[form]  # fmt: skip
    found = re.search(pattern, text)
    return found.start() if found is not None else max(text.find(word), 0)


def near(word: str, words: Iterable[str], *, closely: bool = False) -> str | None:
    """The word that is near: what other tools call so, at most two letters other, or it differs in case; unless `closely` also a long
    word with much in common."""
    known = sorted(set(words))
    meant = ours(word, known)
    if meant is not None:
        return meant
    folded = word.casefold()
    most = 1 if len(word) < 4 else 2
    found = [
        (distance, one)
        for one in known
        if (distance := _distance(folded, one.casefold(), most)) is not None and not (closely and _unlike(folded, one.casefold()))
    ]
    if found:
        return min(found)[1]
    return None if closely else next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.8)), None)


def nearest(word: str, words: Iterable[str], otherwise: str = "one of", *, closely: bool = False) -> str:
    """`did you mean 'x'?` where a word is near, else the words there are."""
    known = sorted(set(words))
    found = near(word, known, closely=closely)
    if found is not None:
        return f"did you mean '{found}'?"
    alike = [one for one in known if len(word) > 3 and f"_{one}_".find(f"_{word.casefold()}_") >= 0]
    if alike:
        return f"{otherwise}: {', '.join(alike[:20])}"
    shown = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")
    return f"{otherwise}: {shown}" if shown else "there is none here"


def _unlike(one: str, other: str) -> bool:
    """Short words that begin with another letter are other words: `then` is no `when`."""
    return min(len(one), len(other)) < 5 and one[:1] != other[:1] and one[:2] != other[1::-1]


def _distance(one: str, other: str, most: int) -> int | None:
    """Letters left out, added, changed or swapped with their neighbour (optimal string alignment); None above `most`."""
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, wanted in enumerate(other, 1):
            best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                best = min(best, before[column - 2] + 1)
            current.append(best)
        before, last = last, current
    return last[-1] if last[-1] <= most else None
