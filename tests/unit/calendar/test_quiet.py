from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calendar.quiet import FURTHEST_QUIET, Quiet, is_quiet, next_quiet, quiet_until
from tests.unit.calendar.timeline import MINUTE, changes, minutes, ms, now_of, shown, timeline, times, weekdays

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
NIGHTS = Quiet(time(20, 30), time(8, 30))
SUNDAY = Quiet(time(20, 30), time(11), days=frozenset({5}))
HOLIDAY = Quiet(time(22), time(6), dates=frozenset({date(2026, 12, 25)}))


def quiet(text: str, days: str = "", dates: str = "") -> Quiet:
    start, end = text.split("-")
    named = frozenset(date.fromisoformat(one) for one in dates.split())
    return Quiet(time.fromisoformat(start), time.fromisoformat(end), frozenset(int(day) for day in days), named)


@pytest.mark.parametrize(("rules", "now", "until", "begins"), [
    ([NIGHTS], "2026-03-02T20:30", "2026-03-03T08:30+01:00", "2026-03-02T20:30+01:00"),  # `from` is quiet
    ([NIGHTS], "2026-03-02T08:30", "2026-03-02T08:30+01:00", "2026-03-02T20:30+01:00"),  # `to` is not
    ([NIGHTS, SUNDAY], "2026-03-07T21:00", "2026-03-08T11:00+01:00", "2026-03-07T21:00+01:00"),  # both end
    ([SUNDAY], "2026-03-08T12:00", "2026-03-08T12:00+01:00", "2026-03-14T20:30+01:00"),
    ([quiet("20:00-22:00"), quiet("22:00-23:00")], "2026-03-02T20:00", "2026-03-02T23:00+01:00", "2026-03-02T20:00+01:00"),
    ([HOLIDAY], "2026-12-24T23:00", "2026-12-26T06:00+01:00", "2026-12-24T23:00+01:00"),  # night, day, night
    ([quiet("22:00-06:00", "0", "2026-12-25")], "2026-12-24T12:00", "2026-12-24T12:00+01:00", "2026-12-25T00:00+01:00"),
    ([quiet("02:10-02:40")], "2026-10-25T02:10", "2026-10-25T02:40+01:00", "2026-10-25T02:10+02:00"),  # first to last
    ([quiet("01:00-02:30")], "2026-10-25T01:30", "2026-10-25T02:30+01:00", "2026-10-25T01:30+02:00"),
    ([quiet("02:15-04:00")], "2026-03-29T01:59", "2026-03-29T01:59+01:00", "2026-03-29T03:00+02:00"),
    ([quiet("02:15-02:45")], "2026-03-29T01:00", "2026-03-29T01:00+01:00", "2026-03-30T02:15+02:00"),  # all of it in the gap
    ([], "2026-03-02T12:00", "2026-03-02T12:00+01:00", None),
    ([quiet("00:00-00:01", "", "2026-03-20")], "2026-03-02T12:00", "2026-03-02T12:00+01:00", "2026-03-03T00:00+01:00"),
    ([quiet("09:00-09:00")], "2026-03-02T12:00", None, "2026-03-02T12:00+01:00"),  # day and night
    ([quiet("08:00-20:00"), quiet("20:00-08:00")], "2026-03-02T12:00", None, "2026-03-02T12:00+01:00"),
])  # fmt: skip
def test_quiet_times(rules: list[Quiet], now: str, until: str | None, begins: str | None) -> None:
    zone, at = ZoneInfo(BERLIN), ms(now, BERLIN)
    found, next_one = quiet_until(rules, at, [zone]), next_quiet(rules, at, [zone])
    assert (None if found is None else shown(found, BERLIN)) == until
    assert (None if next_one is None else shown(next_one, BERLIN)) == begins
    assert is_quiet(rules, at, [zone]) == (found != at) == (next_one == at)


def test_every_zone_must_be_open() -> None:
    """Three hours between two coasts: both are open from 11:30 to 20:30 in the east."""
    zones = [ZoneInfo(NEW_YORK), ZoneInfo("America/Los_Angeles")]
    morning = ms("2026-07-01T09:00", NEW_YORK)
    assert not is_quiet([NIGHTS], morning, zones[:1])
    assert is_quiet([NIGHTS], morning, zones)
    assert quiet_until([NIGHTS], morning, zones) == ms("2026-07-01T11:30", NEW_YORK)
    assert next_quiet([NIGHTS], ms("2026-07-01T12:00", NEW_YORK), zones) == ms("2026-07-01T20:30", NEW_YORK)


def test_zones_that_are_never_open_together() -> None:
    zones = [ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Sao_Paulo")]  # twelve hours apart, and open for twelve
    assert quiet_until([NIGHTS], ms("2026-01-10T12:00"), zones) is None
    assert quiet_until([NIGHTS], ms("2026-01-10T12:00"), zones[:1]) is not None


def test_no_zone_is_never_quiet() -> None:
    assert quiet_until([NIGHTS], 0, []) == 0
    assert next_quiet([NIGHTS], 0, []) is None


def test_fourteen_days_are_looked_at() -> None:
    zone, now = ZoneInfo("UTC"), ms("2026-03-02T00:00")
    days = [date(2026, 3, 2) + timedelta(days=number) for number in range(16)]
    for number, found in ((14, now + FURTHEST_QUIET), (15, None)):
        all_of = Quiet(time(), time(0, 1), frozenset({days[0].weekday()}), frozenset(days[:number]))
        assert quiet_until([all_of], now + MINUTE, [zone]) == (found + MINUTE if found else None)
    far = Quiet(time(12), time(13), days=frozenset({0}), dates=frozenset())
    assert next_quiet([far], ms("2026-03-02T13:00"), [zone]) == ms("2026-03-09T12:00")


def test_a_date_is_quiet_through_a_midnight_that_comes_twice() -> None:
    zone = "America/Havana"
    day = quiet("12:00-12:01", "", "2026-10-31")
    assert quiet_until([day], ms("2026-10-31T09:00", zone), [ZoneInfo(zone)]) == ms("2026-11-01T00:00", zone, fold=1)
    skipped = quiet("12:00-12:01", "", "2026-03-08")
    assert next_quiet([skipped], ms("2026-03-07T13:00", zone), [ZoneInfo(zone)]) == ms("2026-03-08T01:00", zone)


def test_a_date_that_is_left_out_is_quiet_for_no_time() -> None:
    zone = ZoneInfo("Pacific/Apia")
    rule = quiet("12:00-12:01", "0", "2011-12-30")
    assert not is_quiet([rule], ms("2011-12-29T23:59", "Pacific/Apia"), [zone])
    assert not is_quiet([rule], ms("2011-12-31T00:00", "Pacific/Apia"), [zone])


rules_of = st.lists(
    st.builds(Quiet, times, times, weekdays, st.frozensets(st.dates(date(2026, 10, 20), date(2026, 11, 3)), max_size=3)), max_size=3
)
others = st.lists(st.sampled_from(["Europe/London", "Asia/Tokyo"]), max_size=2, unique=True)


def stretches(rules: list[Quiet], change: str, zones: list[str]) -> list[tuple[int, int]]:
    """Read off the clocks, minute by minute."""
    found = []
    for line in [timeline(change), *(timeline(change, zone) for zone in zones)]:
        for rule in rules:
            spans = [
                (datetime.combine(day, rule.start), datetime.combine(day + timedelta(days=rule.end <= rule.start), rule.end))
                for day in line.dates()
                if not rule.days or day.weekday() in rule.days
            ]
            spans += [(datetime.combine(day, time()), datetime.combine(day + timedelta(days=1), time())) for day in rule.dates]
            ends = [(line.first_shown(begin), line.last_shown(end)) for begin, end in spans]
            found += [(begin, end) for begin, end in ends if begin is not None and end is not None and begin < end]
    return found


@given(changes, minutes, rules_of, others)
def test_it_is_quiet_when_the_clocks_say_so(change: str, at_minute: int, rules: list[Quiet], zones: list[str]) -> None:
    now = now_of(change, at_minute)
    seen = stretches(rules, change, zones)
    asked = [timeline(change).zone, *(ZoneInfo(zone) for zone in zones)]
    assert is_quiet(rules, now, asked) == any(begin <= now < end for begin, end in seen)
    assert next_quiet(rules, now, asked) == min(
        (max(begin, now) for begin, end in seen if end > now and begin <= now + FURTHEST_QUIET), default=None
    )
    free = now
    for begin, end in sorted(seen):
        if begin <= free < end:
            free = end
    assert quiet_until(rules, now, asked) == (free if free <= now + FURTHEST_QUIET else None)


@given(changes, minutes, st.integers(0, 3000), rules_of, others)
def test_the_end_of_quiet(change: str, at_minute: int, later: int, rules: list[Quiet], zones: list[str]) -> None:
    """It is open then, never before, and the end never goes back."""
    now = now_of(change, at_minute)
    asked = [timeline(change).zone, *(ZoneInfo(zone) for zone in zones)]
    found, second = quiet_until(rules, now, asked), quiet_until(rules, now + later * MINUTE, asked)
    if found is None:
        assert is_quiet(rules, now + later * MINUTE, asked)
        return
    assert found >= now
    assert not is_quiet(rules, found, asked)
    assert second is None or second >= found
    assert all(is_quiet(rules, one, asked) for one in range(now, found, max(MINUTE, (found - now) // 100 // MINUTE * MINUTE)))
    assert found == now or is_quiet(rules, found - 1, asked)


def test_the_wide_reading_leaves_nothing_out() -> None:
    """A year of half hours: it is quiet whenever the clock is between the two times."""
    zone, rule = ZoneInfo(BERLIN), quiet("01:15-03:15")
    for number in range(366 * 48):
        now = ms("2026-01-01T00:00") + number * 30 * MINUTE
        wall = datetime.fromtimestamp(now / 1000, zone).time()
        if rule.start <= wall < rule.end:
            assert is_quiet([rule], now, [zone]), shown(now, BERLIN)
