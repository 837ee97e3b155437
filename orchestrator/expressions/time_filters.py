"""Filters on instants and dates: written in the reader's locale, moved by calendar or by elapsed time."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates

from orchestrator.expressions.durations import read_duration
from orchestrator.expressions.local_time import local_to_instant, read_instant
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
    if at is None:
        return None
    local = at.astimezone(s.zone).date() if isinstance(at, datetime) else at
    return local.strftime(str(style)) if "%" in str(style) else _date_text(local, str(style), s.locale)


@lru_cache(maxsize=4096)
def _date_text(day: date, style: str, locale: str) -> str:
    return cast("str", dates.format_date(day, style if style in STYLES else "medium", locale=cldr(locale)))


@lru_cache(maxsize=4096)
def _time_text(at: time, locale: str) -> str:
    return cast("str", dates.format_time(at, "short", locale=cldr(locale)))


def f_time(s: Scope, value: object) -> object:
    at = read_instant(value, s.zone)
    return None if at is None else _time_text(at.astimezone(s.zone).time().replace(second=0, microsecond=0), s.locale)


def f_datetime(s: Scope, value: object, style: object = "medium") -> object:
    day, clock = f_date(s, value, style), f_time(s, value)
    return None if day is None or clock is None else f"{day} {clock}"


def f_relative(s: Scope, value: object) -> object:
    at = read_instant(value, s.zone)
    if at is None:
        return None
    days = (at.astimezone(s.zone).date() - s.now.astimezone(s.zone).date()).days
    if days in (-1, 0, 1):
        return NEAR_DAYS.get(s.locale.split("-")[0], NEAR_DAYS["en"])[days + 1]
    return dates.format_timedelta(timedelta(days=days), granularity="day", add_direction=True, locale=cldr(s.locale))


def shift(s: Scope, value: object, amount: object, sign: int) -> object:
    at = read_instant(value, s.zone)
    step = read_duration(str(amount)) if not isinstance(amount, timedelta) else amount // timedelta(milliseconds=1)
    return None if at is None or step is None else at + timedelta(milliseconds=sign * step)


def f_add_days(s: Scope, value: object, n: object = 0) -> object:
    """Calendar days, at the same local time."""
    number = number_of(n)
    if number is None or not -4000 <= number <= 4000:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value + timedelta(days=int(number))
    at = read_instant(value, s.zone)
    if at is None:
        return None
    local = at.astimezone(s.zone)
    return local_to_instant(local.date() + timedelta(days=int(number)), local.time(), s.zone)


def f_add_months(s: Scope, value: object, n: object = 0) -> object:
    """The same day of a later month, or its last day where there is no such day."""
    number = number_of(n)
    if number is None or not -1200 <= number <= 1200:
        return None
    plain = isinstance(value, date) and not isinstance(value, datetime)
    at = read_instant(value, s.zone)
    if at is None:
        return None
    local = at.astimezone(s.zone)
    year, month = divmod(local.year * 12 + local.month - 1 + int(number), 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    day = date(year, month + 1, min(local.day, last))
    return day if plain else local_to_instant(day, local.time(), s.zone)


def f_start_of(s: Scope, value: object, unit: object = "day") -> object:
    at = read_instant(value, s.zone)
    if at is None:
        return None
    local = at.astimezone(s.zone)
    day = local.date()
    match unit:
        case "day":
            return local_to_instant(day, time(), s.zone)
        case "week":
            return local_to_instant(day - timedelta(days=day.weekday()), time(), s.zone)
        case "month":
            return local_to_instant(day.replace(day=1), time(), s.zone)
        case "hour":
            return at.replace(minute=0, second=0, microsecond=0)
        case _:
            return None


def f_in_timezone(s: Scope, value: object, zone: object = "UTC") -> object:
    at = read_instant(value, s.zone)
    try:
        return None if at is None else at.astimezone(ZoneInfo(str(zone)))
    except (KeyError, ValueError):
        return None
