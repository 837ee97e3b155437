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
