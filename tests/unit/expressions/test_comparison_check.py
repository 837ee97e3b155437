"""Comparisons and arithmetic that never come out as meant are found, and the advice leads to what does."""

from dataclasses import replace

import pytest

from tests.unit.expressions.judged import WORDS, advised, judged

NEVER = [
    # written, code, column, what, what to write
    # a list is asked whether it holds anything
    ("open_issues() > 0", "E014", 0, "always false", "open_issues()"),
    ("open_issues() == 0", "E009", 0, "a list never equals a number", "not open_issues()"),
    ("0 == open_issues()", "E009", 0, "a number never equals a list", "not open_issues()"),
    ("open_issues(kind='fault') != 0", "E009", 0, "a list never equals a number", "open_issues(kind='fault')"),
    ("1 > open_issues()", "E014", 0, "always false", "not open_issues()"),
    ("open_issues() > 2", "E014", 0, "always false", "open_issues() | length > 2"),
    ("event.l == 'a'", "E009", 12, "a list never equals this text", "'a' in event.l"),
    # an instant as a text is written one way
    ("today() == '2026-3-2'", "E009", 12, "an instant never equals this text", "'2026-03-02'"),
    ("event.at > '2026/03/01'", "E014", 12, "always false", "'2026-03-01'"),
    ("event.day == '01.03.2026'", "E009", 14, "an instant never equals this text", "'2026-03-01'"),
    ("event.at > '03/13/2026'", "E014", 12, "always false", "'2026-03-13'"),
    ("event.at > '13/03/2026'", "E014", 12, "always false", "'2026-03-13'"),
    ("event.at > '2026-3-1 9:30'", "E014", 12, "always false", "'2026-03-01T09:30'"),
    ("event.at < '1h'", "E014", 12, "always false", "now < event.at + duration('1h')"),
    ("now > '09:00'", "E014", 7, "always false", "hour(now) > 9"),
    ("event.at == 'Monday'", "E009", 13, "an instant never equals this text", "weekday(event.at) == 'mon'"),
    ("event.b == 'True'", "E009", 12, "a boolean never equals this text", "event.b == true"),
    # lengths of time
    ("now - event.at > 3600", "E014", 0, "always false", "(now - event.at) > duration('1h')"),
    ("now - event.at > '90m'", "E014", 18, "always false", "(now - event.at) > duration('90m')"),
    ("0.5 < now - event.at", "E014", 0, "always false", "(now - event.at) > duration('1h')"),
    ("now - customer.anything > 90", "E014", 0, "always false", "(now - customer.anything) > duration('1m30s')"),
    ("event.at | plus('2h') - now == 5", "E009", 0, "a duration never equals a number", "(event.at | plus('2h') - now) == duration('5s')"),
    ("duration('2h') > 3", "E014", 0, "always false", "duration('2h') > duration('3s')"),
    ("duration('2h') == '2h'", "E009", 10, "a duration never equals this text", "duration('2h') == duration('2h')"),
    ("event.at + '1h' > now", "E007", 12, "`+` does not take an instant and a text", "event.at + duration('1h')"),
    ("event.at - 3600 > now", "E007", 11, "`-` does not take an instant and a number", "event.at - duration('1h')"),
    ("3600 + now > event.at", "E007", 0, "`+` does not take a number and an instant", "now + duration('1h')"),
    ("now + event.n > event.at", "E007", 4, "`+` does not take an instant and a number", "now + duration('1h') * event.n"),
    ("now + event.at > event.until", "E007", 4, "`+` does not take an instant and an instant", "now - event.at"),
    ("'Due ' + now == 'x'", "E007", 1, "`+` does not take a text and an instant", "'Due ' ~ now"),
    ("now > event.at + 2 * duration('1h')", "E007", 17, "`*` does not take a number and a duration", "duration('1h') * 2"),
    ("now > event.at + duration('1h') / 2", "E007", 34, "`/` does not take a duration and a number", "duration('1h') * (1 / 2)"),
    ("(now - event.at) / duration('1d') > 3", "E007", 17, "`/` does not take a duration and a duration", "days_since(x)"),
    ("now > event.at + (duration('1h') + 90)", "E007", 35, "`+` does not take a duration and a number", "duration('1h') + duration('1m30s')"),
    ("now > event.at + (duration('1h') - '5m')", "E007", 36, "`-` does not take a duration and a text", "duration('1h') - duration('5m')"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "column", "what", "better"), NEVER, ids=[one[0] for one in NEVER])
def test_what_never_holds_says_what_does(text: str, code: str, column: int, what: str, better: str) -> None:
    found = judged(text)
    assert [(one.code, one.column, one.what) for one in found] == [(code, column, what)]
    assert advised(found[0])[-1:] == [better]
    assert judged(better) == []


MAY = [
    "event.at > '2026-03-01'", "event.at > '2026-03-01T09:00:00Z'", "event.day == '2026-03-01'", "now - event.at > duration('1h')",
    "now - duration('2h') > event.at", "duration('1h') + event.at > now", "now - event.n > duration('1h')", "now - 1772445600 > duration('1h')",
    "now - '2026-03-01' > duration('1h')", "event.at + event.t == 'x'", "'Due ' + event.at == 'x'", "event.n + event.n > 3", "event.n + 1 == '7'",
    "event.t + 'x' == 'yx'", "event.at - event.until > 3600", "duration('1h') * event.n < now - event.at", "open_issues() == []", "'a' in event.l",
    "event.b in [true, false]", "event.n in [1, '2']", "event.l | length > 0", "weekday(now) not in ['sat', 'sun']", "days_since(event.at) > -3",
    "now - customer.anything == customer.other",
]  # fmt: skip
"""`event.at` may hold a number of seconds, and so may be one."""


@pytest.mark.parametrize("text", MAY)
def test_what_may_hold_is_left_alone(text: str) -> None:
    assert judged(text) == []


DAYS = [
    ("weekday(now) == 'Monday'", 17, "it is never 'Monday'", "did you mean 'mon'?"),
    ("'TUESDAY' != weekday(now)", 1, "it is never 'TUESDAY'", "did you mean 'tue'?"),
    ("weekday(now) in ['mon', 'Sat']", 25, "it is never 'Sat'", "did you mean 'sat'?"),
    ("weekday(now) not in ['yesterday']", 22, "it is never 'yesterday'", "one of: fri, mon, sat, sun, thu, tue, wed"),
    ("event.n in [1, 'two']", 16, "a number never equals this text", "compare values of one kind: `| number`, `| text`"),
]


@pytest.mark.parametrize(("text", "column", "what", "fix"), DAYS, ids=[one[0] for one in DAYS])
def test_days_of_the_week_have_three_letters_and_items_of_lists_are_looked_at(text: str, column: int, what: str, fix: str) -> None:
    assert [(one.code, one.column, one.what, one.fix) for one in judged(text)] == [("E009", column, what, fix)]


def test_a_date_that_can_be_read_two_ways_is_not_guessed() -> None:
    found = judged("event.at > '01/02/2026'")
    assert [(one.code, one.fix) for one in found] == [("E014", "write `'2026-03-02'` (year, month, day) or `'2026-03-02T09:00:00Z'`")]
    assert all(judged(f"event.at > {one}") == [] for one in advised(found[0]))


@pytest.mark.parametrize("text", ["event.at > '09:00'", "event.at == 'Monday'", "event.at > '2h'"])
def test_where_time_is_tracked_the_advice_is_too(text: str) -> None:
    words = replace(WORDS, tracked=True)
    advice = advised(judged(text, words)[0])
    assert all(judged(one if "now" in one else f"event.at > {one}", words) == [] for one in advice)
