"""Reading the part of RFC 5545 recurrence rules that schedules know: days, never times of day."""

import re
from datetime import UTC, date, datetime
from typing import get_args

from orchestrator.calendar.rule import Frequency, RecurrenceProblem, Rule
from orchestrator.expressions.problems import nearest

FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
PARTS = ("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "COUNT", "UNTIL", "WKST")
SUPPORTED = f"FREQ={'|'.join(FREQUENCIES)} with {' '.join(PARTS[1:])}"
LONGEST_RULE = 400
"""Characters."""
MOST_INTERVAL, MOST_COUNT = 1000, 1000

_EXAMPLE = "for example FREQ=WEEKLY;BYDAY=MO"
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_ELSEWHERE = {
    "BYHOUR": "write the time of day as `at`",
    "BYMINUTE": "write the time of day as `at`",
    "BYSECOND": "write the time of day as `at`, to the minute",
    "DTSTART": "write the first day as `start`",
    "EXDATE": "write the days left out as `except`",
    "TZID": "write the zone as `timezone`",
}


def parse_rrule(text: str) -> Rule:
    """The rule that the text writes, in any case; RecurrenceProblem says what is not supported and what is."""
    parts = _parts(text)
    rule = Rule(
        frequency=_frequency(parts.get("FREQ", "")),
        interval=_number("INTERVAL", parts.get("INTERVAL", "1"), 1, MOST_INTERVAL),
        weekdays=_weekdays(parts.get("BYDAY", "")),
        month_days=_numbers("BYMONTHDAY", parts, -31, 31),
        months=_numbers("BYMONTH", parts, 1, 12),
        positions=_numbers("BYSETPOS", parts, -366, 366),
        count=_number("COUNT", parts["COUNT"], 1, MOST_COUNT) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        week_start=_weekday("WKST", parts.get("WKST", "MO")),
    )
    _refuse_contradictions(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    text = text.strip()
    if len(text) > LONGEST_RULE or not text.isascii():
        raise RecurrenceProblem("this is no recurrence rule", f"a rule has at most {LONGEST_RULE} characters, all of them ASCII", _EXAMPLE)
    if ":" in text or "\n" in text:
        fix = "write only what stands behind `RRULE:`; a DTSTART is `start`"
        raise RecurrenceProblem("lines of a calendar file are not supported", "`rrule` is the rule alone", fix)
    parts: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, _, value = part.partition("=")
        if not name or not value:
            raise RecurrenceProblem(f"`{part[:40]}` is not NAME=VALUE", "parts stand with one ; between them", _EXAMPLE)
        if name not in PARTS:
            fix = _ELSEWHERE.get(name) or nearest(name[:40], PARTS)
            raise RecurrenceProblem(f"{name[:40]} is not supported", f"supported: {SUPPORTED}", fix)
        if name in parts:
            raise RecurrenceProblem(f"{name} stands twice", "each part stands at most once", f"keep one {name}")
        parts[name] = value
    return parts


def _frequency(value: str) -> Frequency:
    for known in FREQUENCIES:
        if value == known:
            return known
    what = f"FREQ={value[:40]} is not supported" if value else "FREQ is missing"
    raise RecurrenceProblem(what, f"supported: {SUPPORTED}", f"FREQ is one of {', '.join(FREQUENCIES)}")


def _number(name: str, value: str, least: int, most: int) -> int:
    # more digits than the bounds have are not worth converting
    if not re.fullmatch(r"[+-]?\d{1,4}", value) or not least <= int(value) <= most or int(value) == 0:
        allowed = f"a whole number from {least} to {most}" + (", not 0" if least < 0 else "")
        raise RecurrenceProblem(f"{name}={value[:40]} is not supported", f"it takes {allowed}", f"for example {name}=1")
    return int(value)


def _numbers(name: str, parts: dict[str, str], least: int, most: int) -> frozenset[int]:
    return frozenset(_number(name, one, least, most) for one in parts[name].split(",")) if name in parts else frozenset()


_LONG_DAY = re.compile(r"([+-]?[0-9]*)([A-Z]{2})[A-Z]+")


def _weekdays(value: str) -> frozenset[tuple[int, int]]:
    found = set()
    for one in value.split(",") if value else ():
        long = _LONG_DAY.fullmatch(one)
        if long is not None and long[2] in _WEEKDAYS:
            raise RecurrenceProblem(f"BYDAY={one} is no weekday", "weekdays have two letters", f"did you mean BYDAY={long[1]}{long[2]}?")
        weekday = _weekday("BYDAY", one[-2:])
        found.add((_number("BYDAY", one[:-2], -53, 53) if one[:-2] else 0, weekday))
    return frozenset(found)


def _weekday(name: str, value: str) -> int:
    if value not in _WEEKDAYS:
        fix = "for example WKST=MO" if name == "WKST" else "for example BYDAY=MO, BYDAY=2MO for the second, BYDAY=-1FR for the last"
        raise RecurrenceProblem(f"{name}={value} is no weekday", f"weekdays: {' '.join(_WEEKDAYS)}", fix)
    return _WEEKDAYS.index(value)


def _until(value: str) -> date | datetime:
    found = _UNTIL.fullmatch(value)
    try:
        if found is not None and found[2] is None:
            return date.fromisoformat(found[1])
        if found is not None:
            read = datetime.fromisoformat(f"{found[1]}T{found[2]}")
            return read.replace(tzinfo=UTC) if found[3] else read
    except ValueError:
        pass
    fix = "UNTIL=20261231 for a day, UNTIL=20261231T180000 for a local time, with Z at the end for UTC"
    raise RecurrenceProblem(f"UNTIL={value[:40]} is no date", "it takes the basic form, without dashes and colons", fix)


def _refuse_contradictions(rule: Rule) -> None:
    """What RFC 5545 does not allow together."""
    numbers = {abs(number) for number, _ in rule.weekdays} - {0}
    if numbers and rule.frequency in ("DAILY", "WEEKLY"):
        what = f"a number in BYDAY with FREQ={rule.frequency} is not supported"
        raise RecurrenceProblem(what, "it counts within a month or a year", "for example FREQ=MONTHLY;BYDAY=2MO")
    if (rule.frequency == "MONTHLY" or rule.months) and max(numbers, default=0) > 5:
        what = "a number above 5 in BYDAY is not supported within a month"
        raise RecurrenceProblem(what, "no month has six of a weekday", "BYDAY=-1MO is the last Monday")
    if rule.month_days and rule.frequency == "WEEKLY":
        what = "BYMONTHDAY with FREQ=WEEKLY is not supported"
        raise RecurrenceProblem(what, "a week has no days of the month", "for example FREQ=MONTHLY;BYMONTHDAY=1")
    if rule.positions and not (rule.weekdays or rule.month_days or rule.months):
        what = "BYSETPOS alone is not supported"
        raise RecurrenceProblem(what, "it chooses among the days that other parts name", "for example BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")
    if rule.count is not None and rule.until is not None:
        raise RecurrenceProblem("COUNT and UNTIL together are not supported", "a rule ends once", "keep one of them")
