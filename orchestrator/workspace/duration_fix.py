"""How a duration is written that is none as it stands."""

import re
from decimal import Decimal, InvalidOperation

from orchestrator.expressions.durations import read_duration, write_duration

FORM = "for example: 90m, 2h or 1d12h"
_UNITS = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"\s*([0-9]{1,6}(?:[.,][0-9]{1,6})?)\s*([a-zA-Z]+)[\s,]*")
_WORDS = {
    **dict.fromkeys(("w", "week", "weeks"), "w"), **dict.fromkeys(("d", "day", "days"), "d"), **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"), **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
}  # fmt: skip


def duration_fix(text: str, *, signed: bool = False) -> str:
    """Which form it wants: its unit, whole numbers, their order, the bounds."""
    if re.fullmatch(r"[0-9]{1,6}", text):
        return f"add the unit: {text}d, {text}h or {text}m" if int(text) else FORM
    total = _seconds(text)
    if total is None:
        return FORM
    if total > 400 * _UNITS["d"]:
        return "write at most 400d"
    if total < 1 and not signed:
        return "write at least 1s"
    written = _written(text, total)
    return f"write {written}, not {text}" if written and read_duration(written) else FORM


def _seconds(text: str) -> Decimal | None:
    """What was meant, where words, fractions and any order of the units count."""
    total, at = Decimal(0), 0
    while at < len(text):
        found = _PART.match(text, at)
        unit = _WORDS.get(found[2].lower()) if found is not None else None
        if found is None or unit is None:
            return None
        try:
            total += Decimal(found[1].replace(",", ".")) * _UNITS[unit]
        except InvalidOperation:
            return None
        at = found.end()
    return total if at else None


def _written(text: str, total: Decimal) -> str:
    """One fraction becomes whole numbers of the next smaller unit: 1.5h is 90m."""
    if total != int(total):
        return ""
    alone = _PART.fullmatch(text)
    if alone is not None and re.search(r"[.,]", alone[1]):
        smaller = next((name for name, size in _UNITS.items() if size < _UNITS[_WORDS[alone[2].lower()]] and total % size == 0), "")
        return f"{int(total) // _UNITS[smaller]}{smaller}" if smaller else ""
    if alone is not None:
        return f"{int(alone[1])}{_WORDS[alone[2].lower()]}"
    return write_duration(int(total) * 1000)
