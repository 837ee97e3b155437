"""Durations as they are written: `90s 30m 2h 3d 1w 1d12h`: whole numbers, largest unit first, each once."""

import re

_UNITS = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000}
_PATTERN = re.compile(r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?")
_MEANT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*([wdhms])(?:eeks?|ays?|ours?|in|inutes?|ec|econds?|rs?)?(?![a-z])")
LONGEST = 400 * _UNITS["d"]


def read_duration(text: str, *, signed: bool = False) -> int | None:
    """Milliseconds, from 1 s to 400 d; None when it is no duration. `signed` allows `-2h`, `+1d` and `0s`."""
    sign = 1
    if signed and text[:1] in ("-", "+"):
        sign = -1 if text[0] == "-" else 1
        text = text[1:]
    total = _total(text)
    if total is None or total > LONGEST or (total < 1000 and not signed):
        return None
    return sign * total


def _total(text: str) -> int | None:
    found = _PATTERN.fullmatch(text)
    if found is None or not text:
        return None
    return sum(int(number) * unit for number, unit in zip(found.groups(), _UNITS.values(), strict=True) if number)


def no_duration(text: str, example: str, longest: int = LONGEST) -> tuple[str, str, str]:
    """Of a text that is none: what is wrong, why, and what to write: what is most likely meant, at most `longest`, else the example."""
    total = _total(text.removeprefix("-").removeprefix("+"))
    if total is not None and total > LONGEST:
        return f"'{text}' is too long", f"at most {write_duration(LONGEST)}", write_duration(min(longest, LONGEST))
    return f"'{text}' is not a duration", "whole numbers with s m h d w, largest first", _meant(text, longest) or example


def _meant(text: str, longest: int) -> str | None:
    """Of `1.5h`, `30m2h` and `4 hours`."""
    whole = round(sum(float(number) * _UNITS[unit] for number, unit in _MEANT.findall(text.casefold())) / 1000) * 1000
    if whole < 1000 or _MEANT.sub("", text.casefold()).strip(" ,"):
        return None
    single = next(f"{whole // size}{unit}" for unit, size in _UNITS.items() if whole % size == 0 and unit != "w")
    return single if "." in text and whole <= longest else write_duration(min(whole, longest))


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
