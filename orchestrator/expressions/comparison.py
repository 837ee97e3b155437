"""Comparison: missing equals nothing, digits in text are numbers, booleans equal only booleans, unlike types are unordered."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from orchestrator.expressions.local_time import milliseconds, read_instant
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.values import is_number, number_of

Order = Literal["<", "<=", ">", ">="]
_UTC = ZoneInfo("UTC")


def equal(left: object, right: object, scope: Scope | None = None) -> bool:
    """`==`. Missing on either side is false."""
    if left is None or right is None:
        return False
    kind, other = type(left), type(right)
    if kind is other and (kind is str or kind is int or kind is bool):
        return left == right
    if kind is bool or other is bool:
        return False
    if is_number(left) or is_number(right):
        a, b = number_of(left), number_of(right)
        return a is not None and b is not None and a == b
    if isinstance(left, date) or isinstance(right, date):
        zone = scope.zone if scope is not None else _UTC
        first, second = read_instant(left, zone), read_instant(right, zone)
        return first is not None and first == second
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_same(a, b, scope) for a, b in zip(left, right, strict=True))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(left[name], right[name], scope) for name in left)
    return kind is other and left == right


def _same(left: object, right: object, scope: Scope | None) -> bool:
    """Inside lists and mappings nothing is missing: None stands for itself."""
    return (left is None and right is None) or equal(left, right, scope)


def ordered(operator: Order, left: object, right: object, scope: Scope) -> bool:
    """`<`, `<=`, `>`, `>=`. Missing and unlike types are false, and counted."""
    pair = _comparable(left, right, scope)
    if pair is None:
        scope.warnings += 1
        return False
    a, b = pair
    match operator:
        case "<":
            return a < b  # type: ignore[no-any-return, operator]  # _comparable gives two of one ordered type
        case "<=":
            return a <= b  # type: ignore[no-any-return, operator]  # as above
        case ">":
            return a > b  # type: ignore[no-any-return, operator]  # as above
        case ">=":
            return a >= b  # type: ignore[no-any-return, operator]  # as above


def _comparable(left: object, right: object, scope: Scope) -> tuple[object, object] | None:
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return None
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    if isinstance(left, date) or isinstance(right, date):
        first, second = read_instant(left, scope.zone), read_instant(right, scope.zone)
        return None if first is None or second is None else (first, second)
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return left, right
    if is_number(left) or is_number(right):
        a, b = number_of(left), number_of(right)
        return None if a is None or b is None else (a, b)
    return None


def ordered_with_now(operator: Order, left: object, right: object, scope: Scope) -> bool:
    """As `ordered`, where one side is `now`: notes when the answer changes, which is at the other side or just after it."""
    _note_now(left, right, scope)
    return ordered(operator, left, right, scope)


def equal_with_now(left: object, right: object, scope: Scope) -> bool:
    """As `equal`, where one side is `now`: true for one millisecond, whose beginning and end are noted."""
    _note_now(left, right, scope)
    return equal(left, right, scope)


def _note_now(left: object, right: object, scope: Scope) -> None:
    now = scope.now_ms
    for side in (left, right):
        if side is scope.now:
            continue
        at = read_instant(side, scope.zone)
        if at is None:
            continue
        instant = milliseconds(at)
        if instant >= now:
            scope.changes.append(instant if instant > now else now + 1)


def contains(item: object, container: object, scope: Scope) -> bool:
    """`in`: membership of a list, a key of a mapping, a substring of a text."""
    if item is None or container is None:
        return False
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, Mapping):
        return isinstance(item, str) and item in container
    if isinstance(container, list | tuple):
        return any(equal(item, one, scope) for one in container[:1000])
    return False
