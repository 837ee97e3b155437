"""Steps that are almost right: each mistake once, at its place."""

import pytest

from tests.unit.workspace.test_lint import CONCIERGE, JOURNEY, PROFILE, edited, load

WAIT = "{event: Survey Answered, same: visit_id, timeout: 24h}"
UPDATE = 'update_profile:\n      set: {last_survey: "{{ now }}"}\n      increment: {surveys: 1}'
NUDGE = "  - id: nudge\n"
WRONG = [
    # old, new, code, line, column, part of the fix
    ("priority: 60", "status: stopped", "Y005", 4, 9, "did you mean 'paused'?"),
    ("    channels: [email, sms]", "    channels: [email]\n    choose: any", "Y005", 17, 13, "first"),
    ("    channels: [email, sms]", "    channels: []", "J023", 16, 15, "add one"),
    ("  - id: ask\n", "  - id: First-Mail\n", "J014", 14, 9, "first_mail"),
    ("  event: Visit Completed\n", "  event:\n", "J003", 6, 3, "event:"),
    (WAIT, "{event: Survey Answered, when: customer.known, timeout: 24h}", "Y004", 18, 42, "under any"),
    (WAIT, "{when: customer.known, same: visit_id, timeout: 24h}", "Y004", 18, 40, "remove"),
    (WAIT, "{any: [{event: Survey Answered}], timeout: 24h}", "Y004", 18, 23, "add one"),
    (WAIT, "{any: [" + ", ".join(["{event: Survey Answered}"] * 9) + "], timeout: 24h}", "Y004", 18, 23, "take some out"),
    (WAIT, "{any: [{event: Survey Answered, when: customer.known}, {event: Visit Reopened}], timeout: 24h}", "Y004", 18, 49, "under any"),
    (WAIT, "{event: Survey Answered, same: technician, timeout: 24h}", "E004", 18, 48, "both have"),
    (NUDGE, "  - id: pause\n    delay: {for: 401d}\n" + NUDGE, "Y014", 21, 18, "400d"),
    (NUDGE, "  - id: pause\n    delay: {for: 1d, past: exit}\n" + NUDGE, "J030", 21, 22, "until"),
    (NUDGE, "  - branch: [{otherwise: next}, {when: customer.known, then: exit}]\n" + NUDGE, "Y004", 20, 14, "to the end"),
    (NUDGE, "  - branch: [{when: customer.known, then: exit}, {when: customer.known, otherwise: next}]\n" + NUDGE, "Y004", 20, 50, "last item"),
    (UPDATE, "update_profile: {set: {surveys: three}}", "J035", 24, 37, "integer"),
    (UPDATE, "update_profile: {set: {surveys: 1.5}}", "J035", 24, 37, "integer"),
    (UPDATE, "update_profile: {set: {plan: fats}}", "J035", 24, 34, "did you mean 'fast'"),
    (UPDATE, "update_profile: {increment: {plan: 1}}", "J035", 24, 34, "surveys"),
    (UPDATE, "update_profile: {add: {plan: x}}", "J035", 24, 28, "use set"),
    (UPDATE, "update_profile: {unset: [plam]}", "J035", 24, 30, "did you mean 'plan'"),
    (UPDATE, "update_profile: {}", "Y012", 24, 21, "set:"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "line", "column", "fix"), WRONG, ids=[f"{w[2]}-{w[1][-24:]!r}" for w in WRONG])
def test_a_mistake_is_said_once_at_its_place(old: str, new: str, code: str, line: int, column: int, fix: str) -> None:
    found = [f for f in load({JOURNEY: edited(JOURNEY, old, new)}).findings if f.file == JOURNEY and f.severity == "error"]
    assert [(f.code, f.line, f.column) for f in found] == [(code, line, column)], found
    assert fix in found[0].fix


def test_an_exit_is_true_or_a_name() -> None:
    for label, errors in (("true", []), ("answered", []), ("{as: done}", ["Y004"]), ("false", ["Y004"]), ("Not A Name", ["Y004"])):
        found = load(
            {
                JOURNEY: edited(
                    JOURNEY, "  - id: counted", f"  - branch: [{{when: customer.known, then: [{{exit: {label}}}]}}]\n  - id: counted"
                )
            }
        )
        assert [f.code for f in found.findings] == errors, label


@pytest.mark.parametrize(
    "change",
    [
        "{set: {surveys: 3}}",
        '{set: {surveys: "{{ entry.visit_id }}"}}',
        "{unset: [surveys]}",
        "{set: {plan: fast}}",
        "{increment: {surveys: -1}}",
    ],
)
def test_changes_that_fit_are_clean(change: str) -> None:
    assert load({JOURNEY: edited(JOURNEY, UPDATE, f"update_profile: {change}")}).findings == ()


def test_a_computed_trait_is_not_changed() -> None:
    profile = edited(PROFILE, "issues:\n", "computed:\n  faults: {count: Fault Reported}\nissues:\n")
    found = load({PROFILE: profile, JOURNEY: edited(JOURNEY, UPDATE, "update_profile: {set: {faults: 3}}")}).findings
    assert [(f.code, f.what) for f in found] == [("J035", "'faults' is computed")]


def test_a_required_key_without_value_is_said_at_the_key() -> None:
    found = load({CONCIERGE: edited(CONCIERGE, "workspace: tarn_fibre", "workspace:")}).findings
    assert [(f.code, f.line, f.column, f.what) for f in found] == [("Y012", 2, 1, "'workspace' is empty in concierge.yaml")]
