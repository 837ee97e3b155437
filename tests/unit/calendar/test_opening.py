from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calendar.opening import FURTHEST_OPENING, Opening, is_open, next_opening
from tests.unit.calendar.timeline import MINUTE, changes, minutes, ms, now_of, shown, timeline, times, weekdays

BERLIN = "Europe/Berlin"
OFFICE = Opening(time(9), time(17, 30), days=frozenset(range(5)), closed=frozenset({date(2026, 12, 25), date(2026, 12, 28)}))
NIGHT = Opening(time(22), time(6), days=frozenset({4}))


def opening(text: str) -> Opening:
    start, end = text.split("-")
    return Opening(time.fromisoformat(start), time.fromisoformat(end))


@pytest.mark.parametrize(("window", "now", "expected"), [
    (OFFICE, "2026-03-02T09:00", "2026-03-02T09:00+01:00"),  # `from` is inside
    (OFFICE, "2026-03-02T17:29", "2026-03-02T17:29+01:00"),
    (OFFICE, "2026-03-02T17:30", "2026-03-03T09:00+01:00"),  # `to` is outside
    (OFFICE, "2026-03-06T18:00", "2026-03-09T09:00+01:00"),
    (OFFICE, "2026-12-24T18:00", "2026-12-29T09:00+01:00"),
    (NIGHT, "2026-03-07T05:59", "2026-03-07T05:59+01:00"),  # Saturday morning is Friday's window
    (NIGHT, "2026-03-06T05:59", "2026-03-06T22:00+01:00"),
    (NIGHT, "2026-03-07T06:00", "2026-03-13T22:00+01:00"),
    (opening("09:00-09:00"), "2026-03-02T08:59", "2026-03-02T08:59+01:00"),  # all day and night
    (opening("02:15-02:45"), "2026-03-28T12:00", "2026-03-30T02:15+02:00"),  # nothing is left of it on the 29th
    (opening("02:15-04:00"), "2026-03-28T12:00", "2026-03-29T03:00+02:00"),
    (opening("01:00-02:30"), "2026-03-29T03:00", "2026-03-30T01:00+02:00"),
    (opening("02:00-02:30"), "2026-10-24T12:00", "2026-10-26T02:00+01:00"),  # its last 02:00 is after its first 02:30
    (opening("02:30-04:00"), "2026-10-24T12:00", "2026-10-25T02:30+01:00"),  # the second 02:30
    (opening("01:00-02:30"), "2026-10-25T03:00", "2026-10-26T01:00+01:00"),
])  # fmt: skip
def test_the_next_opening(window: Opening, now: str, expected: str) -> None:
    found = next_opening(window, ms(now, BERLIN), ZoneInfo(BERLIN))
    assert found is not None
    assert shown(found, BERLIN) == expected


def test_a_repeated_hour_is_closed_where_one_reading_of_it_is() -> None:
    zone = ZoneInfo(BERLIN)
    readings = {fold: ms("2026-10-25T02:15", BERLIN, fold=fold) for fold in (0, 1)}
    assert [is_open(opening("01:00-02:30"), readings[fold], zone) for fold in (0, 1)] == [True, False]
    assert [is_open(opening("02:10-04:00"), readings[fold], zone) for fold in (0, 1)] == [False, True]
    assert [is_open(opening("01:00-04:00"), readings[fold], zone) for fold in (0, 1)] == [True, True]


def test_midnight_that_is_left_out_or_comes_twice() -> None:
    havana = ZoneInfo("America/Havana")
    found = next_opening(opening("00:00-08:00"), ms("2026-03-07T23:00", "America/Havana"), havana)
    assert found == ms("2026-03-08T01:00", "America/Havana")
    found = next_opening(opening("00:00-08:00"), ms("2026-10-31T23:00", "America/Havana"), havana)
    assert found == ms("2026-11-01T00:00", "America/Havana", fold=1)


def test_a_window_that_opens_within_400_days_or_never() -> None:
    zone, now = ZoneInfo("UTC"), ms("2026-01-01T09:00")
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(500)]
    for last, found in ((399, now + FURTHEST_OPENING), (400, None)):
        shut = Opening(time(9), time(10), closed=frozenset(days[1 : last + 1]))
        assert next_opening(shut, now + 3_600_000, zone) == (found if found else None)
    assert next_opening(Opening(time(9), time(10), closed=frozenset(days)), now, zone) is None


def test_exactly_400_days_are_near_enough() -> None:
    zone, now = ZoneInfo("UTC"), ms("2026-01-01T09:00")
    shut = Opening(time(9), time(10), closed=frozenset(date(2026, 1, 1) + timedelta(days=number) for number in range(400)))
    assert next_opening(shut, now, zone) == now + FURTHEST_OPENING
    assert next_opening(shut, now - 1, zone) is None


openings = st.builds(
    Opening,
    times,
    times,
    weekdays,
    st.frozensets(st.dates(date(2026, 10, 20), date(2026, 11, 3)) | st.just(date(2011, 12, 30)), max_size=3),
)


def windows(window: Opening, change: str) -> list[tuple[int, int]]:
    """Read off the clock, minute by minute."""
    line, found = timeline(change), []
    for day in line.dates():
        begin = line.last_shown(datetime.combine(day, window.start))
        end = line.first_shown(datetime.combine(day + timedelta(days=window.end <= window.start), window.end))
        named = (not window.days or day.weekday() in window.days) and day not in window.closed
        if named and begin is not None and end is not None and begin < end:
            found.append((begin, end))
    return found


@given(changes, minutes, openings)
def test_it_is_open_when_the_clock_says_so(change: str, at_minute: int, window: Opening) -> None:
    now = now_of(change, at_minute)
    assert is_open(window, now, timeline(change).zone) == any(begin <= now < end for begin, end in windows(window, change))


@given(changes, minutes, openings)
def test_the_next_opening_is_the_first_open_instant(change: str, at_minute: int, window: Opening) -> None:
    now, zone = now_of(change, at_minute), timeline(change).zone
    found = next_opening(window, now, zone)
    expected = min((max(begin, now) for begin, end in windows(window, change) if end > now), default=None)
    if expected is not None:
        assert found == expected
    assert found is not None
    assert found >= now
    assert is_open(window, found, zone)
    assert (found == now) == is_open(window, now, zone)
    between = range(now, found, max(MINUTE, (found - now) // 200 // MINUTE * MINUTE))
    assert not any(is_open(window, one, zone) for one in between)
    assert found == now or not is_open(window, found - 1, zone)


@given(changes, minutes, st.integers(0, 3000), openings)
def test_the_next_opening_never_goes_back(change: str, at_minute: int, later: int, window: Opening) -> None:
    now, zone = now_of(change, at_minute), timeline(change).zone
    first, second = next_opening(window, now, zone), next_opening(window, now + later * MINUTE, zone)
    assert first is not None
    assert second is not None
    assert second >= first


def test_a_year_of_nights_opens_every_day() -> None:
    zone, now, seen = ZoneInfo(BERLIN), ms("2026-01-01T12:00", BERLIN), 0
    while (found := next_opening(opening("22:00-06:00"), now, zone)) is not None and found < ms("2027-01-01T12:00", BERLIN):
        seen, now = seen + 1, found
        while is_open(opening("22:00-06:00"), now, zone):
            now += 30 * MINUTE
    assert seen == 365
