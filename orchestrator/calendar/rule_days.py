"""The days a rule names: found period by period (month, week or year) from any day on, forwards or backwards."""

from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile

from orchestrator.calendar.rule import Rule, with_start

REACH_YEARS = 60
"""How far a search goes without finding anything. 29 February is the same weekday again after 40 years at most."""
COUNTED_YEARS = 200
"""How far from the start a COUNT is counted; what has not ended by then goes on."""
_PERIODS = {"DAILY": 12, "WEEKLY": 53, "MONTHLY": 12, "YEARLY": 1}
"""In a year."""
_FIRST, _LAST = date(10, 1, 1), date(9990, 1, 1)
"""Between these, no arithmetic leaves the calendar."""


def days_from(rule: Rule, start: date | None, day: date) -> Iterator[date]:
    """The rule's days from `day` on, ascending. None is before `start`, which INTERVAL and COUNT are counted from."""
    last = last_day(rule, start)
    for found in _walk(rule, start, max(day, start or day), 1):
        if last is not None and found > last:
            return
        yield found


def days_until(rule: Rule, start: date | None, day: date) -> Iterator[date]:
    """The rule's days up to `day`, descending, none before `start`."""
    last = last_day(rule, start)
    for found in _walk(rule, start, min(day, last or day), -1):
        if start is not None and found < start:
            return
        yield found


def names_a_day(rule: Rule, start: date | None) -> bool:
    """Whether the rule names any day at all, from its start on; without one, its end does not matter."""
    # in the reach of the year 2000 every date is on every weekday
    days = days_from(rule, start, start) if start is not None else _walk(rule, None, date(2000, 1, 1), 1)
    return next(days, None) is not None


@lru_cache(maxsize=1024)
def last_day(rule: Rule, start: date | None) -> date | None:
    """No day of the rule is later; None if it has no end, or has not counted to it for so many years."""
    if rule.count is not None and start is not None:
        horizon = _LAST.year if start.year > _LAST.year - COUNTED_YEARS else start.year + COUNTED_YEARS
        counted = [start, *islice(takewhile(lambda day: day.year <= horizon, _walk(rule, start, start, 1)), rule.count)]
        return counted[-1] if len(counted) > rule.count else None
    if not isinstance(rule.until, datetime):
        return rule.until
    # where the clock is ahead of UTC it may be the next day; who asks for times compares them again
    return rule.until.date() + timedelta(days=rule.until.tzinfo is not None)


def _walk(rule: Rule, start: date | None, day: date, direction: int) -> Iterator[date]:
    """The days from `day` on in one direction, not looking at the rule's end; gives up where none comes for so many years."""
    if not _FIRST < day < _LAST:
        return
    daily = rule.frequency == "DAILY"  # found by months: the interval is minded within
    step = 1 if daily else rule.interval
    anchor = _period(rule, start) if start is not None else 0
    period = _period(rule, day)
    off = (period - anchor) % step
    if off:
        period += step - off if direction > 0 else -off
    patience = REACH_YEARS * _PERIODS[rule.frequency] // step + 1
    empty = 0
    while empty <= patience:
        found = [one for one in _days(rule, start, period) if (one >= day if direction > 0 else one <= day)]
        empty = 0 if found else empty + 1
        yield from found[::direction]
        period += step * direction


def _period(rule: Rule, day: date) -> int:
    if rule.frequency == "YEARLY":
        return day.year
    if rule.frequency == "WEEKLY":
        return (day.toordinal() - 1 - rule.week_start) // 7  # ordinal 1 is a Monday
    return day.year * 12 + day.month - 1


@lru_cache(maxsize=8192)
def _days(rule: Rule, start: date | None, period: int) -> tuple[date, ...]:
    """Those of one period, ascending."""
    rule = with_start(rule, start)
    if rule.frequency == "WEEKLY":
        first = period * 7 + 1 + rule.week_start
        week = [date.fromordinal(first + number) for number in range(7)] if _FIRST.toordinal() < first < _LAST.toordinal() else []
        return _chosen(rule, [day for day in week if _in_months(rule, day.month) and (0, day.weekday()) in rule.weekdays])
    year = period if rule.frequency == "YEARLY" else period // 12
    if not _FIRST.year <= year <= _LAST.year:
        return ()
    if rule.frequency == "YEARLY":
        return _chosen(rule, [day for month in range(1, 13) for day in _of_month(rule, year, month)])
    days = _of_month(rule, year, period % 12 + 1)
    if rule.frequency == "MONTHLY":
        return _chosen(rule, days)
    if rule.interval > 1 and start is not None:
        days = [day for day in days if (day - start).days % rule.interval == 0]
    return tuple(days) if not rule.positions or rule.positions & {1, -1} else ()  # a day's period has itself alone


def _of_month(rule: Rule, year: int, month: int) -> list[date]:
    if not _in_months(rule, month):
        return []
    length = monthrange(year, month)[1]
    wanted = {day if day > 0 else length + 1 + day for day in rule.month_days} if rule.month_days else range(1, length + 1)
    days = [date(year, month, day) for day in sorted(wanted) if 1 <= day <= length]
    return [day for day in days if not rule.weekdays or _on_weekdays(rule, day, length)]


def _on_weekdays(rule: Rule, day: date, length: int) -> bool:
    weekday = day.weekday()
    numbers = {number for number, named in rule.weekdays if named == weekday}
    if not numbers or 0 in numbers:
        return bool(numbers)
    place, size = day.day, length
    if rule.frequency == "YEARLY" and not rule.months:
        place, size = day.toordinal() - date(day.year, 1, 1).toordinal() + 1, 365 + isleap(day.year)
    return not numbers.isdisjoint({(place - 1) // 7 + 1, -((size - place) // 7 + 1)})


def _in_months(rule: Rule, month: int) -> bool:
    return not rule.months or month in rule.months


def _chosen(rule: Rule, days: list[date]) -> tuple[date, ...]:
    if not rule.positions:
        return tuple(days)
    places = {place - 1 if place > 0 else len(days) + place for place in rule.positions}
    return tuple(days[place] for place in sorted(places) if 0 <= place < len(days))
