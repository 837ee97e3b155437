from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.calendar.rrule import LONGEST_RULE, parse_rrule
from orchestrator.calendar.rule import RecurrenceProblem, Rule, skips_months


@pytest.mark.parametrize(("text", "rule"), [
    ("FREQ=DAILY", Rule("DAILY")),
    (" freq=weekly;byday=mo,fr;wkst=su ", Rule("WEEKLY", weekdays=frozenset({(0, 0), (0, 4)}), week_start=6)),
    ("FREQ=MONTHLY;BYDAY=+2TU,-1FR", Rule("MONTHLY", weekdays=frozenset({(2, 1), (-1, 4)}))),
    ("INTERVAL=2;FREQ=MONTHLY;BYMONTHDAY=-1,15;COUNT=5", Rule("MONTHLY", interval=2, month_days=frozenset({-1, 15}), count=5)),
    ("FREQ=YEARLY;BYMONTH=1,12;BYDAY=SU;BYSETPOS=-1",
     Rule("YEARLY", weekdays=frozenset({(0, 6)}), months=frozenset({1, 12}), positions=frozenset({-1}))),
    ("FREQ=YEARLY;BYDAY=20MO", Rule("YEARLY", weekdays=frozenset({(20, 0)}))),
    ("FREQ=DAILY;UNTIL=20261231", Rule("DAILY", until=date(2026, 12, 31))),
    ("FREQ=DAILY;UNTIL=20261231T180000", Rule("DAILY", until=datetime(2026, 12, 31, 18))),
    ("FREQ=DAILY;UNTIL=20261231T180000Z", Rule("DAILY", until=datetime(2026, 12, 31, 18, tzinfo=UTC))),
])  # fmt: skip
def test_rules_are_read(text: str, rule: Rule) -> None:
    assert parse_rrule(text) == rule


@pytest.mark.parametrize(("text", "what", "fix"), [
    ("", "NAME=VALUE", "FREQ=WEEKLY"),
    ("every monday", "NAME=VALUE", "FREQ=WEEKLY"),
    ("BYDAY=MO", "FREQ is missing", "DAILY, WEEKLY, MONTHLY, YEARLY"),
    ("FREQ=HOURLY", "FREQ=HOURLY is not supported", "DAILY, WEEKLY, MONTHLY, YEARLY"),
    ("FREQ=SECONDLY;INTERVAL=1", "FREQ=SECONDLY is not supported", "DAILY"),
    ("FREQ=DAILY;BYHOUR=9", "BYHOUR is not supported", "`at`"),
    ("FREQ=DAILY;BYMINUTE=9", "BYMINUTE is not supported", "`at`"),
    ("FREQ=DAILY;BYSECOND=9", "BYSECOND is not supported", "`at`"),
    ("FREQ=DAILY;DTSTART=20260101", "DTSTART is not supported", "`start`"),
    ("DTSTART:20260101T090000\nRRULE:FREQ=DAILY", "lines of a calendar file", "`start`"),
    ("RRULE:FREQ=DAILY", "lines of a calendar file", "behind `RRULE:`"),
    ("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO is not supported", "one of"),
    ("FREQ=YEARLY;BYYEARDAY=100", "BYYEARDAY is not supported", "one of"),
    ("FREQ=WEEKLY;BYDAYS=MO", "BYDAYS is not supported", "did you mean 'BYDAY'?"),
    ("FREQ=WEEKLY;BYDAY=", "NAME=VALUE", "FREQ=WEEKLY"),
    ("FREQ=WEEKLY;", "NAME=VALUE", "FREQ=WEEKLY"),
    ("FREQ=WEEKLY;BYDAY=MO;BYDAY=TU", "BYDAY stands twice", "keep one"),
    ("FREQ=WEEKLY;BYDAY=MON", "BYDAY=MON is no weekday", "did you mean BYDAY=MO?"),
    ("FREQ=WEEKLY;BYDAY=MO,", "is no weekday", "BYDAY=MO"),
    ("FREQ=WEEKLY;BYDAY=2MO", "a number in BYDAY with FREQ=WEEKLY", "FREQ=MONTHLY"),
    ("FREQ=DAILY;BYDAY=-1MO", "a number in BYDAY with FREQ=DAILY", "FREQ=MONTHLY"),
    ("FREQ=MONTHLY;BYDAY=6MO", "a number above 5", "-1MO"),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=-6MO", "a number above 5", "-1MO"),
    ("FREQ=YEARLY;BYDAY=54MO", "BYDAY=54", "BYDAY=1"),
    ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0", "BYDAY=1"),
    ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY with FREQ=WEEKLY", "FREQ=MONTHLY"),
    ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32", "BYMONTHDAY=1"),
    ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0", "BYMONTHDAY=1"),
    ("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13", "BYMONTH=1"),
    ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH=-1", "BYMONTH=1"),
    ("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=367", "BYSETPOS=367", "BYSETPOS=1"),
    ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS alone", "BYDAY="),
    ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0", "INTERVAL=1"),
    ("FREQ=DAILY;INTERVAL=1001", "INTERVAL=1001", "INTERVAL=1"),
    ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL=1.5", "INTERVAL=1"),
    ("FREQ=DAILY;COUNT=99999999999999999999", "COUNT=99999999999999999999", "COUNT=1"),
    ("FREQ=DAILY;COUNT=3;UNTIL=20261231", "COUNT and UNTIL together", "keep one"),
    ("FREQ=DAILY;UNTIL=2026-12-31", "UNTIL=2026-12-31 is no date", "UNTIL=20261231"),
    ("FREQ=DAILY;UNTIL=20260230", "UNTIL=20260230 is no date", "UNTIL=20261231"),
    ("FREQ=DAILY;UNTIL=20260228T250000", "is no date", "UNTIL=20261231"),
    ("FREQ=DAILY;WKST=1MO", "WKST=1MO is no weekday", "WKST=MO"),
    ("FREQ=DAILY;INTERVAL=١", "no recurrence rule", "FREQ=WEEKLY"),
    ("FREQ=DAILY;BYMONTH=" + ",".join(["1"] * LONGEST_RULE), "no recurrence rule", "FREQ=WEEKLY"),
])  # fmt: skip
def test_what_is_refused_says_what_to_write(text: str, what: str, fix: str) -> None:
    with pytest.raises(RecurrenceProblem) as problem:
        parse_rrule(text)
    assert what in problem.value.what
    assert fix in problem.value.fix
    assert problem.value.why
    assert str(problem.value) == f"{problem.value.what}: {problem.value.why}; {problem.value.fix}"


def test_a_refusal_names_all_that_is_supported() -> None:
    with pytest.raises(
        RecurrenceProblem, match=r"FREQ=DAILY\|WEEKLY\|MONTHLY\|YEARLY with INTERVAL BYDAY BYMONTHDAY BYMONTH BYSETPOS COUNT"
    ):
        parse_rrule("FREQ=DAILY;BYHOUR=9")


words = st.sampled_from(
    [
        "FREQ",
        "INTERVAL",
        "BYDAY",
        "BYMONTHDAY",
        "BYMONTH",
        "BYSETPOS",
        "COUNT",
        "UNTIL",
        "WKST",
        "DAILY",
        "WEEKLY",
        "MONTHLY",
        "YEARLY",
        "=",
        ";",
        ",",
        "-",
        "+",
        "0",
        "1",
        "2",
        "31",
        "53",
        "366",
        "MO",
        "SU",
        "20261231",
        "T",
        "Z",
    ]
)


@given(
    st.text(max_size=60)
    | st.lists(words, max_size=25).map("".join)
    | st.lists(words, max_size=12).map(lambda rest: "FREQ=MONTHLY;" + "".join(rest))
)
def test_any_text_is_a_rule_or_a_problem(text: str) -> None:
    try:
        rule = parse_rrule(text)
    except RecurrenceProblem as problem:
        assert len(str(problem)) < 400
    else:
        assert 1 <= rule.interval <= 1000


@pytest.mark.parametrize(("text", "start", "skips"), [
    ("FREQ=MONTHLY;BYMONTHDAY=28", None, False),
    ("FREQ=MONTHLY;BYMONTHDAY=29", None, True),
    ("FREQ=MONTHLY;BYMONTHDAY=15,31", None, True),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", None, False),
    ("FREQ=MONTHLY;BYMONTHDAY=-31", None, True),
    ("FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=4,6", None, False),
    ("FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4,7", None, True),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", None, True),
    ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", None, False),
    ("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", None, False),
    ("FREQ=MONTHLY;BYMONTHDAY=29,30;BYSETPOS=-1", None, True),
    ("FREQ=MONTHLY;BYDAY=5MO", None, True),
    ("FREQ=WEEKLY;BYDAY=MO", None, False),
    ("FREQ=DAILY", date(2026, 1, 31), False),
    ("FREQ=MONTHLY", date(2026, 1, 31), True),
    ("FREQ=MONTHLY", date(2026, 1, 28), False),
    ("FREQ=YEARLY", date(2028, 2, 29), True),
    ("FREQ=YEARLY", date(2028, 1, 31), False),
])  # fmt: skip
def test_days_that_some_months_lack(text: str, start: date | None, skips: bool) -> None:
    assert skips_months(parse_rrule(text), start) == skips
