"""Conditions whose answer stands before anything is known: `x == 'a' and x == 'b'`, `x != 'a' or x != 'b'`, `x > 5 and x < 3`.

Only what holds for any data is said, missing values included: `==`, ordering and `in` with missing are false, `!=` is true.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from jinja2 import nodes

from orchestrator.expressions.comparison import equal
from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.normal_form import canonical
from orchestrator.expressions.values import number_of

_FLIPPED = {"eq": "eq", "ne": "ne", "lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq"}
_NOT = {"eq": "ne", "ne": "eq"}
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Atom:
    """`what op value`, where only the value is written out."""

    what: str
    op: str
    value: object


def always(node: nodes.Node) -> bool | None:
    """The truth of a condition whatever the data; None where it depends on them."""
    match node:
        case nodes.Const(value=value):
            return bool(value)
        case nodes.Not(node=inner):
            found = always(inner)
            return None if found is None else not found
        case nodes.And():
            parts = list(_parts(node, nodes.And))
            found_all = [always(part) for part in parts]
            if False in found_all or _contradict(parts):
                return False
            return True if all(found_all) else None
        case nodes.Or():
            parts = list(_parts(node, nodes.Or))
            found_all = [always(part) for part in parts]
            if True in found_all or _cover(parts):
                return True
            return False if all(one is False for one in found_all) else None
        case _:
            return None


def _parts(node: nodes.Node, kind: type[nodes.And | nodes.Or]) -> Iterator[nodes.Node]:
    if isinstance(node, kind):
        yield from _parts(node.left, kind)
        yield from _parts(node.right, kind)
    else:
        yield node


def _contradict(parts: Sequence[nodes.Node]) -> bool:
    """Two of them cannot be true together."""
    atoms = [atom for part in parts if (atom := _atom(part)) is not None]
    texts = {canonical(part) for part in parts if not isinstance(part, nodes.Not)}
    if any(isinstance(part, nodes.Not) and canonical(part.node) in texts for part in parts):
        return True
    return any(_exclude(one, other) for number, one in enumerate(atoms) for other in atoms[number + 1 :] if one.what == other.what)


def _cover(parts: Sequence[nodes.Node]) -> bool:
    """One of two is always true: `x != 'a' or x != 'b'`, `x or not x`."""
    atoms = [atom for part in parts if (atom := _atom(part)) is not None and atom.op == "ne"]
    texts = {canonical(part) for part in parts if not isinstance(part, nodes.Not)}
    if any(isinstance(part, nodes.Not) and canonical(part.node) in texts for part in parts):
        return True
    return any(
        one.what == other.what and _differ(one.value, other.value) for number, one in enumerate(atoms) for other in atoms[number + 1 :]
    )


def _atom(node: nodes.Node) -> Atom | None:
    if isinstance(node, nodes.Not) and isinstance(node.node, nodes.Compare):
        inner = _atom(node.node)
        return None if inner is None or inner.op not in _NOT else Atom(inner.what, _NOT[inner.op], inner.value)
    if not isinstance(node, nodes.Compare) or len(node.ops) != 1 or node.ops[0].op not in _FLIPPED:
        return None
    left, op, right = node.expr, node.ops[0].op, node.ops[0].expr
    if isinstance(left, nodes.Const):
        left, op, right = right, _FLIPPED[op], left
    if isinstance(left, nodes.Const) or not isinstance(right, nodes.Const) or right.value is None:
        return None
    return Atom(canonical(left), op, right.value)


def _exclude(one: Atom, other: Atom) -> bool:
    if one.op == "eq" and other.op == "eq":
        return _differ(one.value, other.value)
    if {one.op, other.op} == {"eq", "ne"}:
        return type(one.value) is type(other.value) and one.value == other.value
    low, high = (one, other) if one.op in ("gt", "gteq", "eq") and other.op in ("lt", "lteq", "eq") else (other, one)
    if low.op not in ("gt", "gteq", "eq") or high.op not in ("lt", "lteq", "eq"):
        return False
    least, most = _plain(low.value), _plain(high.value)
    if least is None or most is None:
        return False
    return least > most or (least == most and bool({"gt", "lt"} & {low.op, high.op}))


def _plain(value: object) -> Decimal | None:
    """Of a number that is written out; text that reads as one may be compared as text."""
    return None if isinstance(value, bool) or not isinstance(value, int | float | Decimal) else Decimal(str(value))


def _differ(one: object, other: object) -> bool:
    """Nothing equals both. Texts that read as a number or an instant may equal what other texts equal."""
    if equal(one, other):
        return False
    texts = [value for value in (one, other) if isinstance(value, str)]
    if any(number_of(text) is not None or read_instant(text, _UTC) is not None for text in texts):
        return False
    return type(one) is type(other) or {type(one), type(other)} <= {int, float, Decimal}
