"""What kind of value a part of an expression has, as far as declarations tell: so that lint finds comparisons that cannot come true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from jinja2 import nodes

from orchestrator.expressions.functions import WEEKDAYS
from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.normal_form import dotted, past_field
from orchestrator.expressions.values import number_of

KindName = Literal["text", "number", "boolean", "instant", "duration", "list", "object"]
_DECLARED: dict[str, KindName] = {
    "text": "text", "email": "text", "phone": "text", "country": "text", "locale": "text", "timezone": "text", "choice": "text",
    "number": "number", "integer": "number", "boolean": "boolean", "date": "instant", "instant": "instant", "list": "list", "object": "object",
}  # fmt: skip
_FUNCTIONS: dict[str, KindName] = {
    "seen": "boolean", "has_consent": "boolean", "reachable": "boolean", "engaged": "boolean", "in_audience": "boolean", "count_of": "number",
    "messages_sent": "number", "days_since": "number", "days_until": "number", "hour": "number", "today": "instant", "instant": "instant",
    "duration": "duration", "open_issues": "list",
}  # fmt: skip
_FILTERS: dict[str, KindName] = {
    "number": "number", "length": "number", "count": "number", "abs": "number", "round": "number", "text": "text", "lower": "text", "upper": "text",
    "title": "text", "capitalize": "text", "trim": "text", "mask": "text", "plus": "instant", "minus": "instant", "add_days": "instant",
    "add_months": "instant", "start_of": "instant", "in_timezone": "instant",
}  # fmt: skip
_ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod)
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Kind:
    """`literal` is the value where it is written out; `choices` all a declared choice can be."""

    name: KindName
    literal: object = None
    choices: frozenset[str] | None = None

    @property
    def article(self) -> str:
        """Before its name."""
        return "an" if self.name in ("instant", "object") else "a"


@dataclass(frozen=True, slots=True)
class Past:
    """What past events of one name hold: `fields`, or None where any may be there, and the kinds of those that are declared."""

    fields: frozenset[str] | None
    declared: Mapping[str, Kind] = field(default_factory=dict)


Known = Callable[[tuple[str, ...]], Kind | None]
"""What is declared of a dotted path."""
OF_PAST = "\0past"
"""Begins the path of a field of a past event: then come the event and the field."""


def declared(type_name: str, choices: tuple[object, ...] = ()) -> Kind | None:
    """Of a trait's or property's type."""
    name = _DECLARED.get(type_name)
    return None if name is None else Kind(name, choices=frozenset(map(str, choices)) if choices else None)


def kind_of(node: nodes.Node, known: Known) -> Kind | None:
    """None: it may be anything."""
    match node:
        case nodes.Const(value=value):
            name: KindName | None = (
                "boolean" if isinstance(value, bool) else "number" if isinstance(value, int | float | Decimal) else "text" if isinstance(value, str) else None
            )  # fmt: skip
            return None if name is None else Kind(name, value)
        case nodes.Neg(node=inner):
            found = kind_of(inner, known)
            return (
                replace(found, literal=-found.literal) if found is not None and isinstance(found.literal, int | float | Decimal) else found
            )
        case nodes.Name(name="now"):
            return Kind("instant")
        case nodes.List() | nodes.Tuple():
            return Kind("list")
        case nodes.Call(node=nodes.Name(name="weekday")):
            return Kind("text", choices=frozenset(WEEKDAYS))
        case nodes.Call(node=nodes.Name(name=called)) if called in _FUNCTIONS:
            return Kind(_FUNCTIONS[called])
        case nodes.Filter(name=filtered) if filtered in _FILTERS:
            return Kind(_FILTERS[filtered])
        case nodes.BinExpr():
            return _calculated(node, known)
        case nodes.Not() | nodes.Compare() | nodes.Test():
            return Kind("boolean")
        case _:
            past = past_field(node)
            path = dotted(node) if past is None else (OF_PAST, *past)
            return None if path is None else known(path)


def is_made(node: nodes.Node) -> bool:
    """An instant that is worked out or asked for, no data: data may be written as a text or a number."""
    return dotted(node) in (None, ("now",))


def _calculated(node: nodes.BinExpr, known: Known) -> Kind | None:
    """What arithmetic gives, where it gives anything."""
    sign, left, right = type(node), kind_of(node.left, known), kind_of(node.right, known)
    names = (None if left is None else left.name, None if right is None else right.name)
    if sign is nodes.Sub and names[0] == "instant":
        return _difference(node, names[1])
    if sign is nodes.Add and set(names) == {"instant", "duration"}:
        return Kind("instant")
    if (names == ("duration", "duration") and sign in (nodes.Add, nodes.Sub)) or (names == ("duration", "number") and sign is nodes.Mul):
        return Kind("duration")
    if set(names) <= {"number", "text"} and (sign is not nodes.Add or "number" in names) and sign in _ARITHMETIC:
        return Kind("number")
    return None


def _difference(node: nodes.BinExpr, right: KindName | None) -> Kind | None:
    """Of an instant and something: a length of time, unless that is one. Data are never one."""
    if right == "duration":
        return Kind("instant")
    if not is_made(node.left) and not is_made(node.right):
        return None
    path = dotted(node.right)
    of_data = right is None and path is not None and len(path) > 1 and path[0] != "vars"
    return Kind("duration") if right == "instant" or of_data else None


def never_equal(left: Kind, right: Kind) -> bool:
    """Whatever the data, `==` is false."""
    if left.name == "text" and right.name == "text":
        return _not_a_choice(left, right) or _not_a_choice(right, left)
    if left.name == right.name:
        return False
    pair = {left.name, right.name}
    if pair == {"number", "text"}:
        text = left if left.name == "text" else right
        if text.choices is not None:
            return all(number_of(choice) is None for choice in text.choices)
        return text.literal is not None and number_of(text.literal) is None
    if pair == {"instant", "text"}:
        text = left if left.name == "text" else right
        return text.literal is not None and read_instant(text.literal, _UTC) is None
    return True


def _not_a_choice(one: Kind, other: Kind) -> bool:
    return one.choices is not None and isinstance(other.literal, str) and other.literal not in one.choices


def never_ordered(left: Kind, right: Kind) -> bool:
    """Whatever the data, `<` and the like are false: booleans, lists and mappings have no order, unlike kinds none between them."""
    if {left.name, right.name} & {"boolean", "list", "object"}:
        return True
    return left.name != right.name and never_equal(left, right)


def ordered_as_text(left: Kind, right: Kind) -> bool:
    """Two texts that may hold amounts: compared by code point, so `"10" < "9"`."""
    if left.name != "text" or right.name != "text" or left.choices or right.choices:
        return False
    literals = [kind.literal for kind in (left, right) if kind.literal is not None]
    return len(literals) < 2 and all(number_of(literal) is not None for literal in literals)
