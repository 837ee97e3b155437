"""Filters on instants and dates: written in the reader's locale, moved by calendar or by elapsed time."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates

from orchestrator.expressions.durations import read_duration
from orchestrator.expressions.local_time import ZonedInstant, in_zone_of, local, local_to_instant, read_instant, zone_of
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.values import number_of

NEAR_DAYS = {
    "en": ("yesterday", "today", "tomorrow"), "de": ("gestern", "heute", "morgen"), "fr": ("hier", "aujourd’hui", "demain"),
    "es": ("ayer", "hoy", "mañana"), "it": ("ieri", "oggi", "domani"), "nl": ("gisteren", "vandaag", "morgen"),
}  # fmt: skip
"""Words for the days around today, which the locale data reads only as durations."""


STYLES = ("short", "medium", "long", "full")
"""Of the locale data; beside them a style with `%` is strftime's."""
UNITS = ("hour", "day", "week", "month")


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
    day = shown.date() if isinstance(shown, datetime) else shown
    return day.strftime(str(style)) if "%" in str(style) else _date_text(day, str(style), s.locale)


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
    day, clock = f_date(s, value, style), f_time(s, value)
    return None if day is None or clock is None else f"{day} {clock}"


def f_relative(s: Scope, value: object) -> object:
    shown = _local(s, value)
    if shown is None:
        return None
    days = (shown.date() - s.now.astimezone(shown.tzinfo).date()).days
    if days in (-1, 0, 1):
        return NEAR_DAYS.get(s.locale.split("-")[0], NEAR_DAYS["en"])[days + 1]
    return dates.format_timedelta(timedelta(days=days), granularity="day", add_direction=True, locale=cldr(s.locale))


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
    except (KeyError, ValueError):
        return None


def _local(s: Scope, value: object) -> datetime | None:
    at = read_instant(value, s.zone)
    return None if at is None else local(at, s.zone)
