"""When a schedule occurs: days by its rule, times by the clock of a zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.calendar.rule import RecurrenceProblem, Rule
from orchestrator.calendar.rule_days import days_from, days_until, names_a_day
from orchestrator.calendar.wall_clock import first_instant, wall_time
from orchestrator.expressions.local_time import milliseconds

_SLACK = timedelta(days=2)
"""Dates and instants disagree where clocks go back over midnight or a whole day is left out."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a schedule: what the clock shows (or, in a gap, would have), and the instant in milliseconds."""

    local: datetime
    instant_ms: int

    @property
    def name(self) -> str:
        """The same in every zone: `2026-03-02T09:00`."""
        return self.local.isoformat(timespec="minutes")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Either a rule and the time of day `at`, or `once` (a local time). RecurrenceProblem if it cannot be followed.

    `start` is the first day that counts: INTERVAL and COUNT are counted from it. Days in `except_days` do not happen, but
    COUNT has counted them.
    """

    rule: Rule | None = None
    at: time | None = None
    once: datetime | None = None
    start: date | None = None
    except_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if (self.rule is None) == (self.once is None) or (self.rule is None) != (self.at is None):
            raise RecurrenceProblem("a schedule is one thing", "it has `rrule` and `at`, or `once`", "keep one of the two")
        if self.rule is None:
            return
        missing = self.rule.needs_start
        if missing and self.start is None:
            raise RecurrenceProblem(f"{missing} without `start`", "it is counted from a first day", "add start: 2026-01-31")
        if not names_a_day(self.rule, self.start):
            raise RecurrenceProblem("the rule names no day there is", "it would never occur", "check its days, BYSETPOS, UNTIL and `start`")


def next_occurrence(schedule: Schedule, now_ms: int, zone: ZoneInfo) -> Occurrence | None:
    """The first occurrence strictly after now, None if there is none. Of two at one instant (a gap of a day) the later."""
    found: Occurrence | None = None
    for local in _locals(schedule, wall_time(now_ms, zone).date() - _SLACK, forwards=True):
        instant = first_instant(local.date(), local.time(), zone)
        if found is not None and instant > found.instant_ms:
            return found
        if instant <= now_ms or _ended(schedule.rule, local, instant):
            continue
        found = Occurrence(local, instant)
        if wall_time(instant, zone) == local:
            return found  # only one out of a gap can share its instant with the next
    return found


def latest_occurrence(schedule: Schedule, now_ms: int, zone: ZoneInfo) -> Occurrence | None:
    """The last occurrence at or before now, None if there is none. Of two at one instant (a gap of a day) the later."""
    for local in _locals(schedule, wall_time(now_ms, zone).date() + _SLACK, forwards=False):
        instant = first_instant(local.date(), local.time(), zone)
        if instant <= now_ms and not _ended(schedule.rule, local, instant):
            return Occurrence(local, instant)
    return None


def _locals(schedule: Schedule, day: date, *, forwards: bool) -> Iterator[datetime]:
    """Local times on days from `day` on, or up to it in descending order."""
    if schedule.once is not None:
        if schedule.once.date() not in schedule.except_days:
            yield schedule.once
    elif schedule.rule is not None and schedule.at is not None:
        days = (days_from if forwards else days_until)(schedule.rule, schedule.start, day)
        for found in days:
            if found not in schedule.except_days:
                yield datetime.combine(found, schedule.at)


def _ended(rule: Rule | None, local: datetime, instant_ms: int) -> bool:
    """Whether the rule's UNTIL is before that time: by the clock, or by the instant where it is written in UTC."""
    if rule is None or not isinstance(rule.until, datetime):
        return False  # days know when they end
    if rule.until.tzinfo is None:
        return local > rule.until
    return instant_ms > milliseconds(rule.until)
