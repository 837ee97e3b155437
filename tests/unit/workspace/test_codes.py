"""The rest of the codes: each has a wrong file, its place and its fix; no code is claimed that nothing raises."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.workspace.finding import HINTS, WARNINGS
from tests.examples import examples
from tests.unit.workspace import test_audiences, test_lint, test_sources
from tests.unit.workspace.test_lint import CONCIERGE, FILES, JOURNEY, MESSAGE, OFFERS, POLICIES, PROFILE, ROOT, edited, load

WHEN = "when: not event.cancelled"
REMINDER = "templates/messages/monthly_offer_reminder.yaml"
LAYOUT = "templates/layouts/default.email.html"
GOAL = "goal: {event: Package Changed, same: offer_id, within: 30d}\n"
NESTED = "    on_event:\n" + "".join(
    f"{'    ' * depth}  - branch:\n{'    ' * depth}    - when: entry.cancelled\n{'    ' * depth}      then:\n" for depth in range(1, 7)
) + "    " * 7 + "  - exit: true\n"  # fmt: skip

WRONG = [
    # file, old, new, code, line, column, part of the fix
    (JOURNEY, WHEN, "when: not (event.cancelled", "E001", 8, 13, "brackets"),
    (JOURNEY, WHEN, "when: event.technician | uper == 'A'", "E005", 8, 28, "upper"),
    (JOURNEY, WHEN, "when: seem('Visit Completed')", "E005", 8, 9, "seen"),
    (JOURNEY, WHEN, "when: days_since()", "E006", 8, 9, "days_since(x)"),
    (JOURNEY, WHEN, "when: event.technician.lower() == 'a'", "E007", 8, 31, "filter"),
    (JOURNEY, WHEN, "when: 1 < event.visit_id < 3", "E007", 8, 9, "and"),
    (JOURNEY, WHEN, "when: " + "event.cancelled or " * 101 + "event.cancelled", "E008", 8, 9, "split"),
    (JOURNEY, WHEN, "when: event.cancelled == 'yes'", "E009", 8, 29, "one kind"),
    (JOURNEY, WHEN, "when: customer.plan == 'fats'", "E009", 8, 27, "did you mean 'fast'"),
    (JOURNEY, WHEN, "when: customer.tenure_months != 'seven'", "E009", 8, 36, "one kind"),
    (JOURNEY, WHEN, "when: seen(event.technician)", "E011", 8, 9, "event='…'"),
    (POLICIES, "when: open_issues()", "when: days_since(customer.last_survey) + 1 > 30", "E013", 8, 11, "days_since(x) >= 30"),
    (POLICIES, "when: open_issues()", "when: hour(now) < 9", "E013", 8, 16, "now > x"),
    (POLICIES, "when: open_issues()", "when: today() > customer.last_survey", "E013", 8, 11, "now > x"),
    (JOURNEY, WHEN, "when: 1 == 1", "E014", 8, 9, "remove"),
    (JOURNEY, WHEN, "when: event.cancelled > 3", "E014", 8, 9, "remove"),
    (JOURNEY, WHEN, "when: event.visit_id > '10'", "E015", 8, 27, "| number"),
    (JOURNEY, WHEN, "when: \"count_of('Fault Reported', where='event.case_id == customer.id') > 1\"", "E016", 8, 44, "within"),
    (JOURNEY, WHEN, "when: \"seen('Fault Reported', within='4h', since='entry')\"", "E016", 8, 46, "keep one"),
    (JOURNEY, ", same: visit_id, within: 14d}", ", within: 14d}", "J009", 10, 7, "same:"),
    (JOURNEY, "reason: reopened}", "reason: reopened, then: [{id: rest, delay: 2d}]}", "J010", 12, 70, "send"),
    (JOURNEY, "on_event: exit", "on_event: [{id: thanks, delay: 1h}]\n    on_timeout: thanks", "J018", 20, 17, "holds it"),
    (JOURNEY, "  - id: nudge", "  - exit: true\n  - id: nudge", "J019", 21, 5, "remove"),
    (JOURNEY, "timeout: 24h}", "timeout: 24h, since: nudge}", "J029", 18, 79, "ask"),
    (JOURNEY, "  - id: counted\n", "  - id: pause\n    delay: {for: 2d, until: entry.visited_at}\n  - id: counted\n", "J030", 24, 12, "keep one"),
    (JOURNEY, "on_event: exit", "on_event: [{id: late, send: visit_survey, channels: [sms]}]\n  - branch: [{when: steps.late.delivered, then: exit}]", "J039", 20, 21, "steps.late.visited and"),
    (JOURNEY, "  - id: counted\n", "  - id: pause\n    delay: {until: entry.timestamp}\n  - id: counted\n", "J046", 24, 20, "offset"),
    (JOURNEY, "    on_event: exit\n", NESTED, "J045", 32, 23, "split"),
    (JOURNEY, "channels: [email, sms]", "channels: [email, sms]\n    class: transactional", "J025", 17, 12, "remove"),
    (MESSAGE, "  en:\n    subject", "  cy:\n    subject", "M001", 6, 3, "en"),
    (MESSAGE, "    preheader: One minute helps us get better.\n", "", "M008", 7, 5, "preheader"),
    (MESSAGE, "How was it? {{ action.url }}", "How was it… {{ action.url }}", "M009", 28, 91, "gsm7"),
    (MESSAGE, "How was it? {{ action.url }}", "How was it? " + "x" * 400 + " {{ action.url }}", "M010", 28, 11, "max_segments"),
    (MESSAGE, "topic: feedback", "topic: feedback\nsender: nobody", "M015", 5, 9, "default"),
    (MESSAGE, "  sms:\n    max_segments: 2", "  email: {layout: gone}\n  sms:\n    max_segments: 2", "M015", 25, 19, "templates/layouts"),
    (MESSAGE, '      de: "{{ entry.technician }} war am {{ entry.visited_at | date }} bei Ihnen. Wie war es? {{ action.url }}"\n', "", "M021", 28, 7, "add them"),
    (POLICIES, "classes: [marketing]", "classes: [marketing]\n    topics: [ofers]", "P002", 10, 14, "offers"),
    (POLICIES, "    max_hold: 7d", "    max_hold: 7d\n  - {rule: open_service_issue, when: customer.surveys > 3}", "P007", 12, 12, "rename"),
    (POLICIES, "    max_hold: 7d", "    enabled: false", "P011", 7, 5, "remove"),
    (POLICIES, "    max_hold: 7d", "    max_hold: 30d", "P005", 11, 15, "expires"),
    (PROFILE, "issues:\n", "computed:\n  faults: {sum: Fault Reported}\nissues:\n", "C003", 14, 11, "of:"),
    (PROFILE, "{type: timezone}", "{type: timezone, from: properties.time_zone}", "C007", 6, 36, "declared"),
    (JOURNEY, "within: 14d}", "within: 14d, exit: yes}", "Y008", 10, 67, "true or false"),
    (MESSAGE, "{label: Answer in one minute,", "{label: Still not right?,", "Y001", 14, 36, "needs quotes"),
    (JOURNEY, "title: Ask for feedback after", "title: Ask: for feedback after", "Y001", 2, 11, "in it needs quotes"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "line", "column", "fix"), WRONG, ids=[f"{w[3]}-{w[2][:24]!r}" for w in WRONG])
def test_a_mistake_has_its_code_place_and_fix(file: str, old: str, new: str, code: str, line: int, column: int, fix: str) -> None:
    test_lint.test_a_mistake_has_its_code_place_and_fix(file, old, new, code, line, column, fix)


TWICE = [
    ("J011", JOURNEY, [(JOURNEY, "priority: 60", "holdout: 5%"), (MESSAGE, "class: service", "class: transactional"), (JOURNEY, "class: service\n", "")]),
    ("J024", JOURNEY, [(MESSAGE, '    subject: "How did {{ entry.technician }} do?"\n', ""), (MESSAGE, '    subject: "Wie war der Besuch von {{ entry.technician }}?"\n', "")]),
    ("J042", OFFERS, [(OFFERS, GOAL, ""), (OFFERS, "  - id: think\n    delay: 1d\n", "  - branch: [{when: customer.plan == 'fast', then: exit}]\n")]),
    ("M003", JOURNEY, [(MESSAGE, "class: service\n", ""), (JOURNEY, "class: service\n", "")]),
    ("M020", LAYOUT, [(LAYOUT, "{{ brand.postal_address }}", "")]),
    ("M024", MESSAGE, [(MESSAGE, "    facts: [entry.technician, entry.visited_at | date]\n    action: {label: Answer", '    image: {url: "https://example.com/a.png", alt: ""}\n    facts: [entry.technician, entry.visited_at | date]\n    action: {label: Answer')]),
    ("E012", JOURNEY, [(PROFILE, "issues:\n", "retention: {events: 2d}\nissues:\n"), (JOURNEY, WHEN, "when: \"seen('Fault Reported', within='3d')\"")]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "file", "edits"), TWICE, ids=[one[0] for one in TWICE])
def test_mistakes_that_take_two_edits(code: str, file: str, edits: list[tuple[str, str, str]]) -> None:
    files: dict[str, bytes | None] = {}
    for name, old, new in edits:
        before = (files.get(name) or FILES[name]).decode()
        assert old in before, old
        files[name] = before.replace(old, new, 1).encode()
    found = [f for f in load(files).findings if f.code == code]
    assert [f.file for f in found][:1] == [file], [(f.code, f.file, f.what) for f in load(files).findings]
    assert found[0].line > 0
    assert found[0].fix


BY_PART = [
    path
    for folder in ("steps", "entries", "versions", "plan", "policies", "offers")
    for path in (ROOT / "tests" / "unit" / folder).glob("test_*.py")
]
ELSEWHERE = {"T001", "T002", "T003", "T004", "T005", "M017", "M019", "J007"}
"""Held in the tests of journey tests, of content, and of files."""


def test_every_code_the_program_can_raise_is_held_by_a_wrong_file() -> None:
    sources = [p.read_text("utf-8") for p in (ROOT / "orchestrator").rglob("*.py") if p.name != "finding.py"]
    raised = set(re.findall(r'"([YEJMPCST]\d{3})"', "".join(sources)))
    held = (
        {w[3] for w in (*WRONG, *test_sources.WRONG)}
        | {one[0] for one in TWICE}
        | {w[2] for w in test_audiences.WRONG}
        | {w[1] for w in test_audiences.ENTRIES}
        | {code for path in (Path(test_lint.__file__), *BY_PART) for code in re.findall(r'"([YEJMPCST]\d{3})"', path.read_text("utf-8"))}
    )
    assert raised - held - ELSEWHERE == set()
    assert (WARNINGS | HINTS) - raised <= {"J006", "P006"}, "of parts that are not in this version"


lines = st.tuples(st.sampled_from([JOURNEY, OFFERS, MESSAGE, POLICIES, PROFILE, CONCIERGE]), st.integers(0, 200), st.integers(0, 200))
junk = st.sampled_from(
    [
        "",
        "  - id: x",
        "    when: now > 3",
        "{",
        "a: [1, 2",
        "  ? x",
        "\tq: 1",
        "  send: visit_survey",
        "x: &a [*a]",
        "  'k': 'v' 'w'",
        "- -",
        "? : :",
    ]
)


@given(st.lists(st.tuples(lines, st.sampled_from(["delete", "double", "replace", "indent"]), junk), min_size=1, max_size=6))
@settings(max_examples=examples(25))
def test_a_damaged_workspace_gets_findings_at_real_places_and_no_exception(damage: list[tuple[tuple[str, int, int], str, str]]) -> None:
    files: dict[str, bytes | None] = {}
    for (name, line, _other), how, text in damage:
        rows = (files.get(name) or FILES[name]).decode().splitlines()
        at = line % max(len(rows), 1)
        match how:
            case "delete":
                del rows[at : at + 1]
            case "double":
                rows[at:at] = rows[at : at + 1]
            case "indent":
                rows[at : at + 1] = [f"  {row}" for row in rows[at : at + 1]]
            case _:
                rows[at : at + 1] = [text]
        files[name] = ("\n".join(rows) + "\n").encode()
    loaded = load(files)
    for finding in loaded.findings:
        rows = (loaded.files.get(finding.file) or b"").decode().splitlines()
        assert 1 <= finding.line <= max(len(rows), 1) + 1, finding
        assert finding.column >= 1
        assert finding.what
        assert finding.why
        assert finding.fix


def test_values_next_to_the_wrong_ones_are_right() -> None:
    """What looks like a mistake and is none."""
    right = [
        (JOURNEY, WHEN, "when: customer.plan == 'fast'"), (JOURNEY, WHEN, "when: event.visit_id == 7"), (JOURNEY, WHEN, "when: customer.tenure_months == '7'"),
        (POLICIES, "when: open_issues()", "when: days_since(customer.last_survey) < 30"), (POLICIES, "when: open_issues()", "when: now < customer.last_survey"),
        (JOURNEY, "on_event: exit", "on_event: [{id: late, send: visit_survey, channels: [sms]}]\n  - branch: [{when: steps.late.visited and steps.late.delivered, then: exit}]"),
    ]  # fmt: skip
    for file, old, new in right:
        assert [f for f in load({file: edited(file, old, new)}).findings if f.severity != "hint"] == [], new
