"""Delays until a local time: the next such time, and a time on a day counted from another instant.

A time that does not exist is the first instant after the gap, one that occurs twice the first. `days` are weekdays,
0 = Monday to 6 = Sunday; empty or None is every day. They name the day that was asked for, also where its time falls
into a gap that ends on the next day.
"""

from collections.abc import Set as AbstractSet
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.calendar.wall_clock import DAY, first_instant, wall_time

_ONE_DAY = timedelta(days=1)


def next_local_time(now_ms: int, at: time, days: AbstractSet[int] | None, zone: ZoneInfo) -> int:
    """The first instant >= now at which it is `at` on one of `days`; exactly now counts."""
    # from two days before: where clocks went back over midnight, or a whole day was left out, dates and instants disagree
    day = wall_time(now_ms, zone).date() - 2 * _ONE_DAY
    while True:
        if _wanted(day, days):
            instant = first_instant(day, at, zone)
            if instant >= now_ms:
                return instant
        day += _ONE_DAY


def local_time_on_day(instant_ms: int, offset_ms: int, at: time, days: AbstractSet[int] | None, zone: ZoneInfo) -> int | None:
    """`at` on the local day of `instant`, moved by `offset`; then, where `days` are given, the first of them from there on.

    Of the offset, whole days (24 h) are taken on the calendar, what is left over as elapsed time before that. The result may
    be before `instant`, also without offset. None outside the years 1 to 9999: the instant comes from data.
    """
    whole = abs(offset_ms) // DAY * (1 if offset_ms > 0 else -1)
    try:
        day = wall_time(instant_ms + offset_ms - whole * DAY, zone).date() + whole * _ONE_DAY
        while not _wanted(day, days):
            day += _ONE_DAY
        return first_instant(day, at, zone)
    except OverflowError:
        return None


def _wanted(day: date, days: AbstractSet[int] | None) -> bool:
    return not days or day.weekday() in days
