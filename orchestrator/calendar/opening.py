"""Windows in which we may act: taken narrow, so that no reading of the clock falls outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.calendar.wall_clock import DAY, first_instant, last_instant, wall_time

FURTHEST_OPENING = 400 * DAY
"""Milliseconds: a window that opens later than this does not open."""


@dataclass(frozen=True, slots=True)
class Opening:
    """From `start` (inside) to `end` (outside), local; an `end` not after `start` is on the next day.

    `start` is its last occurrence and `end` its first where clocks go back; what does not exist is the first instant after
    the gap. A window that nothing is left of then does not open that day. `days` (0 = Monday, empty = every day) and `closed`
    name the day a window begins.
    """

    start: time
    end: time
    days: frozenset[int] = frozenset()
    closed: frozenset[date] = frozenset()


def is_open(opening: Opening, now_ms: int, zone: ZoneInfo) -> bool:
    return any(begin <= now_ms < end for begin, end in _windows(opening, now_ms, zone, 0))


def next_opening(opening: Opening, now_ms: int, zone: ZoneInfo) -> int | None:
    """The first instant >= now inside a window: now itself if it is open. None if there is none within 400 days."""
    for begin, end in _windows(opening, now_ms, zone, FURTHEST_OPENING // DAY):
        if end > now_ms:  # windows begin and end in the order of their days
            found = max(begin, now_ms)
            return found if found <= now_ms + FURTHEST_OPENING else None
    return None


def _windows(opening: Opening, now_ms: int, zone: ZoneInfo, further: int) -> Iterator[tuple[int, int]]:
    """Begin and end of the windows that may hold now or begin within so many days, in order; none is empty."""
    today = wall_time(now_ms, zone).date()
    overnight = timedelta(days=opening.end <= opening.start)
    for number in range(-2, further + 3):  # a window may lie two days off where a whole local day is left out or repeated
        day = today + timedelta(days=number)
        if day in opening.closed or (opening.days and day.weekday() not in opening.days):
            continue
        begin, end = last_instant(day, opening.start, zone), first_instant(day + overnight, opening.end, zone)
        if begin < end:
            yield begin, end
