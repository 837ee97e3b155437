"""Filters: Jinja2's plain ones with our reading of values, and ours for time, money and lists. Missing gives missing."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import cast
from urllib.parse import quote

from babel import lists, numbers
from jinja2.filters import do_title

from orchestrator.expressions.arithmetic import MAX_TEXT, bounded, calculate, lookup_path
from orchestrator.expressions.comparison import contains, equal, ordered
from orchestrator.expressions.like import is_like
from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.select import select
from orchestrator.expressions.time_filters import (
    cldr,
    f_add_days,
    f_add_months,
    f_date,
    f_datetime,
    f_in_timezone,
    f_relative,
    f_start_of,
    f_time,
    shift,
)
from orchestrator.expressions.values import canonical_text, number_of

Filter = Callable[..., object]


def _items(value: object) -> list[object]:
    if isinstance(value, list | tuple):
        return list(value[:1000])
    if isinstance(value, Mapping):
        return list(value)
    return []


def _parts(value: object) -> Sequence[object]:
    """Items, or the signs of a text."""
    return value if isinstance(value, str) else _items(value)


def f_default(_s: Scope, value: object, default_value: object = "", boolean: object = False) -> object:
    """Also for an empty text: nobody wants to be greeted by nothing."""
    return default_value if value is None or value == "" or (boolean and not value) else value


def f_join(_s: Scope, value: object, d: object = "", attribute: object = None) -> object:
    if not isinstance(value, list | tuple | Mapping):
        return canonical_text(value)
    items = _items(value) if attribute is None else [lookup_path(item, attribute) for item in _items(value)]
    between, texts = canonical_text(d), [canonical_text(item) for item in items]
    size = sum(map(len, texts)) + len(between) * max(len(texts) - 1, 0)
    return between.join(texts) if size <= MAX_TEXT else None  # told before it is made


def f_sort(s: Scope, value: object, reverse: object = False, attribute: object = None) -> object:
    """Numbers, else texts; what cannot be compared keeps its order."""

    def key(item: object) -> tuple[int, Decimal, str]:
        return _sort_key(item if attribute is None else lookup_path(item, attribute), s)

    return sorted(_items(value), key=key, reverse=bool(reverse))


def _sort_key(value: object, scope: Scope) -> tuple[int, Decimal, str]:
    number = number_of(value)
    if number is not None:
        return (0, Decimal(number), "")
    at = read_instant(value, scope.zone)
    if at is not None:
        return (1, Decimal(int(at.timestamp() * 1000)), "")
    return (2, Decimal(0), canonical_text(value))


def f_unique(s: Scope, value: object) -> object:
    found: list[object] = []
    for item in _items(value):
        if not any(equal(item, other, s) for other in found):
            found.append(item)
    return found


def f_sum(s: Scope, value: object, attribute: object = None) -> object:
    total: object = 0
    for item in _items(value):
        number = number_of(item if attribute is None else lookup_path(item, attribute))
        if number is not None:
            total = calculate("+", total, number, s)
    return total


def _best(s: Scope, value: object, operator: str) -> object:
    best: object = None
    for item in _items(value):
        if best is None or ordered("<" if operator == "<" else ">", item, best, s):
            best = item
    return best


def f_map(s: Scope, value: object, filter: object = None, *args: object, attribute: object = None) -> object:  # noqa: A002  (Jinja2's word)
    """`map('upper')`, `map('money', 'EUR')`, or `map(attribute='name')`."""
    if filter is not None:
        return _each(s, str(filter), _items(value), args) if filter in FILTERS else None
    return [lookup_path(item, attribute) for item in _items(value)]


def _each(s: Scope, name: str, items: list[object], args: Sequence[object]) -> list[object] | None:
    """Missing where the texts together would be too long."""
    found: list[object] = []
    size = 0
    for item in items:
        found.append(apply_filter(s, name, item, args, {}))
        size += len(text) if isinstance(text := found[-1], str) else 0
        if size > 16 * MAX_TEXT:
            return None
    return found


def f_round(_s: Scope, value: object, precision: object = 0, method: object = "common") -> object:
    number, places = number_of(value), int(number_of(precision) or 0)
    if number is None or abs(places) > 20:
        return None
    rounding = {"ceil": ROUND_CEILING, "floor": ROUND_FLOOR}.get(str(method), ROUND_HALF_EVEN)
    result = Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=rounding)
    return int(result) if places <= 0 else result


def f_money(s: Scope, value: object, currency: object = None) -> object:
    number = number_of(value)
    return None if number is None else _money_text(Decimal(number), str(currency or s.currency), s.locale)


@lru_cache(maxsize=4096)
def _money_text(number: Decimal, currency: str, locale: str) -> str:
    return cast("str", numbers.format_currency(number, currency, locale=cldr(locale)))


def f_number_format(s: Scope, value: object, decimals: object = None) -> object:
    number = number_of(value)
    if number is None:
        return None
    if decimals is None:
        return numbers.format_decimal(number, locale=cldr(s.locale))
    places = int(number_of(decimals) or 0)
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    return numbers.format_decimal(rounded, format="#,##0." + "0" * places if places else "#,##0", locale=cldr(s.locale))


def f_list_of(s: Scope, value: object) -> object:
    """One alone where it is no list: nobody wants to read nothing."""
    if not isinstance(value, list | tuple | Mapping):
        return canonical_text(value)
    return lists.format_list([canonical_text(item) for item in _items(value)], locale=cldr(s.locale))


def f_plural(s: Scope, value: object, one: object = "", other: object = "") -> object:
    number = number_of(value)
    return None if number is None else one if cldr(s.locale).plural_form(number) == "one" else other


def f_mask(_s: Scope, value: object) -> object:
    """`j•••@example.com`; anything else keeps its last two characters."""
    text = canonical_text(value)
    local, at, domain = text.partition("@")
    return f"{local[:1]}•••@{domain}" if at else f"•••{text[-2:]}"


def f_urlencode(_s: Scope, value: object) -> object:
    return quote(canonical_text(value), safe="")


def _text(change: Callable[[str], str]) -> Filter:
    return lambda _s, value: bounded(change(canonical_text(value)))


def _replaced(text: str, old: str, new: str) -> object:
    """Missing where the result would be too long; told before it is made."""
    times = text.count(old) if old else len(text) + 1
    return None if len(text) + times * (len(new) - len(old)) > MAX_TEXT else text.replace(old, new)


def _rejected(s: Scope, items: list[object], attribute: object, test: object, value: object) -> list[object]:
    kept = select(s, items, attribute, test, value, apply_test)
    return [item for item in items if not any(item is one for one in kept)]


def f_truncate(_s: Scope, value: object, length: object = 255) -> object:
    text, limit = canonical_text(value), int(number_of(length) or 255)
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


FILTERS: dict[str, Filter] = {
    "default": f_default, "lower": _text(str.lower), "upper": _text(str.upper), "title": _text(do_title),
    "capitalize": _text(str.capitalize), "trim": _text(str.strip),
    "replace": lambda _s, v, old="", new="": _replaced(canonical_text(v), canonical_text(old), canonical_text(new)),
    "truncate": f_truncate, "length": lambda _s, v: len(v) if isinstance(v, str | list | tuple | Mapping) else None,
    "first": lambda _s, v: next(iter(_parts(v)), None), "last": lambda _s, v: next(iter(_parts(v)[::-1]), None), "join": f_join,
    "sort": f_sort, "unique": f_unique, "sum": f_sum, "min": lambda s, v: _best(s, v, "<"), "max": lambda s, v: _best(s, v, ">"),
    "map": f_map, "selectattr": lambda s, v, attribute=None, test=None, value=None: select(s, _items(v), attribute, test, value, apply_test),
    "rejectattr": lambda s, v, attribute=None, test=None, value=None: _rejected(s, _items(v), attribute, test, value),
    "round": f_round, "abs": lambda _s, v: None if (n := number_of(v)) is None else abs(n), "urlencode": f_urlencode,
    "number": lambda _s, v: number_of(v.strip() if isinstance(v, str) else v), "text": lambda _s, v: canonical_text(v),
    "money": f_money, "number_format": f_number_format, "date": f_date, "time": f_time, "datetime": f_datetime,
    "relative": f_relative, "list_of": f_list_of, "plural": f_plural,
    "plus": lambda s, v, duration="": shift(s, v, duration, 1), "minus": lambda s, v, duration="": shift(s, v, duration, -1),
    "add_days": f_add_days, "add_months": f_add_months, "start_of": f_start_of, "in_timezone": f_in_timezone, "mask": f_mask,
}  # fmt: skip
"""One table for expressions and templates."""


def apply_filter(scope: Scope, name: str, value: object, args: Sequence[object], kwargs: Mapping[str, object]) -> object:
    """Missing in, missing out, but for `default`."""
    if value is None and name != "default":
        scope.warnings += 1
        return None
    try:
        return FILTERS[name](scope, value, *args, **kwargs)
    except (ValueError, OverflowError, ArithmeticError, TypeError):
        scope.warnings += 1
        return None


def apply_test(scope: Scope, name: str, value: object, args: Sequence[object]) -> bool:
    """`defined none in blank number text like`."""
    match name:
        case "defined":
            return value is not None
        case "none" | "undefined":
            return value is None
        case "in":
            return contains(value, args[0], scope)
        case "blank":
            return value is None or (isinstance(value, str) and not value.strip())
        case "number":
            return number_of(value) is not None and not isinstance(value, str)
        case "text":
            return isinstance(value, str)
        case "like":
            return isinstance(value, str) and isinstance(args[0], str) and is_like(value, args[0])
        case _:
            return False
