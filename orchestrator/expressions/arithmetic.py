"""Arithmetic on decimals (28 digits, half-even), instants and durations. Missing gives missing."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException

from orchestrator.expressions.local_time import in_zone_of, read_instant
from orchestrator.expressions.scope import Scope, View
from orchestrator.expressions.values import canonical_text, is_number, number_of

_CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN)
_LIMIT = 10**18
MAX_TEXT = 64 * 1024


def lookup(container: object, key: object) -> object:
    """`x.name` and `x[0]`: keys win over methods, names that start with `_` cannot be read, all else is missing."""
    if isinstance(container, View):
        return container.get(key) if isinstance(key, str) and not key.startswith("_") else None
    if type(container) is dict or isinstance(container, Mapping):
        if isinstance(key, str):
            return None if key.startswith("_") else container.get(key)
        return container.get(key, container.get(canonical_text(key))) if is_number(key) else None
    if isinstance(container, list | tuple) and isinstance(key, int) and not isinstance(key, bool):
        return container[key] if -len(container) <= key < len(container) else None
    return None


def lookup_path(container: object, path: object) -> object:
    """A field as filters over lists name it: `name`, `product.name`, `prices.0`. A key that is written so itself comes first."""
    found = lookup(container, path)
    if found is None and isinstance(path, str) and "." in path:
        found = container
        for part in path.split("."):
            found = lookup(found, int(part) if isinstance(found, list | tuple) and part.isdecimal() else part)
    return found


def calculate(operator: str, left: object, right: object, scope: Scope) -> object:
    """`+ - * / // %` on numbers, on an instant and a duration, on two instants, on durations; `+` on texts joins them."""
    found = _calculate(operator, left, right, scope)
    if found is None:
        scope.warnings += 1
    return found


def _calculate(operator: str, left: object, right: object, scope: Scope) -> object:
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return None
    if isinstance(left, date | timedelta) or isinstance(right, date | timedelta):
        return _time(operator, left, right, scope)
    if operator == "+" and isinstance(left, str) and isinstance(right, str) and (number_of(left) is None or number_of(right) is None):
        return bounded(left + right)
    a, b = number_of(left), number_of(right)
    if a is None or b is None:
        return None
    return _numbers(operator, a, b)


def _numbers(operator: str, a: int | Decimal, b: int | Decimal) -> int | Decimal | None:
    if isinstance(a, int) and isinstance(b, int) and operator in "+-*":
        whole = a + b if operator == "+" else a - b if operator == "-" else a * b
        if abs(whole) < _LIMIT:
            return whole
    x, y = Decimal(a), Decimal(b)
    try:
        match operator:
            case "+":
                result = _CONTEXT.add(x, y)
            case "-":
                result = _CONTEXT.subtract(x, y)
            case "*":
                result = _CONTEXT.multiply(x, y)
            case "/":
                result = _CONTEXT.divide(x, y)
            case "//":
                result = (_CONTEXT.divide(x, y)).to_integral_value(rounding="ROUND_FLOOR")
            case "%":
                result = x - y * (_CONTEXT.divide(x, y)).to_integral_value(rounding="ROUND_FLOOR")
            case _:
                return None
    except (DecimalException, ZeroDivisionError):
        return None
    if not result.is_finite():
        return None
    if operator in ("//", "%") and isinstance(a, int) and isinstance(b, int):
        return int(result)
    return result


def _time(operator: str, left: object, right: object, scope: Scope) -> object:
    try:
        if isinstance(left, timedelta) and isinstance(right, timedelta):
            return left + right if operator == "+" else left - right if operator == "-" else None
        if isinstance(right, timedelta):
            at = read_instant(left, scope.zone)
            return None if at is None or operator not in "+-" else in_zone_of(left, at + right if operator == "+" else at - right)
        if isinstance(left, timedelta):
            number = number_of(right)
            if operator == "*" and number is not None:
                return left * float(number)
            at = read_instant(right, scope.zone)
            return None if at is None or operator != "+" else in_zone_of(right, at + left)
        first, second = read_instant(left, scope.zone), read_instant(right, scope.zone)
        return first - second if operator == "-" and first is not None and second is not None else None
    except OverflowError:
        return None


def negate(value: object, scope: Scope) -> object:
    """Unary minus."""
    if isinstance(value, timedelta):
        return -value
    return calculate("-", 0, value, scope)


def joined(parts: list[object]) -> object:
    """`~`: canonical texts side by side; missing if one of them is."""
    if any(part is None for part in parts):
        return None
    return bounded("".join(canonical_text(part) for part in parts))


def bounded(text: str) -> str | None:
    """Texts above 64 KB are missing: a bound that is the same everywhere."""
    return text if len(text) <= MAX_TEXT else None
