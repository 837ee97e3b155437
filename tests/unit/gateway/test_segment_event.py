"""Events at the door: taken whole, or refused with the field and the reason; what is taken is an event for every reader after."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.contracts.event import EVENT_TYPES
from orchestrator.contracts.record import Record
from orchestrator.gateway.segment_event import dead_letter, read_event
from orchestrator.ingest.decode import Refused, decode
from orchestrator.model.event import CustomerEvent
from orchestrator.runtime.ids import CountedIds, Ids
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples

NOW = 1_772_445_600_000
GOOD: dict[str, Any] = {"type": "track", "userId": "ada", "event": "Something Else"}


def read(event: object, context: dict[str, Any] | None = None, ids: Ids | None = None) -> Record | str:
    return read_event(event, "shop", NOW, ids or CountedIds(), context, 32 * 1024)


WRONG: list[tuple[object, str]] = [
    (5, "an event is a JSON object"), ([], "an event is a JSON object"), ({**GOOD, "type": "nope"}, "'nope' is none of track, identify"), ({**GOOD, "type": None}, "none of"), ({**GOOD, "type": ["track"]}, "none of"),
    ({"type": "track", "event": "x"}, "neither userId nor anonymousId"), ({**GOOD, "userId": " ", "anonymousId": ""}, "neither"), ({**GOOD, "userId": {}}, "$.userId"), ({**GOOD, "userId": 1.5}, "$.userId"),
    ({**GOOD, "userId": True}, "$.userId"), ({**GOOD, "anonymousId": []}, "$.anonymousId"), ({**GOOD, "userId": "x" * 257}, "at most 256"), ({**GOOD, "event": ""}, "needs its name"), ({**GOOD, "event": 5}, "$.event"),
    ({**GOOD, "properties": []}, "$.properties"), ({**GOOD, "traits": "x"}, "$.traits"), ({**GOOD, "context": 5}, "$.context"), ({**GOOD, "messageId": {}}, "$.messageId"), ({**GOOD, "timestamp": 5}, "$.timestamp"),
    ({**GOOD, "timestamp": "yesterday"}, "RFC 3339"), ({**GOOD, "timestamp": "2026-03-02T10:00:00"}, "RFC 3339"), ({**GOOD, "timestamp": "1969-12-31T23:59:59Z"}, "1970 to 3000"), ({**GOOD, "timestamp": "3970-01-01T00:00:00Z"}, "1970 to 3000"),
    ({**GOOD, "properties": {"a": {"b": ["x\0"]}}}, "`properties.a.b[0]`: a NUL character"), ({**GOOD, "properties": {"n": "\ud800"}}, "`properties.n`: half a character"), ({**GOOD, "properties": {"\ud800": 1}}, "a name with half"),
    ({**GOOD, "properties": {"n": 2**63}}, "`properties.n`: a whole number beyond 64 bits"), ({**GOOD, "properties": {"n": float("nan")}}, "not finite"), ({**GOOD, "integrations": {"n": "\0"}}, "`integrations.n`"),
    ({**GOOD, "properties": {"n": "x" * 40_000}}, "an event has at most 32768"), ({"type": "alias", "userId": "ada"}, "previousId"), ({"type": "alias", "userId": "ada", "previousId": " "}, "previousId"),
]  # fmt: skip


@pytest.mark.parametrize(("event", "what"), WRONG)
def test_what_is_no_event(event: object, what: str) -> None:
    found = read(event)
    assert isinstance(found, str)
    assert what in found


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (GOOD, "ada"), ({**GOOD, "userId": " ada "}, "ada"), ({**GOOD, "userId": 42}, "42"), ({**GOOD, "userId": " ", "anonymousId": "a1"}, "a1"), ({"type": "identify", "userId": "ada", "traits": None}, "ada"),
        ({"type": "page", "anonymousId": "a1"}, "a1"), ({"type": "group", "userId": "ada", "groupId": 7}, "ada"), ({"type": "alias", "userId": "ada", "previousId": "a1"}, "ada"),
        ({**GOOD, "timestamp": "1970-01-01T00:00:00Z"}, "ada"), ({**GOOD, "timestamp": "2970-01-01T00:00:00+01:00"}, "ada"), ({**GOOD, "userId": "concierge.fan", "event": "concierge.erase"}, "concierge.fan"),
    ],
)  # fmt: skip
def test_what_is_an_event(event: dict[str, Any], key: str, example: Workspace) -> None:
    found = read(dict(event))
    assert isinstance(found, Record)
    assert found.key == key.encode()
    applied = decode(found.value, NOW, example)
    assert isinstance(applied, CustomerEvent), applied
    assert (applied.customer, applied.source) == (key, "shop")


def test_what_is_added_to_an_event() -> None:
    found = read({**GOOD, "writeKey": "secret"}, {"app": "shop"})
    assert isinstance(found, Record)
    stored = json.loads(found.value)
    assert (stored["receivedAt"], stored["source"], stored["context"]) == ("2026-03-02T10:00:00.000Z", "shop", {"app": "shop"})
    assert stored["messageId"]
    assert "writeKey" not in stored
    own = read({**GOOD, "messageId": 17, "context": {}}, {"app": "shop"})
    assert isinstance(own, Record)
    assert (json.loads(own.value)["messageId"], json.loads(own.value)["context"]) == ("17", {})
    assert "context of the batch" in str(read(dict(GOOD), {"app": "\0"}))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["\ud800", "\0", "2026-03-02T10:00:00Z", "concierge.erase"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=8,
)  # fmt: skip
names = st.sampled_from(
    [
        "userId",
        "anonymousId",
        "previousId",
        "event",
        "name",
        "messageId",
        "timestamp",
        "properties",
        "traits",
        "context",
        "sentAt",
        "groupId",
        "x",
    ]
)


@given(st.sampled_from(EVENT_TYPES), st.dictionaries(names, values, max_size=6))
@settings(max_examples=examples(300))
def test_what_is_taken_is_an_event_for_every_reader(kind: str, fields: dict[str, Any]) -> None:
    found = read({"userId": "ada", "event": "x", **fields, "type": kind})
    if isinstance(found, str):
        assert found
        assert dead_letter(fields, found).value
        return
    bare = Workspace(name="w", version="", locale="en", locales=(), timezone=ZoneInfo("UTC"), country="GB", currency="GBP")
    applied = decode(found.value, NOW, bare)
    assert isinstance(applied, CustomerEvent), applied
    assert found.key == applied.customer.encode()


def test_a_command_is_one_only_by_its_type(example: Workspace) -> None:
    erase = json.dumps({"type": "concierge.erase", "customer": "ada", "id": "1", "at": 5}).encode()
    assert not isinstance(decode(erase, NOW, example), CustomerEvent | Refused)
    odd = decode(erase.replace(b"concierge.erase", b"concierge.nope"), NOW, example)
    assert isinstance(odd, Refused)
    assert odd.reason is DeadLetterReason.BAD_SHAPE
    assert isinstance(decode(b'{"type": 5, "userId": "concierge.fan"}', NOW, example), Refused)


def test_a_refused_event_is_kept_whatever_it_holds() -> None:
    assert b"\\ud800" in dead_letter({"n": "\ud800", "m": 2**70}, "why").value
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert dead_letter(deep, "why").value == b"nested too deep to be kept"
