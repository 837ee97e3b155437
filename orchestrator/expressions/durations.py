"""Durations as they are written: `90s 30m 2h 3d 1w 1d12h`: whole numbers, largest unit first, each once."""

import re

_UNITS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}
_PATTERN = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?")
LONGEST = 400 * _UNITS["d"]


def read_duration(text: str, *, signed: bool = False) -> int | None:
    """Milliseconds, from 1 s to 400 d; None when it is no duration. `signed` allows `-2h`, `+1d` and `0s`."""
    sign = 1
    if signed and text[:1] in ("-", "+"):
        sign = -1 if text[0] == "-" else 1
        text = text[1:]
    found = _PATTERN.fullmatch(text)
    if found is None or not text:
        return None
    total = sum(int(number) * unit for number, unit in zip(found.groups(), _UNITS.values(), strict=True) if number)
    if total > LONGEST or (total < 1000 and not signed):
        return None
    return sign * total


def write_duration(milliseconds: int) -> str:
    """The shortest writing of a duration of whole seconds."""
    left, parts = abs(milliseconds), []
    for unit, size in _UNITS.items():
        number, left = divmod(left, size)
        if number and unit != "w":
            parts.append(f"{number}{unit}")
        elif number:
            left += number * size
    return ("-" if milliseconds < 0 else "") + ("".join(parts) or "0s")
