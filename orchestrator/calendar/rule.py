"""A recurrence rule as a value, and what is wrong with one that cannot be followed."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]


class RecurrenceProblem(ValueError):  # noqa: N818  (the word of lint and its findings)
    """A rule or a schedule that cannot be followed: what is wrong, why, and what to write instead."""

    def __init__(self, what: str, why: str, fix: str) -> None:
        self.what, self.why, self.fix = what, why, fix
        super().__init__(f"{what}: {why}; {fix}")


@dataclass(frozen=True, slots=True)
class Rule:
    """Which days recur; an empty set leaves the part out."""

    frequency: Frequency
    interval: int = 1
    weekdays: frozenset[tuple[int, int]] = frozenset()
    """(n, weekday), 0 = Monday. n = 0: each; 2: the second, -1: the last of the month (of the year where YEARLY has no months)."""
    month_days: frozenset[int] = frozenset()
    """1 is the first of the month, -1 the last."""
    months: frozenset[int] = frozenset()
    positions: frozenset[int] = frozenset()
    """Which of a period's days stay: 1 is the first, -1 the last."""
    count: int | None = None
    until: date | datetime | None = None
    """The last that is inside: a local day, a local time, or (with UTC as its zone) an instant."""
    week_start: int = 0

    @property
    def needs_start(self) -> str:
        """The part that only a first day gives meaning to; empty if there is none."""
        if self.interval > 1:
            return "INTERVAL"
        if self.count is not None:
            return "COUNT"
        named = self.weekdays or self.month_days or self.frequency == "DAILY"
        return "" if named else f"FREQ={self.frequency} that names no day"


def skips_months(rule: Rule, start: date | None = None) -> bool:
    """Whether the rule asks for a day of the month (29, 30, 31, a fifth Monday) that some of its months lack, so that they are passed over.

    With positions only a month that has none of the days: `BYMONTHDAY=28,29,30,31;BYSETPOS=-1` is in every month. A rule that
    names no day takes that of `start`.
    """
    rule = with_start(rule, start)
    lacking = all if rule.positions else any
    lengths = [_LENGTHS[month - 1] for month in rule.months or range(1, 13)]
    by_month = rule.frequency == "MONTHLY" or (rule.frequency == "YEARLY" and bool(rule.months))
    if by_month and rule.weekdays and not rule.month_days:
        return lacking(abs(number) >= _FIFTH for number, _weekday in rule.weekdays)
    return bool(rule.month_days) and any(lacking(abs(day) > length for day in rule.month_days) for length in lengths)


_FIFTH = 5
"""Every month has four of each weekday, and some a fifth."""
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Of the months in most years."""


def with_start(rule: Rule, start: date | None) -> Rule:
    """The rule with the day it leaves to its start written out."""
    if start is None or rule.weekdays or rule.month_days or rule.frequency == "DAILY":
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, weekdays=frozenset({(0, start.weekday())}))
    months = rule.months or (frozenset({start.month}) if rule.frequency == "YEARLY" else frozenset())
    return replace(rule, month_days=frozenset({start.day}), months=months)
