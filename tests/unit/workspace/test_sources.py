"""Mistakes in a mapping and in its tests: each has its code, its place and a fix."""

import pytest

from orchestrator.cli.drafts import draft_mapping_test, drafted
from orchestrator.workspace.load import load_files
from tests.unit.workspace.test_lint import FILES, edited, load

CRM, TEST, BACKEND = "config/sources/crm.yaml", "config/sources/crm.test.yaml", "config/sources/backend.yaml"
TOPIC = 'topic: "${CRM_TOPIC:-crm.public.changes}"'
OPENED = "{case_id: record.after.case_no, severity: record.after.priority | lower}"
WRONG = [
    # file, old, new, code, line, column, part of the fix
    (CRM, TOPIC, "topic: customer-events", "S001", 2, 8, "backend's own topic"),
    (CRM, TOPIC, "topic: decisions", "S001", 2, 8, "backend's own topic"),
    (CRM, TOPIC, "topic: my topic", "Y005", 2, 8, "crm.public.changes"),
    (CRM, TOPIC, 'topic: "${CRM_TOPIC}"', "Y011", 2, 8, "CRM_TOPIC"),
    (CRM, f"{TOPIC}  ", "# ", "Y012", 1, 1, "add `topic:"),
    (CRM, "    user_id: record.after.customer_no\n", "", "S002", 6, 5, "user_id:"),
    (CRM, "when: record is none  ", "ignore: true\n  - ignore: true # ", "Y003", 6, 5, "remove"),
    (CRM, "  - when: record is none                        # a tombstone follows every deleted row\n    ignore: true", "  - ignore: true", "S003", 4, 5, "before"),
    (CRM, OPENED, "{case_id: record.after.case_no, severty: record.after.priority}", "S004", 21, 49, "severity"),
    (CRM, OPENED, "{severity: record.after.priority | lower}", "Y012", 21, 17, "case_id"),
    (CRM, "phone: record.after.mobile", "fone: record.after.mobile", "S004", 14, 7, "phone"),
    (CRM, "event: Fault Reported", "event: Fault Repotred", "E010", 18, 12, "Fault Reported"),
    (CRM, "event: Fault Reported", 'event: "{{ record.name }}"', "E011", 18, 12, "a rule for each"),
    (CRM, "    event: Fault Reported\n", "", "Y012", 17, 5, "event:"),
    (CRM, "type: identify", "type: identfy", "Y005", 7, 11, "identify"),
    (CRM, "type: identify", "type: identify\n    event: Known", "Y005", 8, 5, "remove"),
    (CRM, "    traits:\n", "    properties:\n", "Y005", 10, 5, "traits:"),
    (CRM, "type: identify", "type: alias", "S002", 6, 5, "anonymous_id"),
    (CRM, "user_id: record.after.customer_no", "user_id: customer.id", "E003", 8, 14, "record"),
    (CRM, "user_id: record.after.customer_no", "user_id: item.customer_no", "E003", 8, 14, "record"),
    (CRM, "user_id: record.after.customer_no", "user_id: seen('Fault Reported')", "E005", 8, 14, "duration"),
    (CRM, "user_id: record.after.customer_no", "user_id: now", "E003", 8, 14, "record"),
    (CRM, "otherwise: dead_letter", "otherwise: drop", "Y005", 48, 12, "ignore"),
    (BACKEND, "source: backend\n", "source: backend\notherwise: ignore\n", "Y012", 2, 12, "topic"),
    (TEST, "source: crm\n", "source: cmr\n", "Y016", 1, 9, "rename"),
    (TEST, "dead_letter: unmapped", "dead_letter: unmaped", "T001", 66, 18, "unmapped"),
    (TEST, "{event: Case Closed", "{event: Case Clsed", "T001", 26, 17, "Case Closed"),
    (TEST, "    dead_letter: unmapped\n", "", "T004", 64, 5, "dead_letter"),
    (TEST, "    record: {op: c, source: {table: invoices}, after: {id: 1}}\n", "", "Y012", 64, 5, "record"),
    (TEST, '    bytes: "<xml/>"', '    bytes: "<xml/>"\n    tombstone: true', "Y005", 69, 5, "remove"),
    (TEST, '    bytes: "<xml/>"', '    bytes: "<xml/>"\n    timestamp: noon', "Y015", 69, 16, "2026-01-14T10:00:00Z"),
    (TEST, "- type: identify", "- type: page", "T005", 11, 15, "identify"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "line", "column", "fix"), WRONG, ids=[f"{w[3]}-{w[2][:24]!r}" for w in WRONG])
def test_a_mistake_has_its_code_place_and_fix(file: str, old: str, new: str, code: str, line: int, column: int, fix: str) -> None:
    findings = load({file: edited(file, old, new)}).findings
    found = [f for f in findings if f.code == code and f.file == file]
    assert found, [(f.code, f.file, f.line, f.what) for f in findings]
    assert (found[0].line, found[0].column) == (line, column)
    assert fix in found[0].fix


def test_a_topic_is_read_by_one_source() -> None:
    other = b"source: other\ntopic: crm.public.changes\nmap: [{ignore: true}]\n"
    test = b"source: other\ntests: [{test: t, record: {}, ignored: true}]\n"
    findings = load({"config/sources/other.yaml": other, "config/sources/other.test.yaml": test}).findings
    assert [(f.code, f.file, f.line) for f in findings] == [("S001", "config/sources/other.yaml", 2)]


def test_a_mapping_has_tests_and_a_list_of_events_needs_none() -> None:
    findings = load({TEST: None}).findings
    assert [(f.code, f.file) for f in findings] == [("J001", CRM)]
    assert findings[0].fix == "concierge init test crm"


def test_the_topic_of_a_deployment_is_the_environments() -> None:
    found = load_files(FILES, {"CRM_TOPIC": "elsewhere"}).workspace
    assert found is not None
    assert found.sources["crm"].topic == "elsewhere"
    assert found.sources["backend"].topic is None


def test_a_first_test_file_can_be_read() -> None:
    workspace = drafted(load({TEST: None}))
    assert workspace is not None
    text = draft_mapping_test(workspace.sources["crm"])
    assert load({TEST: text.encode()}).findings == ()
    assert "customer_no" in text
    assert "type: identify" in text
