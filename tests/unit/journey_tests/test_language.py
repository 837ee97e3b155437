"""The language of journey tests: every word does what it says, and a wrong expectation fails with a readable difference."""

from pathlib import Path

import pytest

from orchestrator.cli.test import Row, junit_xml
from orchestrator.content.check import check_message
from orchestrator.journey_tests.mutate import mutants
from orchestrator.journey_tests.session import Session
from orchestrator.journey_tests.versions import Versions
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.finding import Finding, Findings
from orchestrator.workspace.load import load_files
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.test_file import TestFile, read_tests
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_reader import read_yaml

ROOT = Path(__file__).parents[3]
FILES = read_files(ROOT)
VISIT = "event: Visit Completed, with: {visit_id: v1, technician: Bob, visited_at: 2026-03-02T09:00:00Z}"
OFFER = "event: Offer Prepared, with: {offer_id: o1, package: Fast 500, monthly_price: 24.9, ends_on: 2026-04-01}"
ORDER = "event: Order Placed, with: {order_id: o1, package: Fast 500, price: 24.9, installed_on: 2026-04-01}"


def read(text: str, workspace: Workspace) -> tuple[TestFile, list[Finding]]:
    findings = Findings()
    node = read_yaml(text.encode(), "t.test.yaml", findings)
    assert node is not None, findings.all
    return read_tests(node, node.entries["journey"].text, workspace, Reading("t.test.yaml", findings)), findings.all


def session(workspace: Workspace, extra: dict[str, bytes] | None = None) -> Session:
    found = extra or {}

    def fixture(name: str) -> bytes:
        if name not in found:
            raise FileNotFoundError(2, "no such file")
        return found[name]

    return Session(workspace, Versions(FILES, {}, check_message, fixture), SystemClock())


def run(text: str, workspace: Workspace, extra: dict[str, bytes] | None = None) -> list[str]:
    """All differences of all tests of a file."""
    file, findings = read(text, workspace)
    assert not [f for f in findings if f.severity == "error"], findings
    return [line for result, _seconds in session(workspace, extra).run([file]) for line in result.difference]


def survey(when: str, then: str, given: str = "{}") -> str:
    return f"""journey: visit_survey
start: 2026-03-02T10:00:00Z
given: {given}
tests:
  - test: one
    when:
{chr(10).join("      - " + line for line in when.strip().splitlines())}
    then:
{chr(10).join("      " + line for line in then.strip().splitlines())}
"""


RIGHT = {
    "repeat and every": (f"{{at: 0h, repeat: 3, every: 30m, {VISIT}}}\n{{at: 5h, event: Survey Answered, with: {{visit_id: v1}}}}",
                         "sends: [{at: 0h}]\nskips: [{at: 30m, reason: already_running}, {at: 1h, reason: already_running}]\nends: [{at: 5h, how: goal}]", "{}"),
    "several customers, one named": (f"{{at: 0h, customer: '*', {VISIT}}}\n{{at: 1h, customer: ben, event: Survey Answered, with: {{visit_id: v1}}}}",
                                     "sends: [{customer: ada, step: ask}, {customer: ben, step: ask}, {customer: ada, step: nudge, at: 24h}]", "{customers: {ada: {}, ben: {}}}"),
    "local times": (f"{{local: 2026-03-02T12:30, {VISIT}}}", "sends: [{local: 2026-03-02T12:30, instant: 2026-03-02T12:30:00Z}, {at: 26h30m}]", "{}"),
    "fail queued, then taken up": (f"{{at: 0h, fail: {{channel: email, how: queued, for: 2h}}}}\n{{at: 0h, {VISIT}}}", "sends: [{at: 2h, step: ask}, {at: 24h, step: nudge}]", "{}"),
    "fail down": (f"{{at: 0h, fail: {{channel: email, how: down, for: 3h}}}}\n{{at: 0h, {VISIT}}}", "sends: [{at: 3h, step: ask}, {at: 24h, step: nudge}]", "{}"),
    "fail rejected": (f"{{at: 0h, fail: {{channel: email, how: rejected}}}}\n{{at: 0h, {VISIT}}}", "sends: [{at: 0h, channel: sms, reason: fell_back}, {at: 24h, step: nudge}]\nskips: [{at: 0h, reason: provider_rejected}]", "{}"),
    "fail undeliverable": (f"{{at: 0h, fail: {{channel: email, how: undeliverable}}}}\n{{at: 0h, {VISIT}}}", "sends: [{at: 0h, channel: email}, {at: 0h, channel: sms, reason: fell_back}, {at: 24h}]\nskips: [{at: 0h, reason: undeliverable}]", "{}"),
    "fail withheld": (f"{{at: 0h, fail: {{channel: email, how: withheld}}}}\n{{at: 0h, {VISIT}}}", "sends: [{at: 0h, channel: email}, {at: 0h, channel: sms, reason: fell_back}, {at: 24h}]\nskips: [{at: 0h, reason: provider_withheld}]", "{}"),
    "fail timeout": (f"{{at: 0h, fail: {{channel: email, how: timeout}}}}\n{{at: 0h, {VISIT}}}", "sends: [{at: 24h}]\nskips: [{at: 0h, reason: outcome_unknown}]", "{}"),
    "fail rate limited": (f"{{at: 0h, fail: {{channel: email, how: rate_limited, for: 90s}}}}\n{{at: 0h, {VISIT}}}", "sends: [{at: 90s}, {at: 24h}]", "{}"),
    "pause and resume": (f"{{at: 0h, {VISIT}}}\n{{at: 1h, pause: true}}\n{{at: 30h, resume: true}}", "sends: [{at: 0h}, {at: 30h, step: nudge}]\npaused: []", "{}"),
    "paused at the end": (f"{{at: 1h, pause: true}}\n{{at: 2h, {VISIT}}}", "skips: [{at: 2h, reason: journey_paused}]\npaused: [visit_survey]", "{}"),
    "first and counts": (f"{{at: 0h, {VISIT}}}", "first: [{step: ask}]\ncounts: {sends: 2, skips: 0, entries: 1, goals: 0}", "{}"),
    "includes": (f"{{at: 0h, {VISIT}}}", "includes: {sends: [{step: nudge}], ends: [{how: end}]}", "{}"),
    "policies none": (f"{{at: 0h, {VISIT}}}", "sends: [{step: ask}, {step: nudge}]", "{policies: none, issues: [{kind: service, id: c1}]}"),
    "policies replaced": (f"{{at: 0h, {VISIT}}}", "skips: [{step: ask, reason: suppression_rule, explain: {rule: quiet}}, {step: nudge, reason: suppression_rule}]",
                          "{policies: {suppression: [{rule: quiet, when: customer.tenure_months == 0, classes: [service]}]}}"),
    "no consent": (f"{{at: 0h, {VISIT}}}", "sends: [{step: ask, channel: email}, {step: nudge, channel: email}]", "{consents: [{channel: sms, topic: feedback, state: revoked}, {channel: whatsapp, topic: feedback, state: none}]}"),
    "templates pending": (f"{{at: 0h, {VISIT}}}", "skips: [{step: ask, reason: no_reachable_channel}, {step: nudge, reason: no_reachable_channel}]",
                          "{templates: {whatsapp: pending}, customer: {email: null, phone: '+447400123456'}, consents: [{channel: sms, topic: feedback, state: revoked}]}"),
    "window open": (f"{{at: 0h, {VISIT}}}\n{{at: 1h, event: Survey Answered, with: {{visit_id: v1}}}}", "sends: [{step: ask}]", "{windows: {whatsapp: open}}"),
    "reply and stop": (f"{{at: 0h, {VISIT}}}\n{{at: 2h, reply: {{channel: sms, text: STOP}}}}", "sends: [{step: ask}, {step: nudge, channel: whatsapp}]", "{}"),
    "unsubscribe by a scanner changes nothing": (f"{{at: 0h, {VISIT}}}\n{{at: 2h, unsubscribe: {{step: ask, by: scanner}}}}", "sends: [{step: ask}, {step: nudge, channel: sms}]", "{}"),
    "identify and alias": (f"{{at: 0h, anonymous: a1, {VISIT}}}\n{{at: 1h, identify: ada, anonymous: a1, with: {{email: ada@example.com}}}}", "sends: [{at: 24h, customer: ada, channel: email, step: nudge}]\nskips: [{at: 0h, reason: address_missing}]", "{customers: {other: {}}}"),
    "erase": (f"{{at: 0h, {VISIT}}}\n{{at: 2h, erase: true}}", "sends: [{step: ask}]\nends: [{at: 2h, how: erased}]", "{}"),
    "held out": (f"{{at: 0h, customer: '*', {VISIT}}}", "sends: [{customer: ben, step: ask}, {customer: ben, step: nudge}]\nskips: [{customer: ada, reason: held_out}]", "{customers: {ada: {}, ben: {}}, held_out: [ada]}"),
    "facts": (f"{{at: 0h, {VISIT}}}", "sends: [{step: ask}, {step: nudge}]\nfacts: equal", "{}"),
    "an early answer in German": (f"{{at: 0h, {VISIT}}}", "sends: [{contains: [Guten Tag Ada], lacks: [Hi]}, {step: nudge, segments: 1}]", "{customer: {first_name: Ada, locale: de-AT}}"),
}  # fmt: skip


@pytest.mark.parametrize(("when", "then", "given"), RIGHT.values(), ids=RIGHT)
def test_what_a_test_says_is_what_happens(example: Workspace, when: str, then: str, given: str) -> None:
    assert run(survey(when, then, given), example) == []


WRONG = [
    ("sends: [{at: 1h}, {at: 24h}]", "send 1: at 1h"), ("sends: [{at: 0h}]", "unexpected send: at 1d"), ("sends: [{at: 0h}, {at: 24h}, {at: 25h}]", "send 3 is missing"),
    ("sends: [{contains: [Cleo]}, {step: nudge}]", "contains 'Cleo'"), ("sends: [{lacks: [Bob]}, {step: nudge}]", "lacks 'Bob'"), ("sends: [{step: nudge}, {step: ask}]", "send 1: step 'nudge'"),
    ("first: [{step: nudge}]", "send 1: step 'nudge'"), ("counts: {sends: 3}", "expected 3 sends, got 2"), ("includes: {sends: [{channel: whatsapp}]}", "no send like: channel whatsapp"),
    ("includes: {ends: [{how: goal}]}", "no end like: how goal"), ("sends: [{}, {}]\nends: [{how: goal}]", "end 1: how 'goal'"), ("sends: [{}, {}]\nholds: [{step: ask}]", "hold 1 is missing"),
    ("sends: [{}, {}]\npaused: [visit_survey]", "paused: expected ['visit_survey'], got []"), ("sends: [{}, {}]\ncustomer: {surveys: 7}", "customer.surveys: expected 7, got 1"),
    ("sends: [{}, {}]\nskips: [{reason: expired}]", "skip 1 is missing: reason expired"), ("sends: [{subject: Nope}, {}]", "subject 'Nope'"), ("sends: [{}, {segments: 2}]", "segments 2"),
    ("sends: [{}, {}]\nheld_out: {between: [50%, 60%]}", "held_out: 0.00% of 1"), ("sends: [{instant: 2026-03-02T11:00:00Z}, {}]", "instant"), ("sends: [{fallback_blocks: [x]}, {}]", "fallback_blocks"),
]  # fmt: skip


@pytest.mark.parametrize(("then", "difference"), WRONG, ids=[one[0][:40] for one in WRONG])
def test_a_wrong_expectation_is_told(example: Workspace, then: str, difference: str) -> None:
    found = run(survey(f"{{at: 0h, {VISIT}}}", then), example)
    assert any(difference in line for line in found), found


def test_a_message_that_waits_for_a_sender_is_checked_again(example: Workspace) -> None:
    text = f"""journey: monthly_offers
start: 2026-03-02T10:00:00Z
tests:
  - test: a case opens while the mail waits
    when:
      - {{at: 0h, fail: {{channel: email, how: queued, for: 2h}}}}
      - {{at: 0h, {OFFER}}}
      - {{at: 1h, event: Fault Reported, with: {{case_id: c1}}}}
      - {{at: 9h, event: Fault Cleared, with: {{case_id: c1}}}}
    then:
      holds: [{{at: 2h, reason: open_service_issue, explain: {{checked_at: sender, case: c1}}}}, {{at: 2h, reason: open_service_issue}}]
      sends: [{{at: 9h, channel: email}}]
"""
    found = run(text, example)
    assert not [line for line in found if not line.startswith("hold 2")], found


def test_a_transactional_message_is_tried_again_after_a_timeout(example: Workspace) -> None:
    text = f"journey: order_confirmation\ntests:\n  - test: t\n    when:\n      - {{at: 0h, fail: {{how: timeout, for: 30s}}}}\n      - {{at: 0h, {ORDER}}}\n    then: {{sends: [{{at: 1m}}], skips: []}}\n"
    assert run(text, example) == []


def test_the_control_group_of_a_population(example: Workspace) -> None:
    text = f"journey: monthly_offers\ngiven: {{population: 2000}}\ntests:\n  - test: t\n    when: [{{at: 0h, customer: '*', {OFFER}}}]\n    then: {{held_out: {{between: [8.5%, 11.5%]}}, counts: {{entries: 2000}}, includes: {{skips: [{{reason: held_out}}]}}, first: []}}\n    until: 2026-01-14T11:00:00Z\n"
    assert run(text, example) == []


def test_a_new_version_is_applied_while_somebody_waits(example: Workspace) -> None:
    changed = (
        FILES["config/journeys/visit_survey.yaml"]
        .replace(b"timeout: 24h", b"timeout: 24h")
        .replace(b"channels: [sms, whatsapp, email]", b"channels: [whatsapp, email]")
    )
    text = survey(f"{{at: 0h, {VISIT}}}\n{{at: 2h, apply: fixtures/next.yaml}}", "sends: [{step: ask}, {step: nudge, channel: whatsapp}]")
    assert run(text, example, {"config/fixtures/next.yaml": changed}) == []
    assert "no such file" in run(text, example)[0]
    broken = run(text, example, {"config/fixtures/next.yaml": changed.replace(b"priority", b"priorty")})
    assert "Y002" in broken[0]


PROPERTIES = """properties:
  - {property: one, at_most: 1, of: {classes: [service]}, per: 23h}
  - {property: two, never: {channels: [sms]}, while: customer.tenure_months > 0}
  - {property: three, always: message.class == 'service'}
"""


def test_properties_hold_in_every_test(example: Workspace) -> None:
    text = survey(f"{{at: 0h, {VISIT}}}", "sends: [{step: ask}, {step: nudge}]")
    assert run(text + PROPERTIES, example) == []
    assert "property 'one': 2 within 25h" in run(text + PROPERTIES.replace("23h", "25h"), example)[0].replace("1d1h", "25h")
    assert (
        "property 'two': while its condition is true, at 1d"
        in run(
            survey(f"{{at: 0h, {VISIT}}}", "sends: [{step: ask}, {step: nudge}]", "{customer: {tenure_months: 3}}") + PROPERTIES, example
        )[0]
    )
    assert "property 'three': its condition is false" in run(text + PROPERTIES.replace("'service'", "'marketing'"), example)[0]


def test_explored_timelines_find_and_shorten_what_breaks_a_property(example: Workspace) -> None:
    head = "journey: visit_survey\ntests: [{test: t, when: [], then: {sends: []}}]\n"
    exploring = "explore: {timelines: 80, seed: 3, span: 10d}\n"
    holds = head + "properties: [{property: p, never: {classes: [marketing]}, while: open_issues()}]\n" + exploring
    assert run(holds, example) == []
    breaks = head + "properties: [{property: no texts, never: {channels: [sms]}, while: now > entry}]\n" + exploring
    _file, findings = read(breaks, example)
    assert "E003" in {f.code for f in findings}
    found = run(head + "properties: [{property: no texts, at_most: 0, of: {channels: [sms]}, per: 1d}]\n" + exploring, example)
    assert "property 'no texts': 1 within 1d" in found[0]
    assert len([line for line in found if line.startswith("  - {at:")]) == 1, "one entry and time are enough"
    assert found == run(head + "properties: [{property: no texts, at_most: 0, of: {channels: [sms]}, per: 1d}]\n" + exploring, example), (
        "seeded"
    )


def test_what_no_test_reaches_is_named(example: Workspace) -> None:
    file, _findings = read(survey("{at: 0h, event: Visit Reopened, with: {visit_id: v1}}", "sends: []"), example)
    findings = Findings()
    one = session(example)
    one.cover([file], one.run([file]), findings)
    assert [f.what for f in findings.all] == [
        "no test reaches step 'ask'",
        "no test reaches step 'answered'",
        "no test reaches step 'nudge'",
        "no test reaches step 'counted'",
    ]
    assert {f.severity for f in findings.all} == {"warning"}


def test_every_change_of_the_worked_example_is_noticed_and_a_lazy_test_notices_few(example: Workspace) -> None:
    loaded = load_files(FILES, {}, check_message)
    one = session(example)
    assert len(loaded.tests) == len(example.journeys)
    for file in loaded.tests:
        assert [what for what, changed in mutants(example, file.journey) if one.passes(changed, file)] == []
    lazy, _findings = read(survey(f"{{at: 0h, {VISIT}}}", "first: [{step: ask}]"), example)
    assert len([what for what, changed in mutants(example, "visit_survey") if one.passes(changed, lazy)]) > 5


REFUSED = [
    ("given: {lookups: {}}", "Y002"), ("explore: {timelines: 5}", "Y012"), ("properties: [{property: p}]", "Y012"),
    ("properties: [{property: p, at_most: 1}]", "Y012"), ("properties: [{property: p, never: {}}]", "Y012"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_is_wrong_or_not_built_is_refused(example: Workspace, line: str, code: str) -> None:
    text = survey(f"{{at: 0h, {VISIT}}}", "sends: [{}, {}]").replace("given: {}\n", "") + line + "\n"
    _file, findings = read(text, example)
    assert code in {f.code for f in findings}, findings


THEN = [
    ("sends: [{step: asks}]", "T001", 10), ("sends: [{step: ask, channel: mail}]", "T001", 10), ("skips: [{reason: expiry}]", "T001", 10),
    ("sends: [{step: answered}]", "T005", 10), ("sends: [{step: nudge, channel: email, segments: 1}]", "T005", 10), ("sends: [{step: ask, channel: whatsapp}]", "T005", 10),
    ("sends: [{step: ask, message: monthly_offer}]", "T005", 10), ("sends: [{step: ask, contians: [x]}]", "Y002", 10), ("includes: {ends: [{how: goal, labl: x}]}", "Y002", 10),
    ("first: [{step: ask, chanel: null}]", "Y002", 10), ("skips: [{reason: expired, contains: x}]", "Y002", 10), ("sends: [{step: ask, offer: nobody}]", "J007", 10),
]  # fmt: skip


@pytest.mark.parametrize(("then", "code", "line"), THEN, ids=[one[0] for one in THEN])
def test_expectations_that_cannot_come_true(example: Workspace, then: str, code: str, line: int) -> None:
    _file, findings = read(survey(f"{{at: 0h, {VISIT}}}", then), example)
    assert [(f.code, f.line) for f in findings] == [(code, line - 1)]


def test_order_and_empty_expectations(example: Workspace) -> None:
    _file, findings = read(survey(f"{{at: 2h, {VISIT}}}\n{{at: 1h, {VISIT}}}", "sends: []"), example)
    assert [f.code for f in findings] == ["T003"]
    _file, findings = read("journey: visit_survey\ntests: [{test: t, when: []}]\n", example)
    assert [f.code for f in findings] == ["T004"]


def test_junit_is_xml_whatever_stands_in_a_difference() -> None:
    from xml.etree import ElementTree as ET

    row = Row("journey", "visit_survey", 'a "test" \x00 <&>', "x.test.yaml", 1, ("send 1: subject '\x1b[31m \ud800 Grüße 👋'",), 0.5)
    case = ET.fromstring(junit_xml([row]).encode())[0]
    assert case.attrib["name"] == 'a "test" \N{REPLACEMENT CHARACTER} <&>'
    assert case[0].attrib["message"].endswith("Grüße 👋'")


def test_junit_counts_and_keeps_lines() -> None:
    from xml.etree import ElementTree as ET

    rows = [
        Row("journey", "a", "one", "x", 1, (), 0.25),
        Row("source", "b", "two", "x", 2, ("send 1: at 5m\n    expected at 5m", "unexpected skip"), 0.5),
    ]
    suite = ET.fromstring(junit_xml(rows).encode())
    assert {"tests": "2", "failures": "1", "errors": "0", "skipped": "0", "time": "0.7500"}.items() <= suite.attrib.items()
    assert suite[1][0].text == "send 1: at 5m\n    expected at 5m\nunexpected skip"
    assert suite[1][0].attrib["type"] == "difference"
