from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orchestrator.calendar.recurrence import Occurrence, Schedule, latest_occurrence, next_occurrence
from orchestrator.calendar.rrule import parse_rrule
from orchestrator.calendar.rule import RecurrenceProblem
from tests.unit.calendar.rules import rule_texts
from tests.unit.calendar.test_rule_days import expansion
from tests.unit.calendar.timeline import BEFORE, MINUTE, changes, minutes, ms, now_of, shown, timeline, times

BERLIN = "Europe/Berlin"


def schedule(text: str, at: str = "09:00", start: str = "", without: str = "") -> Schedule:
    days = frozenset(date.fromisoformat(one) for one in without.split())
    return Schedule(parse_rrule(text), time.fromisoformat(at), start=date.fromisoformat(start) if start else None, except_days=days)


@pytest.mark.parametrize(("asked", "zone", "now", "latest", "following"), [
    (schedule("FREQ=DAILY"), BERLIN, "2026-03-02T09:00", "2026-03-02T09:00+01:00", "2026-03-03T09:00+01:00"),
    (schedule("FREQ=DAILY"), BERLIN, "2026-03-02T08:59", "2026-03-01T09:00+01:00", "2026-03-02T09:00+01:00"),
    (schedule("FREQ=DAILY", "02:15"), BERLIN, "2026-03-29T03:00", "2026-03-29T03:00+02:00", "2026-03-30T02:15+02:00"),
    (schedule("FREQ=DAILY", "02:30"), BERLIN, "2026-10-25T03:00", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),
    (schedule("FREQ=DAILY", "02:30"), "America/New_York", "2026-03-08T01:00", "2026-03-07T02:30-05:00", "2026-03-08T03:00-04:00"),
    (schedule("FREQ=DAILY", "02:10"), "Australia/Lord_Howe", "2026-10-04T00:00", "2026-10-03T02:10+10:30", "2026-10-04T02:30+11:00"),
    (schedule("FREQ=DAILY", "00:00"), "America/Havana", "2026-03-07T12:00", "2026-03-07T00:00-05:00", "2026-03-08T01:00-04:00"),
    (schedule("FREQ=DAILY", "23:30"), "Africa/Cairo", "2026-10-29T23:45", "2026-10-29T23:30+03:00", "2026-10-30T23:30+02:00"),
    (schedule("FREQ=DAILY"), "Pacific/Apia", "2011-12-31T00:00", "2011-12-31T00:00+14:00", "2011-12-31T09:00+14:00"),
    (schedule("FREQ=MONTHLY;BYMONTHDAY=31"), BERLIN, "2026-02-10T00:00", "2026-01-31T09:00+01:00", "2026-03-31T09:00+02:00"),
    (schedule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"), BERLIN, "2026-02-10T00:00", "2024-02-29T09:00+01:00", "2028-02-29T09:00+01:00"),
    (schedule("FREQ=WEEKLY;BYDAY=MO", without="2026-03-09"), BERLIN, "2026-03-10T00:00", "2026-03-02T09:00+01:00", "2026-03-16T09:00+01:00"),
    (schedule("FREQ=DAILY", start="2026-03-05"), BERLIN, "2026-03-02T00:00", None, "2026-03-05T09:00+01:00"),
    (schedule("FREQ=DAILY;COUNT=3", start="2026-03-05", without="2026-03-06"), BERLIN, "2026-03-05T09:00",
     "2026-03-05T09:00+01:00", "2026-03-07T09:00+01:00"),
    (schedule("FREQ=DAILY;COUNT=3", start="2026-03-05", without="2026-03-06"), BERLIN, "2026-03-20T09:00", "2026-03-07T09:00+01:00", None),
    (schedule("FREQ=DAILY;UNTIL=20260305"), BERLIN, "2026-03-05T09:00", "2026-03-05T09:00+01:00", None),
    (schedule("FREQ=DAILY;UNTIL=20260305T090000"), BERLIN, "2026-03-07T09:00", "2026-03-05T09:00+01:00", None),
    (schedule("FREQ=DAILY;UNTIL=20260305T085959"), BERLIN, "2026-03-07T09:00", "2026-03-04T09:00+01:00", None),
    (schedule("FREQ=DAILY;UNTIL=20260305T080000Z"), BERLIN, "2026-03-07T09:00", "2026-03-05T09:00+01:00", None),
    (schedule("FREQ=DAILY;UNTIL=20260305T075959Z"), BERLIN, "2026-03-04T08:00", "2026-03-03T09:00+01:00", "2026-03-04T09:00+01:00"),
    (schedule("FREQ=DAILY;UNTIL=20260305T230000Z", "00:30"), BERLIN, "2026-03-07T09:00", "2026-03-05T00:30+01:00", None),
    (schedule("FREQ=DAILY;UNTIL=20260305T233000Z", "00:30"), BERLIN, "2026-03-07T09:00", "2026-03-06T00:30+01:00", None),
    (Schedule(once=datetime(2026, 3, 29, 2, 15)), BERLIN, "2026-03-01T00:00", None, "2026-03-29T03:00+02:00"),
    (Schedule(once=datetime(2026, 3, 29, 2, 15)), BERLIN, "2026-03-29T03:00", "2026-03-29T03:00+02:00", None),
    (Schedule(once=datetime(2026, 3, 29, 9), except_days=frozenset({date(2026, 3, 29)})), BERLIN, "2026-03-01T00:00", None, None),
])  # fmt: skip
def test_before_and_after(asked: Schedule, zone: str, now: str, latest: str | None, following: str | None) -> None:
    found = latest_occurrence(asked, ms(now, zone), ZoneInfo(zone)), next_occurrence(asked, ms(now, zone), ZoneInfo(zone))
    assert [None if one is None else shown(one.instant_ms, zone) for one in found] == [latest, following]


def test_an_occurrence_is_named_by_the_time_it_was_planned_for() -> None:
    found = next_occurrence(schedule("FREQ=DAILY", "02:15"), ms("2026-03-28T12:00", BERLIN), ZoneInfo(BERLIN))
    assert found == Occurrence(datetime(2026, 3, 29, 2, 15), ms("2026-03-29T03:00", BERLIN))
    assert found.name == "2026-03-29T02:15"
    elsewhere = next_occurrence(schedule("FREQ=DAILY", "02:15"), ms("2026-03-28T12:00", BERLIN), ZoneInfo("Asia/Tokyo"))
    assert elsewhere is not None
    assert elsewhere.name == found.name


def test_of_two_at_one_instant_the_later_is_meant() -> None:
    """Midnight of the day Apia left out is midnight of the next."""
    zone, daily = ZoneInfo("Pacific/Apia"), schedule("FREQ=DAILY", "00:00")
    for found in (
        next_occurrence(daily, ms("2011-12-29T12:00", "Pacific/Apia"), zone),
        latest_occurrence(daily, ms("2011-12-31T12:00", "Pacific/Apia"), zone),
    ):
        assert found is not None
        assert found.name == "2011-12-31T00:00"
    only = schedule("FREQ=DAILY;UNTIL=20111230", "00:00")
    last = next_occurrence(only, ms("2011-12-29T12:00", "Pacific/Apia"), zone)
    assert last is not None
    assert last.name == "2011-12-30T00:00"


@pytest.mark.parametrize(("text", "start", "what"), [
    ("FREQ=DAILY;INTERVAL=2", None, "INTERVAL without `start`"),
    ("FREQ=DAILY;COUNT=2", None, "COUNT without `start`"),
    ("FREQ=WEEKLY", None, "FREQ=WEEKLY that names no day without `start`"),
    ("FREQ=MONTHLY;BYMONTH=2", None, "FREQ=MONTHLY that names no day without `start`"),
    ("FREQ=YEARLY", None, "FREQ=YEARLY that names no day without `start`"),
    ("FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2", None, "no day"),
    ("FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2;COUNT=2", date(2026, 1, 1), "no day"),
    ("FREQ=DAILY;UNTIL=20251231", date(2026, 1, 1), "no day"),
    ("FREQ=DAILY", date.max, "no day"),
])  # fmt: skip
def test_schedules_that_cannot_be_followed(text: str, start: date | None, what: str) -> None:
    with pytest.raises(RecurrenceProblem) as problem:
        Schedule(parse_rrule(text), time(9), start=start)
    assert what in problem.value.what


def test_a_schedule_is_one_thing() -> None:
    rule, once = parse_rrule("FREQ=DAILY"), datetime(2026, 3, 1, 9)
    wrong: list[dict[str, Any]] = [
        {},
        {"rule": rule},
        {"at": time(9)},
        {"once": once, "at": time(9)},
        {"rule": rule, "at": time(9), "once": once},
    ]
    for parts in wrong:
        with pytest.raises(RecurrenceProblem):
            Schedule(**parts)


def test_a_rule_that_has_ended_is_no_problem() -> None:
    over = schedule("FREQ=DAILY;UNTIL=19991231")
    assert next_occurrence(over, ms("2026-01-01T00:00"), ZoneInfo("UTC")) is None
    assert latest_occurrence(over, ms("2026-01-01T00:00"), ZoneInfo("UTC")) == Occurrence(datetime(1999, 12, 31, 9), ms("1999-12-31T09:00"))


starts = st.integers(-400, 3)
exceptions = st.frozensets(st.integers(-3, 8), max_size=3)


@given(rule_texts(), changes, minutes, starts, times, exceptions)
def test_occurrences_are_those_a_watcher_of_the_clock_sees(
    text: str, change: str, at_minute: int, first: int, at: time, left_out: frozenset[int]
) -> None:
    line, now = timeline(change), now_of(change, at_minute)
    middle = line.walls[BEFORE].date()
    start, without = middle + timedelta(days=first), frozenset(middle + timedelta(days=number) for number in left_out)
    try:
        asked = Schedule(parse_rrule(text), at, start=start, except_days=without)
    except RecurrenceProblem:
        assert not expansion(text, start, start + timedelta(days=366 * 8))
        return
    named = set(expansion(text, start, line.dates()[-1])) - without
    days = [day for day in line.dates() if day in named]
    seen = [(instant, day) for day in days if (instant := line.first_shown(datetime.combine(day, at))) is not None]
    found, latest = next_occurrence(asked, now, line.zone), latest_occurrence(asked, now, line.zone)
    after, before = [one for one in seen if one[0] > now], [one for one in seen if one[0] <= now]
    if after:
        instant = min(after)[0]
        assert found == Occurrence(datetime.combine(max(day for when, day in after if when == instant), at), instant)
    else:
        assert found is None or found.instant_ms > now
    if before:
        assert latest == Occurrence(datetime.combine(max(before)[1], at), max(before)[0])
    else:
        assert latest is None or latest.instant_ms <= now


@given(rule_texts(), changes, minutes, st.integers(0, 60 * 1440), times)
def test_occurrences_never_go_back(text: str, change: str, at_minute: int, later: int, at: time) -> None:
    line, now = timeline(change), now_of(change, at_minute)
    try:
        asked = Schedule(parse_rrule(text), at, start=line.walls[BEFORE].date() - timedelta(days=100))
    except RecurrenceProblem:
        assume(False)
    first, second = next_occurrence(asked, now, line.zone), next_occurrence(asked, now + later * MINUTE, line.zone)
    if first is None:
        assert second is None
        return
    assert first.instant_ms > now
    assert second is None or second.instant_ms >= first.instant_ms
    assert latest_occurrence(asked, first.instant_ms, line.zone) == first
    before = latest_occurrence(asked, first.instant_ms - 1, line.zone)
    assert before is None or before.instant_ms <= now
    again = next_occurrence(asked, first.instant_ms - 1, line.zone)
    assert again == first


@given(rule_texts(), st.dates(), st.integers(0, 4_000_000_000_000))
def test_no_rule_takes_long(text: str, start: date, now: int) -> None:
    try:
        asked = Schedule(parse_rrule(text), time(9), start=start)
    except RecurrenceProblem:
        return
    zone = ZoneInfo("Pacific/Apia")
    found, latest = next_occurrence(asked, now, zone), latest_occurrence(asked, now, zone)
    assert found is None or found.instant_ms > now
    assert latest is None or latest.instant_ms <= now


def test_a_year_of_sundays() -> None:
    asked, zone, now, seen = schedule("FREQ=WEEKLY;BYDAY=SU", "02:30"), ZoneInfo(BERLIN), ms("2026-01-01T00:00", BERLIN), []
    while (found := next_occurrence(asked, now, zone)) is not None and found.local.year == 2026:
        seen.append(found.name)
        now = found.instant_ms
    assert len(seen) == 52
    assert {"2026-03-29T02:30", "2026-10-25T02:30"} <= set(seen)
