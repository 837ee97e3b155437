"""What lint says of `entry: schedule`."""

import pytest

from orchestrator.workspace.finding import Finding
from tests.one_journey import errors, workspace

JOURNEY = """journey: try_it
class: service
entry: {schedule: {%s}}
steps: [{id: mail, send: hello, channels: [email]}]
"""
RULE = 'rrule: "FREQ=DAILY", at: "09:00"'


def found(schedule: str, after: str = "") -> list[Finding]:
    return errors(JOURNEY.replace("}}", "}" + after + "}") % schedule)


WRONG = [
    ('rrule: "FREQ=HOURLY", at: "09:00"', "J005", "FREQ=HOURLY", "DAILY, WEEKLY, MONTHLY, YEARLY"),
    ('rrule: "FREQ=DAILY;BYHOUR=9", at: "09:00"', "J005", "BYHOUR", "write the time of day as `at`"),
    ('rrule: "FREQ=WEEKLY;BYDAI=MO", at: "09:00"', "J005", "BYDAI", "did you mean 'BYDAY'"),
    ('rrule: "FREQ=DAILY;INTERVAL=2", at: "09:00"', "J005", "INTERVAL without `start`", "add start:"),
    ('rrule: "FREQ=DAILY;COUNT=2", at: "09:00"', "J005", "COUNT without `start`", "add start:"),
    ('rrule: "FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2", at: "09:00"', "J005", "no day there is", "check its days"),
    ('rrule: "FREQ=DAILY"', "J005", "`rrule` without `at`", 'at: "09:00"'),
    ('at: "09:00"', "J005", "`at` without `rrule`", "rrule: FREQ=DAILY"),
    ("audience: everyone", "J005", "a schedule without a time", "once: 2026-11-27T09:00"),
    ("once: 2026-03-03T09:00, except: [2026-03-03]", "J005", "`except` names the day of `once`", "take it out"),
    ("once: ٢026-03-03T09:00", "Y015", "is not a local time", "2026-11-27T09:00"),
    (RULE + ", once: 2026-03-03T09:00", "J005", "a schedule is one thing", "keep one"),
    ("once: 2026-03-03T09:00, start: 2026-03-03", "J005", "`start` without `rrule`", "remove"),
    ("once: 2026-03-03T09:00Z", "Y015", "is not a local time", "2026-11-27T09:00"),
    ("once: 9999-12-31T23:59, timezone: Pacific/Honolulu", "Y015", "is not a local time", "2026-11-27T09:00"),
    ("once: 0001-01-01T00:00, timezone: customer", "Y015", "is not a local time", "2026-11-27T09:00"),
    ("once: 2026-02-30T09:00", "Y015", "is not a local time", "2026-11-27T09:00"),
    (RULE + ", timezone: Europe/Lodnon", "Y013", "unknown zone", "Europe/London"),
    (RULE + ", audience: evryone", "J007", "no audience 'evryone'", "did you mean 'everyone'"),
    (RULE + ", hour: 9", "Y002", "hour", ""),
]


@pytest.mark.parametrize(("schedule", "code", "what", "fix"), WRONG)
def test_each_mistake_has_its_code_and_its_way_out(schedule: str, code: str, what: str, fix: str) -> None:
    (one,) = [finding for finding in found(schedule) if finding.severity == "error"]
    assert one.code == code
    assert what in one.what
    assert fix in one.fix
    assert one.line == 3


@pytest.mark.parametrize(
    ("rule", "warned"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=31", True), ("FREQ=MONTHLY;BYMONTHDAY=-1", False), ("FREQ=MONTHLY;BYMONTHDAY=28", False),
        ("FREQ=MONTHLY;BYDAY=5MO", True), ("FREQ=MONTHLY;BYDAY=-5FR,1MO", True), ("FREQ=YEARLY;BYMONTH=1,5;BYDAY=5MO", True), ("FREQ=MONTHLY;BYDAY=4MO", False),
        ("FREQ=MONTHLY;BYDAY=-1MO", False), ("FREQ=MONTHLY;BYDAY=MO", False), ("FREQ=MONTHLY;BYDAY=4MO,5MO;BYSETPOS=-1", False), ("FREQ=YEARLY;BYDAY=20MO", False),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", True), ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=31", False),
    ],
)  # fmt: skip
def test_days_that_some_months_lack(rule: str, warned: bool) -> None:
    assert [(f.code, f.severity) for f in found(f'rrule: "{rule}", at: "09:00"')] == ([("J006", "warning")] if warned else [])


def test_neither_key_nor_another_way_in_nor_what_is_of_audiences() -> None:
    assert [f.code for f in found(RULE, ", key: customer.id")] == ["J004"]
    assert [f.code for f in found(RULE, ", event: Ping")] == ["J003"]
    assert [f.code for f in found(RULE, ", existing: enter")] == ["Y005"]


def test_entry_is_an_occurrence_and_no_event() -> None:
    assert not found(RULE, ", when: entry.scheduled_at < now or entry.occurrence == 'x' or entry.timestamp < now")
    (one,) = found(RULE, ", when: entry.basket == 'b'")
    assert (one.code, "scheduled_at" in one.fix) == ("E004", True)
    (one,) = found(RULE, ", when: event.timestamp < now")
    assert one.code == "E003"


def test_what_is_read() -> None:
    journey = JOURNEY % (RULE + ", audience: everyone, timezone: customer, spread: 2h, except: [2026-12-25], start: 2026-01-01")
    schedule = workspace({"try_it": journey}).journeys["try_it"].entry.schedule
    assert schedule is not None
    assert (schedule.timezone, schedule.audience, schedule.spread) == ("customer", "everyone", 7_200_000)
    # what only says for whom, or leaves days out, is no other schedule: what is under way goes on
    others = [JOURNEY % RULE.replace("09", "10"), JOURNEY % (RULE + ", start: 2026-01-01, timezone: customer, except: [2026-12-26]")]
    versions = [workspace({"try_it": other}).journeys["try_it"].entry.schedule.version for other in others]  # type: ignore[union-attr]
    assert [version == schedule.version for version in versions] == [False, True]


@pytest.mark.parametrize(
    ("schedule", "active", "outside"),
    [
        ("once: 2026-03-03T09:00", "{from: 2026-03-04}", True), ("once: 2026-03-03T09:00", "{until: 2026-03-03}", True), ("once: 2026-03-03T09:00", "{from: 2026-03-03}", False),
        ("once: 2026-03-03T00:00", "{until: 2026-03-03}", True), ("once: 2026-03-03T00:00", "{from: 2026-03-03}", False),
        # somebody in Samoa has it before, somebody in Hawaii behind
        ("once: 2026-03-03T09:00, timezone: customer", "{until: 2026-03-03}", False), ("once: 2026-03-03T09:00, timezone: customer", "{from: 2026-03-03T20:00:00Z}", False),
        ("once: 2026-03-03T09:00, timezone: customer", "{from: 2026-03-04}", True), ("once: 2026-03-03T09:00, timezone: Asia/Tokyo", "{from: 2026-03-03T00:00:01Z}", True),
        ("once: 2026-03-03T09:00, timezone: Asia/Tokyo", "{from: 2026-03-03T00:00:00Z}", False),
    ],
)  # fmt: skip
def test_one_time_outside_active(schedule: str, active: str, outside: bool) -> None:
    findings = errors(JOURNEY % schedule + f"active: {active}\n")
    assert [(f.code, f.line, f.column) for f in findings] == ([("J005", 3, 26)] if outside else [])
