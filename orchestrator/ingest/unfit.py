"""What in data from outside can be neither stored nor shown: too deep, numbers beyond 64 bits, NaN, NUL, lone surrogates."""

import re
from math import isfinite

MAX_DEPTH = 32
WIDEST = 2**63
_SUSPECT = re.compile(rb"[0-9]{19}|\\u(?:0000|[dD][89a-fA-F])")
"""Nothing unfit comes out of JSON without one of these: many digits, an escaped NUL or surrogate (JSON has no way to say NaN)."""


def unfit_in(raw: bytes, value: object) -> str | None:
    """As `unfit`, of a value that was read from these bytes of JSON: it is walked through only where they give cause to."""
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH and _SUSPECT.search(raw) is None:
        return None
    return unfit(value)


def unfit(value: object, depth: int = 0) -> str | None:
    """What in the data cannot be stored or shown: too deep, numbers beyond 64 bits, NaN, NUL, lone surrogates; None is fine."""
    if depth > MAX_DEPTH:
        return f"nested deeper than {MAX_DEPTH}"
    match value:
        case None | bool():
            return None
        case str():
            return _bad_text(value)
        case int():
            return None if -WIDEST <= value < WIDEST else "a whole number beyond 64 bits: send it as text"
        case float():
            return None if isfinite(value) else "a number that is not finite"
        case dict():
            for name, item in value.items():
                found = _bad_text(name) or unfit(item, depth + 1)
                if found is not None:
                    return found
            return None
        case list():
            return next((found for item in value if (found := unfit(item, depth + 1)) is not None), None)
        case _:
            return f"a value of type {type(value).__name__}"


def _bad_text(text: str) -> str | None:
    if text.isascii():
        return "a NUL character" if "\0" in text else None
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "half a character (a lone surrogate)"
    return "a NUL character" if "\0" in text else None
