"""Values of the language: None is missing; bool; numbers (int, float, Decimal); text; lists; mappings; instants (aware
datetimes), dates, durations (timedelta)."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

WIDEST = 2**63
"""What is stored as a whole number; beyond it, as in JSON elsewhere, the nearest float."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def number_of(value: object) -> int | Decimal | None:
    """A number as it is compared and calculated with: floats of data exactly as they are written, digits in text read."""
    kind = type(value)
    if kind is int:
        return value  # type: ignore[return-value]  # kind says so
    if kind is Decimal:
        return value  # type: ignore[return-value]  # kind says so
    if kind is float:
        return Decimal(repr(value)) if math.isfinite(value) else None  # type: ignore[arg-type]  # kind says so
    if isinstance(value, str) and len(value) <= 40 and _NUMBER.fullmatch(value):
        return Decimal(value) if "." in value else int(value)
    return None


def is_number(value: object) -> bool:
    return type(value) in (int, float, Decimal)


def plain_number(value: Decimal) -> int | float:
    """As data holds it: a whole number, else the nearest float."""
    return int(value) if value == value.to_integral_value() and abs(value) < 10**18 else float(value)


def plain(value: object) -> object:
    """A value as it is kept in a profile: JSON types; instants as RFC 3339 text, durations as seconds."""
    match value:
        case None | bool() | str() | float():
            return value
        case int():
            return value if abs(value) < WIDEST else plain(Decimal(value))
        case Decimal():
            number = plain_number(value)
            return number if math.isfinite(number) else None
        case datetime() | date():
            return canonical_text(value)
        case timedelta():
            return plain_number(Decimal(repr(value.total_seconds())))
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return None


def canonical_text(value: object) -> str:
    """One text for one value: run keys, hashes, `~`. No trailing `.0`, `true`/`false`, instants as RFC 3339 UTC; missing is empty."""
    if type(value) is str:
        return value
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case float() | Decimal():
            return _decimal_text(value)
        case datetime():
            text = value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return text.replace(".000Z", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return _decimal_text(Decimal(repr(value.total_seconds())))
        case list() | tuple():
            return "[" + ", ".join(canonical_text(item) for item in value) + "]"
        case Mapping():
            return "{" + ", ".join(f"{name}: {canonical_text(item)}" for name, item in sorted(value.items())) + "}"
        case _:
            return ""


def _decimal_text(value: float | Decimal) -> str:
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if not number.is_finite():
        return ""
    text = format(number, "f") if number else "0"  # zero has no sign
    return text.rstrip("0").rstrip(".") if "." in text else text
