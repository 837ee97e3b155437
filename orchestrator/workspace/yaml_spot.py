"""Where a file stops being YAML: what the parser says and the text around it, and what it was meant to be."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import yaml

NOT_YAML = "not YAML here"
BLANKS = "\u00a0\u1680\u180e\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff"
"""Blanks, seen and unseen, that are no spaces to YAML (as a part of a pattern's set)."""
EDGES = re.compile(rf"^[{BLANKS}]+|[{BLANKS}]+$")
"""Such blanks around a text."""
_BLANK = re.compile(rf"^ *(?:-[ {BLANKS}]*)*?([{BLANKS}])|^[ -]*\w+:([{BLANKS}])")


@dataclass(frozen=True, slots=True)
class Mistake:
    """`place` is line and column from 1."""

    code: str
    place: tuple[int, int]
    what: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Spot:
    """`line` and `column` from 0, where the parser stopped; `opened` is where it began what it could not end."""

    lines: Sequence[str]
    line: int
    column: int
    opened: tuple[int, int] | None
    context: str
    problem: str

    @classmethod
    def of(cls, error: yaml.MarkedYAMLError, lines: Sequence[str]) -> Self:
        """From the parser's error."""
        mark = error.problem_mark or error.context_mark
        opened = error.context_mark
        return cls(
            lines, mark.line if mark else 0, mark.column if mark else 0, (opened.line, opened.column) if opened else None,
            str(error.context or ""), str(error.problem or ""),
        )  # fmt: skip

    @property
    def row(self) -> str:
        return self.row_at(self.line)

    @property
    def before(self) -> str:
        """The line up to the place."""
        return self.row[: self.column]

    def row_at(self, line: int) -> str:
        return self.lines[line] if 0 <= line < len(self.lines) else ""

    def not_yaml(self, line: int, column: int, why: str, fix: str) -> Mistake:
        """Y001 at a place that counts from 0."""
        return Mistake("Y001", (line + 1, column + 1), NOT_YAML, why, fix)


def invisible(spot: Spot) -> Mistake | None:
    """A blank that is no space, as an indent or behind a colon or dash: here, or above in what the parser could not end."""
    first = min(spot.line - 1, spot.opened[0] if spot.opened else spot.line)
    found: tuple[int, int] | None = None
    for line in range(spot.line, max(first, 0) - 1, -1):
        blank = _BLANK.search(spot.row_at(line))
        if blank is not None:
            found = line, blank.start(1) if blank[1] else blank.start(2)
        elif found is not None:
            break
    if found is None:
        return None
    sign = spot.row_at(found[0])[found[1]]
    return spot.not_yaml(*found, f"{blank_name(sign)} is no space to YAML", "replace it by a space")


def blank_name(sign: str) -> str:
    """Of an invisible character, for people."""
    return f"the invisible character U+{ord(sign):04X} ({unicodedata.name(sign, 'a control character').lower()})"
