"""Tests of mappings: what differs is said; rules no test reaches are named; changes no test notices are found."""

import pytest

from orchestrator.source_tests.mutate import mutants
from orchestrator.source_tests.run import cover, run_source_test
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.source_test_file import read_source_tests
from orchestrator.workspace.source_test_shapes import SourceTestFile
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_reader import read_yaml
from tests.unit.workspace.test_lint import FILES

CASE = "record: {op: c, source: {table: cases}, after: {case_no: F-1, customer_no: 7, status: open, priority: low}}"


def read(text: str, example: Workspace) -> SourceTestFile:
    node, findings = read_yaml(text.encode(), "f", Findings()), Findings()
    assert node is not None
    found = read_source_tests(node, "crm", example, Reading("f", findings))
    assert not findings.all, findings.all
    return found


def difference(expected: str, example: Workspace, record: str = CASE) -> tuple[str, ...]:
    (test,) = read(f"source: crm\ntests:\n  - test: t\n    {record}\n    {expected}\n", example).tests
    return run_source_test(example, example.sources["crm"], test)


DIFFERENCES = [
    ("events: [{event: Fault Reported, user_id: 7, properties: {case_id: F-1, severity: low}}]", ()),
    (
        "events: [{event: Fault Reported, user_id: 8, properties: {case_id: F-1, severity: low}}]",
        ("event 1: user_id: expected 8, got '7'",),
    ),
    (
        "events: [{event: Fault Reported, user_id: 7, properties: {case_id: F-1}}]",
        ("event 1: properties.severity is not expected: got 'low'",),
    ),
    (
        "events: [{event: Fault Reported, user_id: 7, properties: {case_id: F-1, severity: low}, context: {a: 1}}]",
        ("event 1: context.a is missing: expected 1",),
    ),
    ("ignored: true", ("unexpected event: track Fault Reported of 7 (properties {'case_id': 'F-1', 'severity': 'low'})",)),
    (
        "dead_letter: not_json",
        ("expected the dead letter not_json, got track Fault Reported of 7 (properties {'case_id': 'F-1', 'severity': 'low'})",),
    ),
]


@pytest.mark.parametrize(("expected", "said"), DIFFERENCES, ids=[str(n) for n in range(len(DIFFERENCES))])
def test_what_differs_is_said(expected: str, said: tuple[str, ...], example: Workspace) -> None:
    assert difference(expected, example) == said


def test_a_dead_letter_is_held_against_its_reason_and_sentence(example: Workspace) -> None:
    bad = 'bytes: "{"'
    assert difference("dead_letter: not_json", example, bad) == ()
    assert "expected the dead letter unmapped, got not_json" in difference("dead_letter: unmapped", example, bad)[0]
    assert "expected 'Ada' in its error" in difference("dead_letter: {reason: not_json, error: Ada}", example, bad)[0]
    assert "expected nothing (ignored), got the dead letter not_json" in difference("ignored: true", example, bad)[0]


def test_rules_that_no_test_reaches_are_named(example: Workspace) -> None:
    findings = Findings()
    cover(example, [read(f"source: crm\ntests:\n  - test: t\n    {CASE}\n    ignored: true\n", example)], findings)
    assert {f.code for f in findings.all} == {"T002"}
    assert len(findings.all) == len(example.sources["crm"].rules) - 1
    assert not [f for f in findings.all if "Fault Reported" in f.what]


def test_every_change_of_the_crms_mapping_is_noticed_and_a_lazy_test_notices_few(example: Workspace) -> None:
    whole = read(FILES["config/sources/crm.test.yaml"].decode(), example)
    lazy = SourceTestFile("crm", "f", 1, whole.tests[-1:])

    def unnoticed(file: SourceTestFile) -> list[str]:
        changes = mutants(example.sources["crm"])
        return [what for what, changed in changes if not any(run_source_test(example, changed, test) for test in file.tests)]

    assert unnoticed(whole) == []
    assert len(unnoticed(lazy)) > 30
