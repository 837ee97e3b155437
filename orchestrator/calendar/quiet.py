"""Times in which we must not act: taken wide, and for all zones somebody may be in at once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.calendar.wall_clock import DAY, first_instant, last_instant, wall_time

FURTHEST_QUIET = 14 * DAY
"""Milliseconds: how far ahead an end, or a beginning, of quiet is looked for."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` (quiet) to `end` (not), local; an `end` not after `start` is on the next day. All of `dates` is quiet too.

    `start` is its first occurrence and `end` its last where clocks go back; what does not exist is the first instant after
    the gap. `days` (0 = Monday, empty = every day) name the day a window begins; they do not touch `dates`.
    """

    start: time
    end: time
    days: frozenset[int] = frozenset()
    dates: frozenset[date] = frozenset()


def is_quiet(rules: Collection[Quiet], now_ms: int, zones: Collection[ZoneInfo]) -> bool:
    """Whether any rule is quiet in any of the zones."""
    return _end(rules, now_ms, zones) is not None


def quiet_until(rules: Collection[Quiet], now_ms: int, zones: Collection[ZoneInfo]) -> int | None:
    """The first instant >= now at which no rule is quiet in any zone: now itself if none is. None if none within 14 days."""
    at = now_ms
    while at <= now_ms + FURTHEST_QUIET:
        end = _end(rules, at, zones)
        if end is None:
            return at
        at = end
    return None


def next_quiet(rules: Collection[Quiet], now_ms: int, zones: Collection[ZoneInfo]) -> int | None:
    """The first instant >= now at which some rule is quiet in some zone: now itself if one is. None if none within 14 days."""
    begins = (
        max(begin, now_ms)
        for zone in zones
        for rule in rules
        for begin, end in _stretches(rule, now_ms, zone, FURTHEST_QUIET // DAY)
        if end > now_ms
    )
    found = min(begins, default=None)
    return found if found is not None and found <= now_ms + FURTHEST_QUIET else None


def _end(rules: Collection[Quiet], at_ms: int, zones: Collection[ZoneInfo]) -> int | None:
    """The latest end of what is quiet at that instant; None if nothing is."""
    return max(
        (end for zone in zones for rule in rules for begin, end in _stretches(rule, at_ms, zone, 0) if begin <= at_ms < end),
        default=None,
    )


def _stretches(rule: Quiet, now_ms: int, zone: ZoneInfo, further: int) -> Iterator[tuple[int, int]]:
    """Begin and end of what may hold now or begin within so many days; none is empty."""
    today = wall_time(now_ms, zone).date()
    overnight = timedelta(days=rule.end <= rule.start)
    for number in range(-2, further + 3):  # a stretch may lie two days off where a whole local day is left out or repeated
        day = today + timedelta(days=number)
        if not rule.days or day.weekday() in rule.days:
            begin, end = first_instant(day, rule.start, zone), last_instant(day + overnight, rule.end, zone)
            if begin < end:  # both may stand in one gap
                yield begin, end
        if day in rule.dates:
            begin, end = first_instant(day, time(), zone), last_instant(day + timedelta(days=1), time(), zone)
            if begin < end:  # the day may be left out altogether
                yield begin, end
