"""Comparisons with missing: `==`, ordering and `in` are false and `!=` is true, whatever the data; only `is` asks."""

import re
from typing import Protocol

from jinja2 import nodes

from orchestrator.expressions.problems import Form
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.expressions.written import operand, written

MISSING = frozenset(("null", "nil", "none", "undefined"))
"""Words of other languages for what is missing, in small letters."""
_DENIED = ("ne", "notin")
_OF_NONE = re.compile(
    r"(?:[=<>]|\bin)\s*(?P<after>none|None)\b|\b(?P<before>none|None)\s*(?:[=!<>]|(?:not\s+)?in\b)|[\[,(]\s*(?P<within>none|None)\b"
)


class Writer(Protocol):
    """The generator, as these checks see it."""

    text: str
    vocabulary: Vocabulary

    def problem(self, code: str, what: str, why: str, fix: str, word: str = "", form: Form = "") -> str: ...

    def warn(self, code: str, what: str, why: str, fix: str, word: str = "", form: Form = "", at: int | None = None) -> None: ...


def judge_none(g: Writer, left: nodes.Expr, op: str, right: nodes.Expr) -> bool:
    """E014 where one side, or an item of a list, is `none`; E003 where it is `null`. True where nothing is left to say of the two."""
    for side, other in ((left, right), (right, left)):
        if isinstance(side, nodes.Name) and is_foreign(side, g.vocabulary):
            g.problem(
                "E003", f"no name '{side.name}' here", "what is missing is asked for with `is`", _asking(other, op), side.name, "name"
            )
            return True
    if _is_none(left) and _is_none(right):
        return True  # said of the whole: it reads nothing
    why = "nothing equals `none`, not even what is missing"
    if _is_none(left) or _is_none(right):
        other = right if _is_none(left) else left
        g.warn("E014", f"always {'true' if op in _DENIED else 'false'}", why, _asking(other, op), at=_place(g.text, other))
        return True
    if op in ("in", "notin") and isinstance(right, nodes.List | nodes.Tuple) and any(_is_none(item) for item in right.items):
        g.warn("E014", "`none` in this list is never met", why, _asking_list(left, op, right), at=_place(g.text, left))
    return False


def of_other_languages(name: str) -> str | None:
    """What is written here instead of `NULL` or `TRUE`."""
    small = name.casefold()
    if small in MISSING:
        return "`none` stands for what is missing; a condition asks `x is none`"
    return f"did you mean '{small}'?" if small in ("true", "false") else None


def is_foreign(node: nodes.Expr, vocabulary: Vocabulary) -> bool:
    """Is it a word of other languages for what is missing?"""
    return isinstance(node, nodes.Name) and node.name.casefold() in MISSING and node.name not in vocabulary.names


def _is_none(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) and node.value is None


def _asking(other: nodes.Expr, op: str) -> str:
    return f"write `{operand(other)} is {'defined' if op in _DENIED else 'none'}`"


def _asking_list(left: nodes.Expr, op: str, right: nodes.List | nodes.Tuple) -> str:
    asked = operand(left)
    rest = [item for item in right.items if not _is_none(item)]
    if not rest:
        return _asking(left, op)
    items = written(nodes.List(rest), "[…]")
    return (
        f"write `({asked} is defined and {asked} not in {items})`" if op == "notin" else f"write `({asked} is none or {asked} in {items})`"
    )


def _place(text: str, beside: nodes.Expr) -> int:
    """Where `none` stands beside this, else where it first is compared with anything."""
    near = re.compile(re.escape(written(beside)) + r"\s*(?:[=!<>]=?|(?:not\s+)?in\b)\s*[\[(]?[^\])]*?(?P<after>none|None)\b")
    found = near.search(text) or _OF_NONE.search(text)
    return max((start for start in map(found.start, found.groupdict()) if start >= 0), default=0) if found is not None else 0
