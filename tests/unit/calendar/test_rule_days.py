import datetime as dt
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from types import SimpleNamespace
from unittest.mock import patch

import dateutil.rrule
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calendar.rrule import parse_rrule
from orchestrator.calendar.rule_days import COUNTED_YEARS, REACH_YEARS, _days, days_from, days_until, last_day, names_a_day
from tests.unit.calendar.rules import rule_texts

starts = st.dates(date(2019, 1, 1), date(2029, 12, 31))
YEARS = 12


def expansion(text: str, start: date, until: date) -> list[date]:
    """All days up to `until`, by the library that knows the whole of RFC 5545."""
    # for a day that never comes it looks to the last year there is: here the next one
    years = SimpleNamespace(**{**vars(dt), "MAXYEAR": until.year + 1})
    with patch.object(dateutil.rrule, "datetime", years):
        found: Iterable[datetime] = dateutil.rrule.rrulestr(text, dtstart=datetime.combine(start, time()))
        return [day.date() for day in takewhile(lambda day: day.date() <= until, found)]


@pytest.mark.parametrize(("text", "start", "days"), [
    ("FREQ=MONTHLY;BYMONTHDAY=31", None, "2026-01-31 2026-03-31 2026-05-31 2026-07-31"),  # short months are passed over
    ("FREQ=MONTHLY;BYMONTHDAY=-1", None, "2026-01-31 2026-02-28 2026-03-31 2026-04-30"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", None, "2028-02-29 2032-02-29 2036-02-29 2040-02-29"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", None, "2026-02-13 2026-03-13 2026-11-13 2027-08-13"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", None, "2026-01-30 2026-02-27 2026-03-31 2026-04-30"),
    ("FREQ=MONTHLY;BYDAY=MO,1FR", None, "2026-01-02 2026-01-05 2026-01-12 2026-01-19"),  # either
    ("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3,10", None, "2026-03-29 2026-10-25 2027-03-28 2027-10-31"),
    ("FREQ=YEARLY;BYDAY=1MO", None, "2026-01-05 2027-01-04 2028-01-03 2029-01-01"),
    ("FREQ=WEEKLY", "2026-01-07", "2026-01-07 2026-01-14 2026-01-21 2026-01-28"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,SU;BYSETPOS=-1", "2026-01-03", "2026-01-04 2026-01-11 2026-01-18 2026-01-25"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,SU;BYSETPOS=4", "2026-01-03", "2026-01-04 2026-01-11 2026-01-18 2026-01-25"),  # of the whole week
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,SU;BYSETPOS=1;WKST=TU", "2026-01-01", "2026-01-06 2026-01-13 2026-01-20 2026-01-27"),
    ("FREQ=MONTHLY", "2025-12-31", "2026-01-31 2026-03-31 2026-05-31 2026-07-31"),
    ("FREQ=YEARLY", "2024-02-29", "2028-02-29 2032-02-29 2036-02-29 2040-02-29"),
    ("FREQ=DAILY;INTERVAL=10", "2025-12-31", "2026-01-10 2026-01-20 2026-01-30 2026-02-09"),
    ("FREQ=DAILY;COUNT=3", "2025-12-31", "2026-01-01 2026-01-02"),
    ("FREQ=DAILY;UNTIL=20260103", None, "2026-01-01 2026-01-02 2026-01-03"),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=FR", None, "2036-02-29 2064-02-29 2092-02-29 2104-02-29"),
])  # fmt: skip
def test_days_of_rules(text: str, start: str | None, days: str) -> None:
    first = date.fromisoformat(start) if start else None
    found = list(islice(days_from(parse_rrule(text), first, date(2026, 1, 1)), 4))
    assert found == [date.fromisoformat(day) for day in days.split()]
    assert list(islice(days_until(parse_rrule(text), first, found[-1]), len(found))) == found[::-1]


@pytest.mark.parametrize(("text", "days"), [
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05 1997-08-10 1997-08-19 1997-08-24"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05 1997-08-17 1997-08-19 1997-08-31"),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-08-07 1997-09-04 1997-10-07"),
    ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3", "1997-11-04 2001-11-06 2005-11-08"),
    ("FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13;COUNT=4", "1997-08-09 1997-09-13 1997-10-11 1997-11-08"),
])  # fmt: skip
def test_examples_of_the_standard(text: str, days: str) -> None:
    found = days_from(parse_rrule(text), date(1997, 8, 5), date(1997, 8, 5))
    assert list(found) == [date.fromisoformat(day) for day in days.split()]


@given(rule_texts(), starts, st.integers(-500, 365 * YEARS))
def test_days_are_those_of_the_whole_expansion(text: str, start: date, ahead: int) -> None:
    day, until = start + timedelta(days=ahead), start + timedelta(days=366 * YEARS)
    expected = expansion(text, start, until)
    rule = parse_rrule(text)
    after = list(takewhile(lambda found: found <= until, days_from(rule, start, day)))
    assert after == [found for found in expected if found >= day]
    assert list(days_until(rule, start, day)) == [found for found in reversed(expected) if found <= day]


@given(rule_texts(ends=False).filter(lambda text: "INTERVAL" not in text and "BY" in text), starts)
def test_without_a_start_days_are_the_same_on_every_day(text: str, day: date) -> None:
    rule = parse_rrule(text)
    if not rule.needs_start:
        until = day + timedelta(days=800)
        assert list(takewhile(lambda found: found <= until, days_from(rule, None, day))) == expansion(text, day, until)


@given(rule_texts(ends=False), st.integers(1, 12), starts)
def test_the_last_day(text: str, count: int, start: date) -> None:
    near = takewhile(lambda day: day.year <= start.year + COUNTED_YEARS, days_from(parse_rrule(text), start, start))
    days = list(islice(near, count))
    counted = parse_rrule(f"{text};COUNT={count}")
    assert last_day(counted, start) == (days[-1] if len(days) == count else None)
    assert list(islice(days_from(counted, start, start), len(days))) == days


@pytest.mark.parametrize("text", [
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYDAY=MO;BYSETPOS=2",
    "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=-2",
])  # fmt: skip
def test_rules_that_name_no_day(text: str) -> None:
    assert not names_a_day(parse_rrule(text), None)
    assert not names_a_day(parse_rrule(text + ";INTERVAL=7"), date(2026, 1, 1))


@pytest.mark.parametrize(("text", "start"), [
    ("FREQ=DAILY;INTERVAL=3", date(1990, 1, 1)),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", date(1990, 1, 1)),
    ("FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=3", date(1990, 1, 1)),
    ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=3", date(1990, 1, 1)),
    ("FREQ=DAILY;COUNT=1000", date(2024, 1, 1)),
])  # fmt: skip
def test_finding_a_day_does_not_begin_at_the_start(text: str, start: date) -> None:
    rule = parse_rrule(text)
    last_day(rule, start)
    _days.cache_clear()
    assert next(days_from(rule, start, date(2026, 3, 10))) is not None
    assert next(days_until(rule, start, date(2026, 3, 10))) is not None
    assert _days.cache_info().misses <= 4


def test_a_count_is_not_counted_for_ever() -> None:
    """A thousand 53rd Mondays are five thousand years."""
    rule, start = parse_rrule("FREQ=YEARLY;BYDAY=53MO;COUNT=1000"), date(2024, 1, 1)
    _days.cache_clear()
    assert last_day(rule, start) is None
    assert _days.cache_info().misses <= COUNTED_YEARS + 10
    assert next(days_from(rule, start, date(2026, 1, 1))) == date(2029, 12, 31)


def test_a_search_gives_up() -> None:
    _days.cache_clear()
    assert next(days_from(parse_rrule("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=5"), None, date(2026, 1, 1)), None) is None
    assert _days.cache_info().misses <= REACH_YEARS * 53 + 2


@pytest.mark.parametrize("start", [date.min, date.max, date(9989, 12, 31)])
@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_the_ends_of_the_calendar_are_no_error(frequency: str, start: date) -> None:
    for more in ("", ";INTERVAL=1000", ";COUNT=1000"):
        rule = parse_rrule(f"FREQ={frequency}{more}")
        assert len(list(days_from(rule, start, start))) <= 400
        list(islice(days_until(rule, start, start), 3))
        last_day(rule, start)
