"""Whatever stands on the topic: an event, a command, or a refusal that says why."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.contracts.command import Erase, Handover, encode_command
from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.ingest.decode import Refused, decode, read_timestamp
from orchestrator.model.event import CustomerEvent
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples
from tests.worlds import T0


def read(example: Workspace, body: object) -> object:
    return decode(body if isinstance(body, bytes) else json.dumps(body).encode(), T0, example)


def test_an_event(example: Workspace) -> None:
    found = read(
        example,
        {
            "type": "track",
            "userId": 7,
            "event": "Speed Tested",
            "messageId": "m",
            "timestamp": "2026-03-02T09:00:00.5+01:00",
            "properties": {"mbit": "9.5", "extra": [1]},
        },
    )
    assert isinstance(found, CustomerEvent)
    assert (found.name, found.customer, found.user_id, found.timestamp, found.arrival) == (
        "Speed Tested",
        "7",
        "7",
        T0 - 2 * 3_600_000 + 500,
        T0,
    )
    assert found.properties == {"mbit": 9.5, "extra": [1]}


def test_pages_and_screens(example: Workspace) -> None:
    found = read(example, {"type": "page", "anonymousId": "a", "name": "Pricing"})
    assert isinstance(found, CustomerEvent)
    assert found.refs == ("page:Pricing", "page:*")


def test_a_timestamp_from_the_future_is_the_arrival(example: Workspace) -> None:
    soon = read(
        example,
        {"type": "track", "userId": "a", "event": "Product Viewed", "timestamp": "2026-03-02T10:04:00Z", "properties": {"product": "x"}},
    )
    late = read(
        example,
        {"type": "track", "userId": "a", "event": "Product Viewed", "timestamp": "2970-01-01T00:00:00Z", "properties": {"product": "x"}},
    )
    old = read(
        example,
        {"type": "track", "userId": "a", "event": "Product Viewed", "timestamp": "1970-01-01T00:00:00Z", "properties": {"product": "x"}},
    )
    assert isinstance(soon, CustomerEvent)
    assert isinstance(late, CustomerEvent)
    assert isinstance(old, CustomerEvent)
    assert (soon.timestamp, late.timestamp, old.timestamp) == (T0 + 240_000, T0, 0)


T = {"type": "track", "userId": "a", "event": "Speed Tested"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"), (b"nope", "not_json"), (b"null", "bad_shape"), (b"[]", "bad_shape"), (b"1", "bad_shape"), (b"\xff", "not_json"),
        (b" " * 300_000, "too_large"), ({"type": "nope", "userId": "a"}, "bad_shape"), ({"type": "track", "event": "x"}, "no_customer"),
        ({"type": "track", "userId": " ", "event": "x"}, "no_customer"), ({"type": "track", "userId": "a"}, "bad_shape"), ({"type": "track", "userId": {"a": 1}, "event": "x"}, "bad_shape"),
        ({**T, "properties": [1]}, "bad_shape"), ({**T, "properties": {"mbit": "fast"}}, "bad_property"), ({**T, "properties": {}}, "bad_property"),
        ({**T, "properties": {"mbit": 1}, "timestamp": "yesterday"}, "bad_timestamp"), ({**T, "properties": {"mbit": 1}, "timestamp": "2026-03-02"}, "bad_timestamp"),
        ({**T, "properties": {"mbit": 2**70}}, "bad_shape"), ({**T, "properties": {"mbit": 1, "x": "\x00"}}, "bad_shape"), ({"type": "track", "userId": "x" * 300, "event": "e"}, "bad_shape"),
        (b'{"type":"track","userId":"a","event":"Speed Tested","properties":{"mbit":1,"x":"\\ud800"}}', "not_json"), (b'{"type":"concierge.erase"}', "bad_shape"),
        (b'{"a":' * 20_000, "not_json"), (b'{"type":"track","userId":"a","event":"x","properties":' + b'{"a":' * 50 + b"1" + b"}" * 51, "bad_shape"),
    ],
)  # fmt: skip
def test_what_is_refused(example: Workspace, body: object, reason: str) -> None:
    found = read(example, body)
    assert isinstance(found, Refused), found
    assert found.reason == DeadLetterReason(reason)
    assert found.error


def test_commands_come_back(example: Workspace) -> None:
    for command in (Erase(customer="a", id="1", at=5), Handover(anonymous="x", user="a", id="1", at=5)):
        assert read(example, encode_command(command)) == command


@given(st.binary(max_size=300))
@settings(max_examples=examples(200))
def test_any_bytes(value: bytes) -> None:
    workspace = Workspace("w", "", "en", ("en",), __import__("zoneinfo").ZoneInfo("UTC"), "GB", "GBP")
    assert isinstance(decode(value, T0, workspace), Refused)


@given(
    st.dictionaries(
        st.sampled_from(["type", "userId", "event", "properties", "timestamp", "context", "traits", "name"]),
        st.one_of(
            st.none(),
            st.text(max_size=9),
            st.integers(),
            st.floats(),
            st.sampled_from(["track", "page", "identify"]),
            st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
        ),
    )
)
@settings(max_examples=examples(300))
def test_any_object(body: dict[str, object]) -> None:
    workspace = Workspace("w", "", "en", ("en",), __import__("zoneinfo").ZoneInfo("UTC"), "GB", "GBP")
    assert isinstance(decode(json.dumps(body).encode(), T0, workspace), Refused | CustomerEvent)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T10:00:00Z", T0),
        ("2026-03-02T10:00:00.123456+00:00", T0 + 123),
        ("2026-03-02 10:00:00Z", T0),
        ("2026-03-02t10:00:00z", T0),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),  # a leap second is the first of the next day
        ("2016-12-31T18:59:60-05:00", 1_483_228_800_000),
        ("2026-03-02t10:00:61z", None),
        ("2026-03-02T10:00:00", None),
        ("3970-01-01T00:00:00Z", None),
    ],
)
def test_timestamps(text: str, expected: int | None) -> None:
    assert read_timestamp(text) == expected
