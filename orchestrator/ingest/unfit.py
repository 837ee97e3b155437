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


def unfit(value: object) -> str | None:
    """What in the data cannot be stored or shown, and where: too deep, numbers beyond 64 bits, NaN, NUL, lone surrogates; None is fine."""
    found = _unfit(value, 0)
    return None if found is None else f"`{found[0]}`: {found[1]}" if found[0] else found[1]


def _unfit(value: object, depth: int) -> tuple[str, str] | None:
    """(path, what)."""
    if depth > MAX_DEPTH:
        return "", f"nested deeper than {MAX_DEPTH}"
    match value:
        case None | bool():
            return None
        case str():
            what = _bad_text(value)
        case int():
            what = None if -WIDEST <= value < WIDEST else "a whole number beyond 64 bits: send it as text"
        case float():
            what = None if isfinite(value) else "a number that is not finite"
        case dict():
            for name, item in value.items():
                what = _bad_text(name)
                if what is not None:
                    return "", f"a name with {what}"
                found = _unfit(item, depth + 1)
                if found is not None:
                    return _under(name, found)
            return None
        case list():
            for index, item in enumerate(value):
                found = _unfit(item, depth + 1)
                if found is not None:
                    return _under(f"[{index}]", found)
            return None
        case _:
            what = f"a value of type {type(value).__name__}"
    return None if what is None else ("", what)


def _under(name: str, found: tuple[str, str]) -> tuple[str, str]:
    path, what = found
    return f"{name[:40]}{'' if not path or path.startswith('[') else '.'}{path}"[:120], what


def _bad_text(text: str) -> str | None:
    if text.isascii():
        return "a NUL character" if "\0" in text else None
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "half a character (a lone surrogate)"
    return "a NUL character" if "\0" in text else None
