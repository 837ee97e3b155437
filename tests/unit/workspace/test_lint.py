"""Every mistake has its code, its place and a fix; nothing a person writes makes lint fall over."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.content.check import check_message
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.finding import Findings, format_github, format_json, format_text
from orchestrator.workspace.kinds import KINDS, kind_of, schema_of
from orchestrator.workspace.load import Loaded, load_files
from orchestrator.workspace.yaml_reader import read_yaml
from tests.examples import examples

ROOT = Path(__file__).parents[3]
FILES = read_files(ROOT)
JOURNEY = "config/journeys/visit_survey.yaml"
OFFERS = "config/journeys/monthly_offers.yaml"
MESSAGE = "templates/messages/visit_survey.yaml"
POLICIES = "config/policies.yaml"
PROFILE = "config/profile.yaml"
CONCIERGE = "config/concierge.yaml"
SOURCE = "config/sources/backend.yaml"


def load(changes: dict[str, bytes | None]) -> Loaded:
    files = {**FILES, **{k: v for k, v in changes.items() if v is not None}}
    for name, value in changes.items():
        if value is None:
            files.pop(name, None)
    return load_files(files, {}, check_message)


def edited(file: str, old: str, new: str) -> bytes:
    text = FILES[file].decode()
    assert old in text, f"{old!r} is not in {file}"
    return text.replace(old, new, 1).encode()


def test_the_worked_example_is_clean() -> None:
    loaded = load({})
    assert loaded.findings == ()
    assert loaded.workspace is not None
    assert len(loaded.workspace.version) == 64


def test_titles_and_notes_do_not_change_a_journeys_version() -> None:
    before, after = load({}).workspace, load({JOURNEY: edited(JOURNEY, "title: Ask", "title: Please ask")}).workspace
    assert before is not None
    assert after is not None
    assert before.version != after.version
    assert before.journeys["visit_survey"].version == after.journeys["visit_survey"].version


WRONG = [
    # file, old, new, code, line, column, part of the fix
    (JOURNEY, "class: service", "class: servce", "Y005", 3, 8, "service"),
    (JOURNEY, "priority: 60", "priorty: 60", "Y002", 4, 1, "priority"),
    (JOURNEY, "priority: 60", "priority: 160", "Y005", 4, 11, "between"),
    (JOURNEY, "priority: 60", "priority: 60\npriority: 50", "Y003", 5, 1, "remove one"),
    (JOURNEY, "expires: 2d", "expires: 1.5d", "Y014", 9, 12, "write 36h, not 1.5d"),
    (JOURNEY, "when: not event.cancelled", "when: not event.canceled", "E004", 8, 19, "cancelled"),
    (JOURNEY, "when: not event.cancelled", "when: not evnt.cancelled", "E003", 8, 13, "event"),
    (JOURNEY, "when: not event.cancelled", 'when: "{{ event.cancelled }}"', "E002", 8, 10, "remove"),
    (JOURNEY, "when: not event.cancelled", "when: {{ event.cancelled }}", "Y006", 8, 9, "quote"),
    (JOURNEY, "event: Visit Completed", "event: Visit Complete", "E010", 6, 10, "Visit Completed"),
    (JOURNEY, "on_event: exit", "on_event: nudje", "J016", 19, 15, "nudge"),
    (JOURNEY, "on_event: exit", "on_event: ask", "J017", 19, 15, "jump: ask"),
    (JOURNEY, "  - id: ask\n", "  - id: exit\n", "J014", 14, 9, "exit_step"),
    (JOURNEY, "  - id: nudge\n", "  - id: ask\n", "J013", 20, 9, "rename"),
    (JOURNEY, "  - id: ask\n    send", "  - send", "J012", 14, 5, "id: visit_survey"),
    (JOURNEY, "send: visit_survey\n    channels: [email, sms]", "send: visit_surve\n    channels: [email, sms]", "J022", 15, 11, "visit_survey"),
    (JOURNEY, "channels: [email, sms]", "channels: [email, email]", "J023", 16, 15, "remove"),
    (JOURNEY, "channels: [email, sms]", "channels: [mail]", "J023", 16, 16, "email"),
    (JOURNEY, ", timeout: 24h}", "}", "J028", 18, 17, "timeout"),
    (JOURNEY, "increment: {surveys: 1}", "increment: {surveis: 1}", "J035", 26, 19, "surveys"),
    (JOURNEY, "  - id: counted\n    update_profile:", "  - id: counted\n    delay: 1h\n    update_profile:", "J015", 25, 5, "split"),
    (OFFERS, "match: event.step == 'offer'", "match: seen('Survey Answered', within='4h')", "Y007", 20, 67, "quotes"),
    (OFFERS, "holdout: 10%", "holdout: 10", "Y004", 11, 10, "10%"),
    (OFFERS, "reentry: {after: 20d, per: customer}", "reentry: {after: 20d, never: true}", "J008", 8, 12, "keep one"),
    (OFFERS, "within: 30d}", "within: 30}", "Y014", 10, 56, "add the unit: 30d"),
    (OFFERS, "goal: {event: Package Changed, same: offer_id, within: 30d}", "", "J048", 1, 1, "goal"),
    (MESSAGE, "topic: feedback", "topic: feedbak", "M004", 4, 8, "feedback"),
    (MESSAGE, "{{ entry.technician }} visited you on", "{{ entry.tecnician }} visited you on", "E004", 28, 21, "technician"),
    (MESSAGE, "How did {{ entry.technician }} do?", "How did {{ customer.first_name }} do?", "M005", 7, 26, "default"),
    (MESSAGE, 'en: "{{ entry.technician }} visited you on {{ entry.visited_at | date }}.', 'en: "Somebody visited you on {{ entry.visited_at | date }}.', "M006", 28, 11, "entry.technician"),
    (MESSAGE, "How was it? {{ action.url }}", "How was it?", "M007", 28, 11, "action.url"),
    (MESSAGE, "https://example.com/s/", "http://example.com/s/", "M013", 14, 49, "write https://"),
    (MESSAGE, "https://example.com/s/", "https://evil.example/s/", "M013", 14, 49, "links.hosts"),
    (MESSAGE, "category: utility", "category: marketing", "M012", 31, 15, "utility"),
    (MESSAGE, "One minute helps us get better.", "Act now, in one minute.", "M014", 8, 16, "another way"),
    (MESSAGE, "  de:\n    subject", "  fr:\n    subject", "M002", 6, 3, "add them"),
    (MESSAGE, "Hi {{ customer", "| a |\n      |---|\n\n      ```\n      x\n      ```\n\n      Hi {{ customer", "M016", 10, 7, "plain Markdown"),
    (POLICIES, "classes: [marketing]", "classes: [marketing, transactional]", "P001", 9, 26, "remove"),
    (POLICIES, "when: open_issues()", "when: message.name == 'x'", "P008", 8, 11, "customer"),
    (POLICIES, "then: hold", "than: hold", "Y002", 10, 5, "did you mean"),
    (POLICIES, "suppression:\n", "caps: []\nsuppression:\n", "Y002", 6, 1, "leave it out"),
    (PROFILE, "{type: number}", "{type: numer}", "C002", 9, 22, "number"),
    (PROFILE, "  surveys:", "  context:", "C001", 11, 12, "another name"),
    (PROFILE, "    close: [Fault Cleared, Case Closed]\n", "", "C004", 15, 5, "add it"),
    (PROFILE, "close: [Fault Cleared", "close: [Fault Reported", "C005", 15, 5, "when"),
    (PROFILE, "first_name: {type: text, pii: true}", "first_name: {type: text}", "C006", 2, 15, "pii"),
    (CONCIERGE, "timezone: Europe/London", "timezone: Europe/Lundon", "Y013", 5, 11, "Europe/London"),
    (CONCIERGE, "country: GB", "country: NO", None, 0, 0, ""),
    (CONCIERGE, "country: GB", "country: XX", "Y013", 6, 10, ""),
    (CONCIERGE, "currency: GBP", "currency: GBB", "Y013", 7, 11, "ISO 4217"),
    (CONCIERGE, "concierge: 1", "concierge: 2", "Y017", 1, 12, "upgrade"),
    (CONCIERGE, "${SMS_SENDER:-TARN}", "${SMS_SENDER}", "Y011", 18, 17, "default"),
    (CONCIERGE, "${SMS_SENDER:-TARN}", "${SMS_TOKEN:-x}", "Y011", 18, 17, "secret"),
    (CONCIERGE, "name: Tarn Fibre, address", "nam: Tarn Fibre, address", "Y002", 17, 13, "name"),
    (CONCIERGE, "workspace: tarn_fibre\n", "", "Y012", 1, 1, "workspace"),
    (SOURCE, "visit_id: text!, technician", "visit_id: txt!, technician", "C002", 3, 31, "text"),
    (SOURCE, "source: backend", "source: backent", "Y016", 1, 9, "rename"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "line", "column", "fix"), WRONG, ids=[f"{w[3]}-{w[2][:24]}" for w in WRONG])
def test_a_mistake_has_its_code_place_and_fix(file: str, old: str, new: str, code: str | None, line: int, column: int, fix: str) -> None:
    found = load({file: edited(file, old, new)}).findings
    if code is None:
        assert found == ()
        return
    mine = [f for f in found if f.code == code]
    assert mine, [f"{f.line}:{f.column} {f.code} {f.what}" for f in found]
    assert (mine[0].file, mine[0].line, mine[0].column) == (file, line, column), mine[0]
    assert fix in mine[0].fix
    assert mine[0].why


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("config/journeys/visit_survey.test.yaml", None, "J001"), ("config/extra.yaml", b"a: 1", "Y016"), ("config/notes.txt", b"x", "Y016"),
        ("config/lookups.yaml", b"lookups: {}", "Y016"), ("config/journeys/Bad-Name.yaml", b"journey: x", "Y016"), ("config/journeys/a/visit_survey.yaml", b"x: 1", "Y016"),
        ("templates/messages/unused.yaml", FILES[MESSAGE].replace(b"message: visit_survey", b"message: unused"), "M022"),
        (JOURNEY, b"\xff\xfe", "Y016"), (JOURNEY, b"a: [", "Y001"), (JOURNEY, b"a:\n\tb: 1", "Y010"), (JOURNEY, b"a: 1\n---\nb: 2", "Y010"),
        (JOURNEY, b"a: !x 1", "Y010"), (JOURNEY, b"a: &x [*x]", "Y010"), (JOURNEY, b"title: 007", "Y009"), (JOURNEY, b"journey: visit_survey\nentry: {event: Visit Completed}\nsteps: []", "J002"),
        (CONCIERGE, None, "Y012"), (JOURNEY, b"x" * 1_000_001, "Y016"), (JOURNEY, b"journey: visit_survey\nentry: {}\nsteps: [{exit: true}]", "J003"),
    ],
)  # fmt: skip
def test_files_that_are_wrong(name: str, content: bytes | None, code: str) -> None:
    assert code in {f.code for f in load({name: content}).findings}


def test_everything_wrong_is_said_at_once() -> None:
    text = (
        FILES[JOURNEY]
        .decode()
        .replace("priority: 60", "priorty: 60")
        .replace("expires: 2d", "expires: 2")
        .replace("on_event: exit", "on_event: nudje")
    )
    assert [f.code for f in load({JOURNEY: text.encode()}).findings if f.severity == "error"] == ["Y002", "Y014", "J016"]


def test_the_language_yaml_words() -> None:
    node = read_yaml(b"a: NO\nb: on\nc: 08:30\nd: 2026-03-02\ne: true\nf: 1e3\ng: ~\nh: '1'\ni: 0x1F\n", "f", Findings())
    assert node is not None
    assert node.data() == {"a": "NO", "b": "on", "c": "08:30", "d": "2026-03-02", "e": True, "f": 1000.0, "g": None, "h": "1", "i": 31}


def test_output_formats() -> None:
    loaded = load({JOURNEY: edited(JOURNEY, "priority: 60", "priorty: 60")})
    text = format_text(loaded.findings, loaded.files)
    assert text.splitlines()[0] == "config/journeys/visit_survey.yaml:4:1  Y002  no key 'priorty' in a journey"
    assert "    4 | priorty: 60" in text
    assert "did you mean 'priority'?" in text
    assert '"code": "Y002"' in format_json(loaded.findings)
    assert format_github(loaded.findings).startswith("::error file=config/journeys/visit_survey.yaml,line=4,col=1,title=Y002::")


def test_github_commands_cannot_be_cut_by_what_they_say() -> None:
    findings = Findings()
    findings.note("M002", "a,b:c.yaml", (2, 3), "50% of\nit", "because", "fix it")
    assert format_github(findings.all) == "::warning file=a%2Cb%3Ac.yaml,line=2,col=3,title=M002::50%25 of%0Ait. because. fix it"


def test_json_has_the_fields_that_are_promised() -> None:
    findings = Findings()
    findings.note("Y002", "a.yaml", (2, 3), "what", "why", "fix")
    assert json.loads(format_json(findings.all)) == [
        {"file": "a.yaml", "line": 2, "column": 3, "code": "Y002", "what": "what", "why": "why", "fix": "fix", "severity": "error"}
    ]


def test_every_kind_has_a_schema_that_takes_the_example() -> None:
    import jsonschema

    files = {
        "concierge": CONCIERGE,
        "profile": PROFILE,
        "policies": POLICIES,
        "audiences": "config/audiences.yaml",
        "offers": "config/offers.yaml",
        "journey": JOURNEY,
        "test": JOURNEY.replace(".yaml", ".test.yaml"),
        "message": MESSAGE,
        "source": SOURCE,
        "source_test": "config/sources/crm.test.yaml",
    }
    for kind in KINDS:
        assert kind_of(files[kind]) == kind
        schema = schema_of(kind)
        jsonschema.Draft202012Validator.check_schema(schema)
        text = FILES.get(files[kind]) or (ROOT / "docs" / "cookbook" / files[kind]).read_bytes()
        node = read_yaml(text, "f", Findings())
        assert node is not None
        jsonschema.validate(node.data(), schema)


@given(st.binary(max_size=400))
@settings(max_examples=examples(25))
def test_any_bytes_get_findings_and_no_exception(content: bytes) -> None:
    loaded = load({JOURNEY: content})
    assert loaded.workspace is None
    assert loaded.findings


words = st.sampled_from(
    ["a", "journey", "entry", "event", "steps", "id", "send", "x y", "1", "true", "~", "{{ x }}", "event.a == 1", "2h", "*", "[", "page:*"]
)
trees = st.recursive(words, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=20)


@given(trees)
@settings(max_examples=examples(15))
def test_any_yaml_gets_findings_and_no_exception(tree: object) -> None:
    import yaml

    content = yaml.safe_dump(tree).encode()
    for file in (JOURNEY, MESSAGE, POLICIES, PROFILE, CONCIERGE, SOURCE):
        assert load({file: content}).files
