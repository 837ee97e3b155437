"""What lint says of a comparison: that it never holds, and what would."""

from typing import Protocol

from jinja2 import nodes

from orchestrator.expressions.compared_with_none import judge_none
from orchestrator.expressions.comparison_advice import advice, bare_day
from orchestrator.expressions.kinds import Kind, kind_of, never_equal, never_ordered, ordered_as_text
from orchestrator.expressions.problems import Form, nearest
from orchestrator.expressions.vocabulary import Vocabulary

ORDERS = frozenset(("lt", "lteq", "gt", "gteq"))


class Writer(Protocol):
    """The generator, as these checks see it."""

    text: str
    vocabulary: Vocabulary

    def problem(self, code: str, what: str, why: str, fix: str, word: str = "", form: Form = "") -> str: ...

    def warn(self, code: str, what: str, why: str, fix: str, word: str = "", form: Form = "", at: int | None = None) -> None: ...


def judge_comparison(g: Writer, left: nodes.Expr, op: str, right: nodes.Expr) -> None:
    """E009 for what never equals, E014 for what never is ordered or is compared with `none`, E015 for amounts compared as texts."""
    if judge_none(g, left, op, right):
        return
    first = kind_of(left, g.vocabulary.known)
    if first is not None and op in ("in", "notin") and isinstance(right, nodes.List | nodes.Tuple):
        for item in right.items:
            _judge(g, (left, first), "eq", (item, kind_of(item, g.vocabulary.known)))
        return
    second = kind_of(right, g.vocabulary.known)
    if first is not None:
        _judge(g, (left, first), op, (right, second))


def _judge(g: Writer, one: tuple[nodes.Expr, Kind], op: str, other: tuple[nodes.Expr, Kind | None]) -> None:
    (left, first), (right, second) = one, other
    if second is None:
        return
    word = next((str(kind.literal) for kind in (second, first) if isinstance(kind.literal, str)), "")
    if op in ("eq", "ne") and never_equal(first, second):
        choices = first.choices or second.choices
        if choices and word:
            g.problem("E009", f"it is never '{word}'", "the declared choices are all it can be", _choice(word, choices), word)
            return
        sides = ["this text" if isinstance(kind.literal, str) else f"{kind.article} {kind.name}" for kind in (first, second)]
        fix = (
            bare_day(g.text)
            or advice((left, first), op, (right, second), tracked=g.vocabulary.tracked)
            or "compare values of one kind: `| number`, `| text`"
        )
        g.problem("E009", f"{sides[0]} never equals {sides[1]}", f"the comparison is always {'true' if op == 'ne' else 'false'}", fix, word)
    elif op in ORDERS and never_ordered(first, second):
        fix = (
            bare_day(g.text)
            or advice((left, first), op, (right, second), tracked=g.vocabulary.tracked)
            or "remove it, or compare something else"
        )
        what = f"{first.article} {first.name} and {second.article} {second.name} have no order"
        g.warn("E014", "always false", what, fix, word)
    elif op in ORDERS and ordered_as_text(first, second):
        g.warn("E015", "two texts compared by size", "as text '10' is less than '9'", "x | number", word)


def _choice(word: str, choices: frozenset[str]) -> str:
    """`Monday` is meant as `mon`."""
    begins = [choice for choice in choices if len(choice) > 2 and word.casefold().startswith(choice.casefold())]
    return f"did you mean '{max(begins, key=len)}'?" if begins else nearest(word, choices)
