"""Filters on instants and dates: written in the reader's locale, moved by calendar or by elapsed time."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates

from orchestrator.expressions.durations import read_duration
from orchestrator.expressions.local_time import ZonedInstant, in_zone_of, local, local_to_instant, read_instant, zone_of
from orchestrator.expressions.near_days import near_day
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.values import number_of

STYLES = ("short", "medium", "long", "full")
"""Of the locale data; beside them a style with `%` is strftime's."""
UNITS = ("hour", "day", "week", "month")
_NAMES = {"%A": "EEEE", "%a": "EEE", "%B": "MMMM", "%b": "MMM", "%h": "MMM"}
"""Names of days and months, which strftime has in one language alone: as the locale data writes them."""
_NAME = re.compile(r"%[%AaBbh]")


@lru_cache(maxsize=64)
def cldr(locale: str) -> Locale:
    """The CLDR locale, or its language, or English."""
    for name in (locale, locale.split("-", maxsplit=1)[0], "en"):
        try:
            return Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def f_date(s: Scope, value: object, style: object = "medium") -> object:
    at = value if isinstance(value, date) and not isinstance(value, datetime) else read_instant(value, s.zone)
    shown = local(at, s.zone) if isinstance(at, datetime) else at
    if shown is None:
        return None
    if "%" in str(style):
        return _strftime(shown, str(style), s.locale)
    return _date_text(shown.date() if isinstance(shown, datetime) else shown, str(style), s.locale)


def _strftime(shown: date, style: str, locale: str) -> str:
    """Of an instant with its time of day; of a date that is 00:00."""

    def named(found: re.Match[str]) -> str:
        pattern = _NAMES.get(found[0])
        return found[0] if pattern is None else str(dates.format_date(shown, pattern, locale=cldr(locale))).replace("%", "%%")

    return shown.strftime(_NAME.sub(named, style))


@lru_cache(maxsize=4096)
def _date_text(day: date, style: str, locale: str) -> str:
    return cast("str", dates.format_date(day, style if style in STYLES else "medium", locale=cldr(locale)))


@lru_cache(maxsize=4096)
def _time_text(at: time, locale: str) -> str:
    return cast("str", dates.format_time(at, "short", locale=cldr(locale)))


def f_time(s: Scope, value: object) -> object:
    shown = _local(s, value)
    return None if shown is None else _time_text(shown.time().replace(second=0, microsecond=0), s.locale)


def f_datetime(s: Scope, value: object, style: object = "medium") -> object:
    if "%" in str(style):
        return f_date(s, value, style)
    day, clock = f_date(s, value, style), f_time(s, value)
    return None if day is None or clock is None else f"{day} {clock}"


def f_relative(s: Scope, value: object) -> object:
    shown = _local(s, value)
    if shown is None:
        return None
    days = (shown.date() - s.now.astimezone(shown.tzinfo).date()).days
    word = near_day(days, cldr(s.locale).language)
    if word is not None:
        return word
    # days up to two weeks, weeks up to two months: six days are not a week, eleven not two
    return dates.format_timedelta(timedelta(days=days), granularity="day", threshold=2, add_direction=True, locale=cldr(s.locale))


def shift(s: Scope, value: object, amount: object, sign: int) -> object:
    at = read_instant(value, s.zone)
    step = read_duration(str(amount)) if not isinstance(amount, timedelta) else amount // timedelta(milliseconds=1)
    return None if at is None or step is None else in_zone_of(value, at + timedelta(milliseconds=sign * step))


def f_add_days(s: Scope, value: object, n: object = 0) -> object:
    """Calendar days, at the same local time."""
    number = number_of(n)
    if number is None or not -4000 <= number <= 4000:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value + timedelta(days=int(number))
    shown = _local(s, value)
    if shown is None:
        return None
    return in_zone_of(value, local_to_instant(shown.date() + timedelta(days=int(number)), shown.time(), zone_of(value, s.zone)))


def f_add_months(s: Scope, value: object, n: object = 0) -> object:
    """The same day of a later month, or its last day where there is no such day."""
    number = number_of(n)
    if number is None or not -1200 <= number <= 1200:
        return None
    plain = isinstance(value, date) and not isinstance(value, datetime)
    shown = _local(s, value)
    if shown is None:
        return None
    year, month = divmod(shown.year * 12 + shown.month - 1 + int(number), 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    day = date(year, month + 1, min(shown.day, last))
    return day if plain else in_zone_of(value, local_to_instant(day, shown.time(), zone_of(value, s.zone)))


def f_start_of(s: Scope, value: object, unit: object = "day") -> object:
    at = read_instant(value, s.zone)
    shown = None if at is None else local(at, s.zone)
    if at is None or shown is None:
        return None
    if unit == "hour":  # by elapsed time, so that an hour that occurs twice has two beginnings
        return in_zone_of(value, at - timedelta(minutes=shown.minute, seconds=shown.second, microseconds=shown.microsecond))
    day = shown.date()
    first = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}.get(str(unit))
    return None if first is None else in_zone_of(value, local_to_instant(first, time(), zone_of(value, s.zone)))


def f_in_timezone(s: Scope, value: object, zone: object = "UTC") -> object:
    """The same instant, read in that zone by whatever comes after it."""
    at = read_instant(value, s.zone)
    try:
        return None if at is None else ZonedInstant.at(at, ZoneInfo(str(zone)))
    except (KeyError, ValueError, OSError):  # a folder of the database, a name longer than files may have
        return None


def _local(s: Scope, value: object) -> datetime | None:
    at = read_instant(value, s.zone)
    return None if at is None else local(at, s.zone)
