"""Instants from data and from local times.

A local time that does not exist (clocks forward) is the first instant after the gap; one that occurs twice is the first.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from orchestrator.expressions.values import number_of

SECONDS_FROM, MILLISECONDS_FROM = 10**8, 10**11
"""Whole numbers from the first on are seconds since 1970, from the second on milliseconds."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)? ?([Zz]|[+-]\d{2}(:?\d{2})?)?", re.ASCII)
"""RFC 3339, and what databases write of it: without seconds, a comma, an offset of hours, a blank before it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ZonedInstant(datetime):
    """An instant that is read in a zone of its own (`in_timezone`), wherever its reader is; in UTC like every other."""

    zone: ZoneInfo

    @classmethod
    def at(cls, instant: datetime, zone: ZoneInfo) -> "ZonedInstant":
        utc = instant.astimezone(UTC)
        made = cls(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, tzinfo=UTC)
        made.zone = zone
        return made


def zone_of(value: object, zone: ZoneInfo) -> ZoneInfo:
    """Its own, or the reader's."""
    return getattr(value, "zone", zone) if isinstance(value, ZonedInstant) else zone


def in_zone_of(value: object, found: datetime) -> datetime:
    """What was made of a value stays in the zone that this has."""
    return ZonedInstant.at(found, value.zone) if isinstance(value, ZonedInstant) and hasattr(value, "zone") else found


def local(instant: datetime, zone: ZoneInfo) -> datetime | None:
    """As clocks show it in its own zone, or the reader's; missing beyond the calendar's first and last day."""
    try:
        return instant.astimezone(zone_of(instant, zone))
    except OverflowError:
        return None


def local_to_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local date and time."""
    local = datetime.combine(day, at.replace(tzinfo=None), tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    # in the gap: both readings straddle the change; search the minute the offset changes at
    before = local.replace(fold=1).astimezone(UTC)
    low, high = min(before, instant), max(before, instant)
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


@lru_cache(maxsize=8192)
def _read_text(text: str, zone: ZoneInfo) -> datetime | None:
    if len(text) > 40:
        return None
    if _DATE.fullmatch(text):
        try:
            return local_to_instant(date.fromisoformat(text), time(), zone)
        except (ValueError, OverflowError):
            return None
    if not _TIME.fullmatch(text):
        return None
    leap = timedelta(seconds=text[16:19] == ":60")
    try:
        read = datetime.fromisoformat(f"{text[:16]}:59{text[19:]}" if leap else text.replace("z", "Z"))
        if read.tzinfo is None:
            return None if leap else local_to_instant(read.date(), read.time(), zone)
        return _behind(read.astimezone(UTC), leap)
    except (ValueError, OverflowError):
        return None


def _behind(at: datetime, leap: timedelta) -> datetime | None:
    """A leap second is the first of the next day, as clocks without one count; there is none but at the end of a day."""
    found = at + leap
    return found if not leap or (found.hour, found.minute, found.second) == (0, 0, 0) else None


def read_instant(value: object, zone: ZoneInfo) -> datetime | None:
    """RFC 3339 with an offset; local without one; a date is 00:00 local; whole numbers are seconds or milliseconds.

    Anything else is missing: None.
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return _begin(value, zone)
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        found = _read_text(value, zone)
        if found is not None or not value.isdigit():
            return found
    number = number_of(value)
    if number is None or number != int(number) or number < SECONDS_FROM:
        return None
    try:
        milliseconds = int(number) if number >= MILLISECONDS_FROM else int(number) * 1000
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def _begin(day: date, zone: ZoneInfo) -> datetime | None:
    """Missing on the calendar's first and last day, where UTC is a day further."""
    try:
        return local_to_instant(day, time(), zone)
    except OverflowError:
        return None


def milliseconds(instant: datetime) -> int:
    """Since 1970, UTC."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)
