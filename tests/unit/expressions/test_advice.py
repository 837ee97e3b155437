"""The fix of a mistake is something that can be written instead."""

from dataclasses import replace

import pytest

from orchestrator.expressions.durations import no_duration, read_duration
from tests.unit.expressions.judged import WORDS, advised, judged

DAY = 86_400_000
LENGTHS = [
    # written, kept for, code, what, fix
    ("500d", None, "Y014", "'500d' is too long", "within='400d'"), ("500d", 90, "Y014", "'500d' is too long", "within='90d'"),
    ("1.5h", None, "Y014", "'1.5h' is not a duration", "within='90m'"), ("2.5d", None, "Y014", "'2.5d' is not a duration", "within='60h'"),
    ("4 hours", None, "Y014", "'4 hours' is not a duration", "within='4h'"), ("3 Days", 2, "Y014", "'3 Days' is not a duration", "within='2d'"),
    ("30m2h", None, "Y014", "'30m2h' is not a duration", "within='2h30m'"), ("1 day, 2 min", None, "Y014", "'1 day, 2 min' is not a duration", "within='1d2m'"),
    ("4", None, "Y014", "'4' is not a duration", "within='4h'"), ("3 months", None, "Y014", "'3 months' is not a duration", "within='4h'"),
    ("120d", 90, "E012", "120d is longer than events are kept", "within='90d', or raise retention.events"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kept", "code", "what", "fix"), LENGTHS, ids=[f"{one[0]}-{one[1]}" for one in LENGTHS])
def test_a_window_is_given_as_it_can_be_asked_for(text: str, kept: int | None, code: str, what: str, fix: str) -> None:
    words = replace(WORDS, retention=None if kept is None else kept * DAY)
    found = judged(f"count_of('Ping', within='{text}') > 1", words)
    assert [(one.code, one.column, one.what, one.fix) for one in found] == [(code, 25, what, fix)]
    assert judged(f"count_of('Ping', {fix.split(',', maxsplit=1)[0]}) > 1", words) == []


@pytest.mark.parametrize(("text", "fix"), [
    ("now > event.at + duration('500d')", "duration('400d')"), ("now > event.at + duration('1.5h')", "duration('90m')"),
    ("event.at | plus('500d') < now", "x | plus('400d')"), ("event.at | minus('1 hour') < now", "x | minus('1h')"),
])  # fmt: skip
def test_lengths_elsewhere_too(text: str, fix: str) -> None:
    assert [(one.code, one.fix) for one in judged(text)] == [("Y014", fix)]
    assert judged(f"{fix} == {fix}") == []


@pytest.mark.parametrize("text", ["", "x", "1.h", "999999w", "0.0001s", "h", "1e5h", "4 h o", "-500d", "+5 d"])
def test_what_is_advised_is_a_duration(text: str) -> None:
    assert read_duration(no_duration(text, "4h", 2 * DAY)[2]) is not None


def test_a_slice_names_the_filters_that_take_a_part() -> None:
    found = judged("event.l[0:2] == [1]")
    assert [(one.code, one.column, one.what) for one in found] == [("E007", 7, "a slice is not part of the language")]
    assert advised(found[0]) == ["x[0]", "x | first", "x | last", "x | truncate(20)"]
    assert [judged(one) for one in advised(found[0])] == [[], [], [], []]
