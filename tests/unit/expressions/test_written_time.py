"""Instants as people read them: strftime with its time of day, names of days in the reader's language, days that are near."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from orchestrator.expressions.expression import compile_expression
from orchestrator.expressions.scope import EmptyFacts, Scope
from tests.unit.expressions.test_expression import NOW, WORDS


def written(text: str, x: object, locale: str = "en") -> object:
    return compile_expression(text, WORDS).evaluate(Scope({"x": x}, EmptyFacts(), NOW, ZoneInfo("Europe/Berlin"), locale))


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("x | date('%d.%m.%Y %H:%M')", "en", "08.03.2026 16:30"), ("x | datetime('%H:%M')", "en", "16:30"), ("x | date('%A, %d %B')", "de", "Sonntag, 08 März"),
        ("x | date('%a %b %%A')", "en", "Sun Mar %A"), ("today() | date('%A %H:%M')", "fr", "lundi 00:00"), ("x | datetime('short')", "de", "08.03.26 16:30"),
        ("x | in_timezone('Asia/Tokyo') | date('%H:%M')", "en", "00:30"), ("((x | in_timezone('Asia/Tokyo')) + duration('2h')) | date('%H')", "en", "02"),
    ],
)  # fmt: skip
def test_strftime(text: str, locale: str, expected: str) -> None:
    assert written(text, datetime(2026, 3, 8, 15, 30, tzinfo=UTC), locale) == expected


@pytest.mark.parametrize(
    ("days", "locale", "expected"),
    [
        (0, "cy", "heddiw"), (1, "pl", "jutro"), (-1, "nb", "i går"), (1, "de-AT", "morgen"), (6, "en", "in 6 days"), (11, "en", "in 11 days"),
        (14, "en", "in 2 weeks"), (45, "en", "in 6 weeks"), (-6, "en", "6 days ago"),
    ],
)  # fmt: skip
def test_relative_days(days: int, locale: str, expected: str) -> None:
    assert written("x | relative", NOW + timedelta(days=days), locale) == expected
