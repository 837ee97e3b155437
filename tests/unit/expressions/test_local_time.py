from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.expressions.durations import read_duration, write_duration
from orchestrator.expressions.local_time import local_to_instant, read_instant

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        (date(2026, 3, 29), time(2, 15), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # does not exist: 03:00 summer time, not 03:15
        (date(2026, 3, 29), time(1, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (date(2026, 3, 29), time(3, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # occurs twice: the first
        (date(2026, 7, 1), time(12, 0), datetime(2026, 7, 1, 10, 0, tzinfo=UTC)),
    ],
)
def test_local_times_at_the_edges(day: date, at: time, expected: datetime) -> None:
    assert local_to_instant(day, at, BERLIN) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02t10:00:00z", "2026-03-02T10:00:00Z"), ("2026-03-02T10:00:00-00:00", "2026-03-02T10:00:00Z"), ("2026-03-02T10:00:00+14:00", "2026-03-01T20:00:00Z"),
        ("2026-03-02T10:00:00.123456789Z", "2026-03-02T10:00:00.123456Z"), ("2026-03-02 10:00:00+01", "2026-03-02T09:00:00Z"), ("2026-03-02T10:00", "2026-03-02T09:00:00Z"),
        # a leap second is the first of the next day
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"), ("2017-01-01T05:29:60.5+05:30", "2017-01-01T00:00:00.5Z"), ("2016-12-31T10:00:60Z", None), ("2016-12-31T23:59:60", None),
        # no RFC 3339
        ("2026-W10-1T10:00:00Z", None), ("2026-03-02T24:00:00Z", None), ("2026-03-02T10+01:00", None), ("2026-03-02T10:00:00+01:00:30", None), ("٢٠٢٦-٠٣-٠٢", None),
        ("99999999", None), ("100000000", "1973-03-03T09:46:40Z"), ("100000000000", "1973-03-03T09:46:40Z"), ("99999999999", "5138-11-16T09:46:39Z"),
    ],
)  # fmt: skip
def test_what_is_read_as_an_instant(text: str, expected: str | None) -> None:
    assert read_instant(text, BERLIN) == (None if expected is None else datetime.fromisoformat(expected))


def test_the_calendars_ends_are_missing_where_utc_has_no_such_day() -> None:
    assert read_instant(date(1, 1, 1), ZoneInfo("Asia/Tokyo")) is None


@given(st.text(max_size=40) | st.integers() | st.floats() | st.booleans() | st.none())
def test_anything_is_an_instant_or_missing(value: object) -> None:
    found = read_instant(value, BERLIN)
    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", 90_000),
        ("2h", 7_200_000),
        ("1d12h", 129_600_000),
        ("1w", 604_800_000),
        ("400d", 400 * 86_400_000),
        ("401d", None),
        ("1.5h", None),
        ("90", None),
        ("12h1d", None),
        ("", None),
        ("0s", None),
        ("-2h", None),
    ],
)
def test_durations(text: str, expected: int | None) -> None:
    assert read_duration(text) == expected


def test_signed_durations() -> None:
    assert read_duration("-2h", signed=True) == -7_200_000
    assert read_duration("0s", signed=True) == 0


@given(st.integers(1, 400 * 86_400))
def test_durations_are_written_as_they_are_read(seconds: int) -> None:
    assert read_duration(write_duration(seconds * 1000)) == seconds * 1000
