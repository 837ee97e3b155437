"""`selectattr` and `rejectattr`: what of a list has a field that passes a test."""

from collections.abc import Callable
from typing import Literal

from orchestrator.expressions.arithmetic import lookup_path
from orchestrator.expressions.comparison import contains, equal, ordered
from orchestrator.expressions.scope import Scope

Order = Literal["<", "<=", ">", ">="]
COMPARISONS: dict[str, str] = {
    "==": "==", "eq": "==", "equalto": "==", "!=": "!=", "ne": "!=", "<": "<", "lt": "<", "lessthan": "<", "<=": "<=", "le": "<=",
    ">": ">", "gt": ">", "greaterthan": ">", ">=": ">=", "ge": ">=",
}  # fmt: skip
"""Jinja2's names of comparisons; its other tests are those of the language."""
Test = Callable[[Scope, str, object, list[object]], bool]


def select(scope: Scope, items: list[object], attribute: object, test: object, value: object, other_test: Test) -> list[object]:
    """The items that pass. Without `test`: those whose field is true."""

    def passes(item: object) -> bool:
        found = lookup_path(item, attribute)
        if test is None:
            return bool(found)
        match COMPARISONS.get(str(test)):
            case "==":
                return equal(found, value, scope)
            case "!=":
                return not equal(found, value, scope)
            case ("<" | "<=" | ">" | ">=") as order:
                return ordered(order, found, value, scope)
            case _:
                return contains(found, value, scope) if test == "in" else other_test(scope, str(test), found, [value])

    return [item for item in items if passes(item)]
