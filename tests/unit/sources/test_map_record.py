"""A record becomes events or a dead letter that says why; the same record always the same; never an exception."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.content.check import check_message
from orchestrator.contracts.dead_letter import MOST_KEPT, DeadLetter, DeadLetterReason
from orchestrator.contracts.event import Event, decode_event, encode_event
from orchestrator.event_judge import setting_of
from orchestrator.ingest.decode import Refused, normalise
from orchestrator.sources.map_record import MOST_ITEMS, map_record
from orchestrator.sources.source_record import SourceRecord
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.load import load_files
from orchestrator.workspace.workspace import Workspace
from tests.conftest import ROOT
from tests.examples import examples

FILES = read_files(ROOT)
AT = 1_772_445_600_000
"""2026-03-02T10:00:00Z"""


@cache
def workspace(source: str) -> Workspace:
    files = {name: text for name, text in FILES.items() if not name.startswith("config/sources/crm")}
    test = b"source: feed\ntests: [{test: t, bytes: x, dead_letter: not_json}]\n"
    loaded = load_files({**files, "config/sources/feed.yaml": source.encode(), "config/sources/feed.test.yaml": test}, {}, check_message)
    assert loaded.workspace is not None, [(f.code, f.what) for f in loaded.findings]
    return loaded.workspace


def record(value: object, **other: object) -> SourceRecord:
    raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    return SourceRecord(**{"topic": "f.v1", "partition": 2, "offset": 7, "timestamp": AT, "key": None, "value": raw, **other})  # type: ignore[arg-type]


def mapped(rules: str, value: object, rest: str = "", **other: Any) -> tuple[Event, ...] | DeadLetter:
    made = workspace(f"source: feed\ntopic: f.v1\nmap:\n{rules}\n{rest}")
    return map_record(made.sources["feed"], record(value, **other), setting_of(made))


def one(rules: str, value: object, **other: Any) -> Event:
    found = mapped(rules, value, **other)
    assert isinstance(found, tuple), found
    (event,) = found
    return event


def dead(rules: str, value: object, rest: str = "", **other: Any) -> tuple[DeadLetterReason, str]:
    found = mapped(rules, value, rest, **other)
    assert isinstance(found, DeadLetter), found
    return found.reason, found.error


FAULT = "  - {event: Fault Reported, user_id: record.user, properties: {case_id: record.case}}"
EACH = "  - {event: Fault Reported, user_id: item.user, each: record.people, properties: {case_id: record.case}}"
TIMED = "  - {event: Fault Reported, user_id: record.user, timestamp: record.at, properties: {case_id: record.case}}"
IDENTIFY = "  - {type: identify, user_id: record.user, traits: {email: record.email, phone: record.phone, first_name: record.name}}"


def test_what_is_not_mapped_follows_from_the_record() -> None:
    event = one(FAULT, {"user": "ada", "case": "c1"})
    assert (event.message_id, event.timestamp, event.source, event.user_id) == ("f.v1-2-7", "2026-03-02T10:00:00Z", "feed", "ada")
    assert event.properties == {"case_id": "c1"}


@pytest.mark.parametrize("at", [AT, AT // 1000, "2026-03-02T10:00:00Z", "2026-03-02T11:00:00+01:00"])
def test_an_instant_may_be_written_in_seconds_milliseconds_or_text(at: object) -> None:
    assert one(TIMED, {"user": "a", "case": "c", "at": at}, timestamp=5).timestamp == "2026-03-02T10:00:00Z"


def test_key_and_headers_are_at_hand() -> None:
    rules = "  - {event: Fault Reported, user_id: key.id, properties: {case_id: headers.case}}"
    event = one(rules, {}, key=b'{"id": 4711}', headers=(("case", b"c9"), ("empty", b"")))
    assert (event.user_id, event.properties) == ("4711", {"case_id": "c9"})
    assert one("  - {event: Fault Reported, user_id: key, properties: {case_id: record.c}}", {"c": "x"}, key=b"ada").user_id == "ada"


def test_a_null_unsets_a_trait_and_a_missing_one_leaves_it_alone() -> None:
    assert one(IDENTIFY, {"user": "a", "email": None, "name": "Ada"}).traits == {"email": None, "first_name": "Ada"}


def test_the_first_rule_that_is_true_takes_it() -> None:
    rules = f"  - {{when: record.kind == 'beat', ignore: true}}\n{FAULT}"
    assert mapped(rules, {"kind": "beat"}) == ()
    assert one(rules, {"kind": "x", "user": "a", "case": "c"}).event == "Fault Reported"


def test_each_makes_an_event_an_item_and_all_or_none() -> None:
    found = mapped(EACH, {"case": "c", "people": [{"user": 1}, {"user": 2}]})
    assert isinstance(found, tuple)
    assert [(event.user_id, event.message_id) for event in found] == [("1", "f.v1-2-7-0"), ("2", "f.v1-2-7-1")]
    assert dead(EACH, {"case": "c", "people": [{"user": 1}, {}]})[0] is DeadLetterReason.NO_CUSTOMER
    assert mapped(EACH, {"case": "c", "people": []}) == ()
    assert "1001 items" in dead(EACH, {"case": "c", "people": [{"user": 1}] * (MOST_ITEMS + 1)})[1]


def test_items_of_one_record_have_ids_of_their_own_where_the_mapped_id_is_the_records() -> None:
    rules = EACH.replace("each:", "message_id: record.id, each:")
    found = mapped(rules, {"id": "r1", "case": "c", "people": [{"user": 1}, {"user": 1}]})
    assert isinstance(found, tuple)
    assert [event.message_id for event in found] == ["r1-0", "r1-1"]
    own = mapped(rules.replace("record.id", "item.id"), {"case": "c", "people": [{"user": 1, "id": "x"}]})
    assert isinstance(own, tuple)
    assert own[0].message_id == "x"


WRONG: list[tuple[str, object, DeadLetterReason, str]] = [
    (FAULT, b"{", DeadLetterReason.NOT_JSON, ""),
    (FAULT, b'"' + b"x" * 300_000 + b'"', DeadLetterReason.TOO_LARGE, "300002 bytes"),
    (FAULT, {"case": "c"}, DeadLetterReason.NO_CUSTOMER, "rule 1: user_id gives nothing"),
    (FAULT, {"user": " ", "case": "c"}, DeadLetterReason.NO_CUSTOMER, "rule 1"),
    (FAULT, {"user": 1.5, "case": "c"}, DeadLetterReason.BAD_MAPPING, "rule 1: user_id is a float; wanted text or a whole number"),
    (FAULT, {"user": True, "case": "c"}, DeadLetterReason.BAD_MAPPING, "user_id is a bool"),
    (FAULT, {"user": "a"}, DeadLetterReason.BAD_PROPERTY, "case_id"),
    (FAULT, {"user": "a", "case": ["c"]}, DeadLetterReason.BAD_PROPERTY, "case_id"),
    (TIMED, {"user": "a", "case": "c", "at": "soon"}, DeadLetterReason.BAD_TIMESTAMP, "rule 1: timestamp is a str"),
    (EACH, {"case": "c"}, DeadLetterReason.BAD_MAPPING, "`each` is missing; write `| default([])`"),
    (EACH, {"case": "c", "people": {"user": 1}}, DeadLetterReason.BAD_MAPPING, "`each` is an object, not a list"),
    ("  - {event: Fault Reported, user_id: record.user, properties: record.all}", {"user": "a", "all": 3}, DeadLetterReason.BAD_MAPPING, "wanted an object"),
    ("  - {when: record.x == 1, ignore: true}", {"x": 2}, DeadLetterReason.UNMAPPED, "no rule of feed takes it"),
    ("  - {when: record.x == 1, ignore: true}", None, DeadLetterReason.UNMAPPED, "it has no value"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "value", "reason", "error"), WRONG, ids=[f"{w[2].value}-{n}" for n, w in enumerate(WRONG)])
def test_what_cannot_be_mapped_says_why(rules: str, value: object, reason: DeadLetterReason, error: str) -> None:
    found = dead(rules, value)
    assert found[0] is reason, found
    assert error in found[1]


def test_otherwise_ignore_lets_what_no_rule_takes_pass() -> None:
    assert mapped("  - {when: record.x == 1, ignore: true}", {"x": 2}, "otherwise: ignore") == ()


def test_errors_hold_no_values_of_the_record() -> None:
    for secret in ({"user": {"name": "Ada Archer"}, "case": "c"}, {"user": "a", "case": "c", "at": "Ada Archer"}):
        assert "Archer" not in dead(TIMED, secret)[1]


def test_a_dead_letter_is_the_record_whole_and_a_giant_says_what_was_cut() -> None:
    found = mapped(FAULT, b"{", key=b"k", headers=(("trace", b"1"),))
    assert isinstance(found, DeadLetter)
    kept = found.record()
    assert (kept.value, kept.key, kept.headers[0]) == (b"{", b"k", ("trace", b"1"))
    assert dict(kept.headers)["dlq-offset"] == b"7"
    giant = mapped(FAULT, b"x" * (MOST_KEPT + 5))
    assert isinstance(giant, DeadLetter)
    assert len(giant.record().value) == MOST_KEPT
    assert dict(giant.record().headers)["dlq-truncated"] == b"%d" % (MOST_KEPT + 5)


CRM = load_files(FILES, {}, check_message).workspace
assert CRM is not None
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["cases", "visits", "contacts", "open", "c", "u"])
)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6
)
COLUMNS = (
    "customer_no", "first_name", "email", "mobile", "packages", "case_no", "status", "priority", "changed_at", "id", "version", "state", "channel",
    "purpose", "granted", "given_at", "visit_no", "technician", "ended_at", "contacts",
)  # fmt: skip
rows = st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, trees))
changes = st.fixed_dictionaries({}, optional={
    "op": st.sampled_from(["c", "u", "r", "d"]) | trees, "ts_ms": trees, "before": rows | trees, "after": rows | trees,
    "source": st.fixed_dictionaries({"table": st.sampled_from(["contacts", "cases", "consents", "visits", "x"])}) | trees,
})  # fmt: skip
values = (
    changes.map(lambda one: json.dumps(one).encode()) | trees.map(lambda one: json.dumps(one).encode()) | st.binary(max_size=60) | st.none()
)


@given(
    values, st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | st.binary(max_size=20),
    st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=9)), max_size=2).map(tuple),
)  # fmt: skip
@settings(max_examples=examples(400))
def test_any_record_gives_what_the_engine_takes_or_a_dead_letter_and_always_the_same(
    value: bytes | None, timestamp: int | None, key: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> None:
    assert CRM is not None
    one = SourceRecord("crm", 0, 3, timestamp, key, value, headers)
    found = map_record(CRM.sources["crm"], one, setting_of(CRM))
    assert found == map_record(CRM.sources["crm"], one, setting_of(CRM)) or "nan" in repr(found)
    if isinstance(found, DeadLetter):
        assert (found.value, found.key, found.headers, found.offset) == (value or b"", key, headers, 3)
        assert found.error
        found.record()
        return
    assert len({event.message_id for event in found}) == len(found)
    for event in found:
        raw = encode_event(event)
        taken = normalise(decode_event(raw), raw, one.at or 0, CRM)
        assert not isinstance(taken, Refused), taken


@given(st.dictionaries(st.sampled_from(["user", "email", "phone", "name", "other"]), scalars))
def test_an_identify_carries_what_stands_in_the_record_and_nothing_else(row: Mapping[str, object]) -> None:
    found = map_record(IDENTIFIED.sources["feed"], record(dict(row)), setting_of(IDENTIFIED))
    if isinstance(found, DeadLetter):
        return
    names = {"email": "email", "phone": "phone", "first_name": "name"}
    assert set(found[0].traits or {}) == {trait for trait, column in names.items() if column in row}


IDENTIFIED = workspace(f"source: feed\ntopic: f.v1\nmap:\n{IDENTIFY}")
