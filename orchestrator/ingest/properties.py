"""Properties of an event as its declaration reads them."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.values import is_number, number_of, plain_number
from orchestrator.workspace.workspace import Property

_UTC = ZoneInfo("UTC")
_TEXTUAL = frozenset(("text", "choice", "email", "phone", "country", "locale", "timezone"))


def check_properties(properties: dict[str, object], declared: Mapping[str, Property], event: str) -> dict[str, object] | str:
    """The properties with numbers in text read as numbers, or a sentence that says which property does not fit."""
    changed: dict[str, object] = {}
    for name, rule in declared.items():
        value = properties.get(name)
        if value is None:
            if rule.required:
                return f"{event}: property '{name}' is missing; it is declared {rule.type}!"
            continue
        read = read_as(value, rule.type)
        if read is None:
            return f"{event}: property '{name}' is {type(value).__name__} {value!r:.60}; it is declared {rule.type}"
        if read is not value:
            changed[name] = read
    return {**properties, **changed} if changed else properties


def read_as(value: object, kind: str) -> object:
    """The value as its type reads it; None when it does not fit."""
    if kind in _TEXTUAL:
        if isinstance(value, str):
            return value
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
    match kind:
        case "number" | "integer":
            if isinstance(value, bool):
                return None
            number = number_of(value)
            if number is None or (kind == "integer" and number != int(number)):
                return None
            if is_number(value):
                return value
            return int(number) if number == int(number) and isinstance(number, int) else plain_number(number)  # type: ignore[arg-type]  # not an int here
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date" | "instant":
            return value if read_instant(value, _UTC) is not None else None
        case "list":
            return value if isinstance(value, list) else None
        case "object":
            return value if isinstance(value, dict) else None
        case _:
            return None
