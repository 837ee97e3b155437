from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calendar.local_day import local_time_on_day, next_local_time
from tests.unit.calendar.timeline import MINUTE, changes, minutes, ms, now_of, shown, timeline, times, weekdays

HOUR, DAY = 3_600_000, 86_400_000
BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(("zone", "now", "at", "days", "expected"), [
    (BERLIN, "2026-03-02T08:00", "09:00", "", "2026-03-02T09:00+01:00"),
    (BERLIN, "2026-03-02T09:00", "09:00", "", "2026-03-02T09:00+01:00"),  # exactly now passes at once
    (BERLIN, "2026-03-02T09:00:01", "09:00", "", "2026-03-03T09:00+01:00"),
    (BERLIN, "2026-03-02T09:00", "09:00", "56", "2026-03-07T09:00+01:00"),  # a Monday; the weekend
    (BERLIN, "2026-03-02T09:01", "09:00", "0", "2026-03-09T09:00+01:00"),
    (BERLIN, "2026-03-28T12:00", "02:15", "", "2026-03-29T03:00+02:00"),  # does not exist: not 03:15
    (BERLIN, "2026-03-29T03:01", "02:15", "", "2026-03-30T02:15+02:00"),
    (BERLIN, "2026-10-24T12:00", "02:30", "", "2026-10-25T02:30+02:00"),  # twice: the first
    (BERLIN, "2026-10-25T03:00", "02:30", "", "2026-10-26T02:30+01:00"),
    ("America/New_York", "2026-03-08T00:00", "02:30", "", "2026-03-08T03:00-04:00"),
    ("America/New_York", "2026-11-01T00:00", "01:30", "", "2026-11-01T01:30-04:00"),
    ("Australia/Lord_Howe", "2026-10-04T00:00", "02:10", "", "2026-10-04T02:30+11:00"),
    ("Australia/Lord_Howe", "2026-04-05T00:00", "01:45", "", "2026-04-05T01:45+11:00"),
    ("America/Havana", "2026-03-07T12:00", "00:00", "", "2026-03-08T01:00-04:00"),
    ("America/Havana", "2026-10-31T12:00", "00:30", "", "2026-11-01T00:30-04:00"),
    ("Africa/Cairo", "2026-04-23T12:00", "00:00", "", "2026-04-24T01:00+03:00"),
    ("Pacific/Apia", "2011-12-29T12:00", "09:00", "", "2011-12-31T00:00+14:00"),
    ("Pacific/Apia", "2011-12-29T12:00", "09:00", "4", "2011-12-31T00:00+14:00"),  # the Friday that was left out
    ("Pacific/Apia", "2011-12-31T00:01", "09:00", "5", "2011-12-31T09:00+14:00"),
    ("Asia/Kolkata", "2028-02-28T10:00", "09:00", "", "2028-02-29T09:00+05:30"),
    (BERLIN, "2026-12-31T10:00", "09:00", "", "2027-01-01T09:00+01:00"),
])  # fmt: skip
def test_the_next_local_time(zone: str, now: str, at: str, days: str, expected: str) -> None:
    found = next_local_time(ms(now, zone), time.fromisoformat(at), {int(day) for day in days}, ZoneInfo(zone))
    assert shown(found, zone) == expected


def test_no_days_are_all_days() -> None:
    now = ms("2026-03-02T10:00", BERLIN)
    zone = ZoneInfo(BERLIN)
    assert next_local_time(now, time(9), None, zone) == next_local_time(now, time(9), frozenset(range(7)), zone)


def test_between_the_two_occurrences_it_is_too_late() -> None:
    found = next_local_time(ms("2026-10-25T02:30", BERLIN, fold=1), time(2, 30), None, ZoneInfo(BERLIN))
    assert shown(found, BERLIN) == "2026-10-26T02:30+01:00"


@given(changes, minutes, times, weekdays)
def test_the_next_local_time_is_the_first_a_watcher_of_the_clock_sees(change: str, at_minute: int, at: time, days: frozenset[int]) -> None:
    line, now = timeline(change), now_of(change, at_minute)
    wanted = [day for day in line.dates() if not days or day.weekday() in days]
    seen = [instant for day in wanted if (instant := line.first_shown(datetime.combine(day, at))) is not None and instant >= now]
    assert next_local_time(now, at, days, line.zone) == min(seen)


@given(changes, minutes, st.integers(0, 2000), times, weekdays)
def test_the_next_local_time_never_goes_back(change: str, at_minute: int, later: int, at: time, days: frozenset[int]) -> None:
    zone, now = timeline(change).zone, now_of(change, at_minute)
    found = next_local_time(now, at, days, zone)
    assert found >= now
    assert next_local_time(found, at, days, zone) == found
    assert next_local_time(now + later * MINUTE, at, days, zone) >= found
    if timeline(change).wall(found).time() != at:  # then the minute before was on the other side of a gap
        assert timeline(change).wall(found) - timeline(change).wall(found - MINUTE) > timedelta(minutes=1)


@pytest.mark.parametrize(("zone", "instant", "offset", "at", "days", "expected"), [
    (BERLIN, "2026-03-05T10:00", -DAY, "18:00", "", "2026-03-04T18:00+01:00"),
    (BERLIN, "2026-03-05T20:00", -DAY, "18:00", "", "2026-03-04T18:00+01:00"),  # the day counts, not 24 hours
    (BERLIN, "2026-03-05T10:00", 0, "09:00", "", "2026-03-05T09:00+01:00"),
    (BERLIN, "2026-03-30T00:30", -DAY, "18:00", "", "2026-03-29T18:00+02:00"),  # 24 h before is 23:30 of the 28th
    (BERLIN, "2026-10-25T23:30", -DAY, "18:00", "", "2026-10-24T18:00+02:00"),  # 24 h before is 00:30 of the 25th
    (BERLIN, "2026-03-05T10:00", -DAY - 12 * HOUR, "18:00", "", "2026-03-03T18:00+01:00"),
    (BERLIN, "2026-03-05T13:00", -DAY - 12 * HOUR, "18:00", "", "2026-03-04T18:00+01:00"),
    (BERLIN, "2026-03-05T13:00", DAY + 12 * HOUR, "18:00", "", "2026-03-07T18:00+01:00"),
    (BERLIN, "2026-03-05T10:00", -2 * HOUR, "18:00", "", "2026-03-05T18:00+01:00"),
    (BERLIN, "2026-03-05T10:00", -DAY, "18:00", "0", "2026-03-09T18:00+01:00"),  # the first Monday from Wednesday on
    (BERLIN, "2026-03-05T10:00", -DAY, "18:00", "2", "2026-03-04T18:00+01:00"),
    (BERLIN, "2026-03-30T10:00", -DAY, "02:15", "", "2026-03-29T03:00+02:00"),
    (BERLIN, "2026-10-26T10:00", -DAY, "02:15", "", "2026-10-25T02:15+02:00"),
    ("Pacific/Apia", "2011-12-31T10:00", -DAY, "18:00", "", "2011-12-31T00:00+14:00"),  # that day was left out
    ("Asia/Kolkata", "2028-03-01T10:00", -DAY, "18:00", "", "2028-02-29T18:00+05:30"),
    ("Asia/Kolkata", "2028-02-29T10:00", 365 * DAY, "18:00", "", "2029-02-28T18:00+05:30"),
])  # fmt: skip
def test_a_time_on_a_day_counted_from_an_instant(zone: str, instant: str, offset: int, at: str, days: str, expected: str) -> None:
    found = local_time_on_day(ms(instant, zone), offset, time.fromisoformat(at), {int(day) for day in days}, ZoneInfo(zone))
    assert found is not None
    assert shown(found, zone) == expected


@given(changes, minutes, st.integers(-3, 3), times)
def test_whole_days_are_days_of_the_calendar(change: str, at_minute: int, days: int, at: time) -> None:
    line, instant = timeline(change), now_of(change, at_minute)
    found = local_time_on_day(instant, days * DAY, at, None, line.zone)
    day = line.wall(instant).date() + timedelta(days=days)
    assert found == line.first_shown(datetime.combine(day, at))


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999), st.integers(-400 * DAY, 400 * DAY), times, weekdays)
def test_instants_of_data_never_break_it(instant: int, offset: int, at: time, days: frozenset[int]) -> None:
    found = local_time_on_day(instant, offset, at, days, ZoneInfo("Pacific/Apia"))
    assert found is None or abs(found - instant - offset) < 10 * DAY


@pytest.mark.parametrize("instant", ["9999-12-31T23:59", "0001-01-01T00:00"])
def test_beyond_the_calendar_there_is_nothing(instant: str) -> None:
    past = instant.startswith("0")
    zone = ZoneInfo("America/New_York" if past else "Pacific/Apia")
    assert local_time_on_day(ms(instant), -DAY if past else DAY, time(12), None, zone) is None


def test_every_day_of_a_leap_year_comes_once() -> None:
    zone = ZoneInfo(BERLIN)
    now, seen = ms("2028-01-01T00:00", BERLIN), []
    while (now := next_local_time(now, time(2, 30), None, zone)) < ms("2029-01-01T00:00", BERLIN):
        seen.append(datetime.fromtimestamp(now / 1000, zone).date())
        now += 1
    assert seen == [date(2028, 1, 1) + timedelta(days=number) for number in range(366)]
