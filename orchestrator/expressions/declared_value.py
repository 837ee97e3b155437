"""Does a value fit the type it is declared with, as a trait or as a property of an event, and how is it kept?"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError

from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.values import WIDEST, is_number, number_of, plain_number

_UTC = ZoneInfo("UTC")


def fit(value: object, kind: str, choices: Sequence[object] = ()) -> object:
    """The value as it is kept, or None when it does not fit. Numbers in text are read as numbers."""
    if kind == "choice":
        return value if value in choices else None
    read = _READ.get(kind)
    return None if read is None else read(value)


def _text(value: object) -> object:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> object:
    if isinstance(value, bool):
        return None
    number = number_of(value)
    if number is None or (isinstance(number, int) and abs(number) >= WIDEST):
        return None
    if is_number(value):
        return value
    return number if isinstance(number, int) else plain_number(number)


def _integer(value: object) -> object:
    number = None if isinstance(value, bool) else number_of(value)
    if number is None or number != int(number):
        return None
    return int(number) if abs(int(number)) < WIDEST else None


def _country(value: object) -> object:
    return value.upper() if isinstance(value, str) and len(value) == 2 and value.isalpha() and value.isascii() else None


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=512)
def _known_locale(text: str) -> bool:
    try:
        Locale.parse(text.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return False
    return True


_READ: dict[str, Callable[[object], object]] = {
    "text": _text,
    "email": _text,
    "phone": _text,
    "number": _number,
    "integer": _integer,
    "boolean": lambda value: value if isinstance(value, bool) else None,
    "date": lambda value: value if read_instant(value, _UTC) is not None else None,
    "instant": lambda value: value if read_instant(value, _UTC) is not None else None,
    "list": lambda value: value if isinstance(value, list) else None,
    "object": lambda value: value if isinstance(value, dict) else None,
    "country": _country,
    "locale": lambda value: value.replace("_", "-") if isinstance(value, str) and _known_locale(value) else None,
    "timezone": lambda value: value if isinstance(value, str) and value in _zones() else None,
}
