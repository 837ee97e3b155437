"""Between instants (milliseconds since 1970, UTC) and what a clock on the wall shows in a zone."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from orchestrator.expressions.local_time import local_to_instant, milliseconds

DAY = 86_400_000
"""Milliseconds of a day that no clock change touches."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def wall_time(instant_ms: int, zone: ZoneInfo) -> datetime:
    """What the clock shows, without zone. OverflowError outside the years 1 to 9999."""
    return (_EPOCH + timedelta(milliseconds=instant_ms)).astimezone(zone).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=16_384)
def first_instant(day: date, at: time, zone: ZoneInfo) -> int:
    """When the clock first shows it; where it never does, the first instant after the gap."""
    return milliseconds(local_to_instant(day, at, zone))


@lru_cache(maxsize=16_384)
def last_instant(day: date, at: time, zone: ZoneInfo) -> int:
    """When the clock last shows it; where it never does, the first instant after the gap."""
    last = datetime.combine(day, at.replace(tzinfo=None, fold=1), tzinfo=zone).astimezone(UTC)
    shown = last.astimezone(zone)
    if (shown.date(), shown.time()) == (day, at.replace(tzinfo=None, fold=0)):
        return milliseconds(last)
    return first_instant(day, at, zone)
