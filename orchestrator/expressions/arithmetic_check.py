"""What lint says of arithmetic on instants and durations that gives nothing, whatever the data: E007, with the form that is meant."""

from typing import Protocol

from jinja2 import nodes

from orchestrator.expressions.comparison_advice import as_length
from orchestrator.expressions.durations import read_duration
from orchestrator.expressions.kinds import Kind, is_made, kind_of
from orchestrator.expressions.local_time import SECONDS_FROM
from orchestrator.expressions.problems import Form
from orchestrator.expressions.values import is_number, number_of
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.expressions.written import operand

Side = tuple[nodes.Expr, Kind]


class Writer(Protocol):
    """The generator, as these checks see it."""

    vocabulary: Vocabulary

    def problem(self, code: str, what: str, why: str, fix: str, word: str = "", form: Form = "") -> str: ...


def judge_arithmetic(g: Writer, node: nodes.BinExpr, sign: str) -> None:
    """E007 for `now + 3600`, `entry.at + '1h'`, `2 * duration('1h')` and the like."""
    first, second = kind_of(node.left, g.vocabulary.known), kind_of(node.right, g.vocabulary.known)
    if first is None or second is None or not {first.name, second.name} & {"instant", "duration"}:
        return
    left, right = (node.left, first), (node.right, second)
    meant = _moved(left, sign, right) if sign in "+-" else _multiplied(left, sign, right)
    if meant is not None:
        what = f"`{sign}` does not take {first.article} {first.name} and {second.article} {second.name}"
        word = next((kind.literal for kind in (second, first) if isinstance(kind.literal, str)), None)
        number = next((str(kind.literal) for kind in (second, first) if is_number(kind.literal)), sign)
        why = "an instant is moved by a duration, and a duration is multiplied by a number"
        g.problem("E007", what, why, f"write `{meant}`", word or number, "text" if word else "name" if number != sign else "")


def _moved(left: Side, sign: str, right: Side) -> str | None:
    """What is meant by `+` or `-`; None where it gives something, or may."""
    kinds = {left[1].name, right[1].name}
    if "instant" in kinds and kinds & {"text", "number"}:
        return _instant_moved(left, sign, right)
    if kinds == {"duration", "number"}:
        a, b = (_amount(*side) if side[1].name == "number" else operand(side[0]) for side in (left, right))
        epoch = left[1].name == "number" and not _small(left[1].literal)
        return None if epoch else f"{a} {sign} {b}"
    if kinds == {"duration", "text"} and _lasts(left[1], right[1]):
        a, b = (_amount(*side) if side[1].name == "text" else operand(side[0]) for side in (left, right))
        return f"{a} {sign} {b}"
    if kinds == {"instant"} and sign == "+" and (is_made(left[0]) or is_made(right[0])):
        return f"{operand(left[0])} - {operand(right[0])}"
    return None


def _instant_moved(left: Side, sign: str, right: Side) -> str | None:
    turned = right[1].name == "instant"
    (instant, _kind), (node, other) = (right, left) if turned else (left, right)
    if turned and sign == "-":
        return None  # a text or a number may be an instant
    made = is_made(instant)
    if other.name == "text" and not _lasts(other):
        return f"{operand(left[0])} ~ {operand(right[0])}" if made and sign == "+" else None
    if other.name == "number" and not _small(other.literal) and (sign == "-" or not made):
        return None  # seconds since 1970, where data hold that
    return f"{operand(instant)} {sign} {_amount(node, other)}"


def _multiplied(left: Side, sign: str, right: Side) -> str | None:
    names = (left[1].name, right[1].name)
    if names == ("number", "duration") and sign == "*":
        return f"{operand(right[0])} * {operand(left[0])}"
    if names == ("duration", "number") and sign in ("/", "//"):
        return f"{operand(left[0])} * (1 / {operand(right[0])})"
    return "days_since(x)" if names == ("duration", "duration") else None


def _amount(node: nodes.Expr, kind: Kind) -> str:
    return f"duration('{as_length(kind.literal)}')" if kind.literal is not None else f"duration('1h') * {operand(node)}"


def _lasts(*kinds: Kind) -> bool:
    """Is one of them a duration that is written out as a text?"""
    return any(isinstance(kind.literal, str) and read_duration(kind.literal, signed=True) is not None for kind in kinds)


def _small(literal: object) -> bool:
    """A number that is written out and no seconds since 1970."""
    number = number_of(literal) if is_number(literal) else None
    return number is not None and -SECONDS_FROM < number < SECONDS_FROM
