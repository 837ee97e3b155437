"""Recorded events: odd lines are counted and named, people are kept together, nothing breaks it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.simulation.recorded import read_recorded
from orchestrator.simulation.side_by_side import SMALL, Versions, parts_of_recorded, simulate
from tests.one_journey import files
from tests.unit.simulation.playing import DAY, T0, event, identify, play

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: first, send: hello, channels: [email]}
"""


def test_bad_lines_are_told_with_their_number_and_the_rest_plays() -> None:
    lines = [
        identify("ada", email="ada@example.com"), b"{", b"[]", b'{"type": "track", "event": "Ping"}', b'{"type": "shout", "userId": "x"}',
        b'{"type": "track", "userId": "x", "event": "Ping", "timestamp": "yesterday"}', b"\xff\xfe", b'{"type":"concierge.erase","customer":"ada","id":"1","at":1}',
        b'{"type": "track", "userId": "\\ud800", "event": "Ping"}', event("ada", "10:00", "Basket Changed", basket="b1"),
    ]  # fmt: skip
    recorded = read_recorded(enumerate(lines, 1), T0)
    assert [number for number, _why in recorded.refused] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert "not JSON" in recorded.refused[0][1]
    assert "neither userId nor anonymousId" in recorded.refused[2][1]
    assert "yesterday" in recorded.refused[4][1]
    assert sum(play(lines, {"try_it": JOURNEY}).tally.messages.values()) == 1


def test_what_the_workspace_does_not_take_has_its_line_too() -> None:
    result = play(
        [identify("ada"), event("ada", "10:00", "Basket Changed", total="much"), event("ada", "11:00", "Ping")], {"try_it": JOURNEY}
    )
    assert [(number, reason) for number, reason, _why in result.dead] == [(2, "bad_property")]
    assert result.tally.refused == {"bad_property": 1}


def test_lines_are_played_in_order_of_time_and_without_one_at_the_line_before() -> None:
    late, early = event("ada", "12:00", "Ping", n=1), event("ada", "09:00", "Ping", n=2)
    bare = json.dumps({"type": "track", "userId": "ben", "event": "Ping"}).encode()
    recorded = read_recorded(enumerate([bare, late, bare, early], 1), T0)
    assert [(at - T0, number) for at, number, _who, _raw in recorded.lines] == [(-3_600_000, 4), (0, 1), (7_200_000, 2), (7_200_000, 3)]
    assert (recorded.start, recorded.end) == (T0 - 3_600_000, T0 + 7_200_000)


def test_ids_of_one_person_stay_together_in_whatever_order_they_are_learned() -> None:
    def raw(**ids: str) -> bytes:
        return json.dumps({"type": "identify", **ids}).encode()

    lines = [
        raw(anonymousId="d1"), raw(anonymousId="d2"), raw(userId="u", anonymousId="d2"), raw(userId="other"),
        json.dumps({"type": "alias", "userId": "u", "previousId": "d1"}).encode(),
    ]  # fmt: skip
    recorded = read_recorded(enumerate(lines, 1), T0)
    assert len({recorded.groups[one] for one in ("d1", "d2", "u")}) == 1
    assert recorded.groups["other"] == "other"
    shards = recorded.shards(16)
    assert sorted(len(shard) for shard in shards) == [0] * 14 + [1, 4]


def test_what_a_device_did_belongs_to_the_user_who_signs_in() -> None:
    before = json.dumps(
        {
            "type": "track",
            "anonymousId": "d1",
            "event": "Basket Changed",
            "properties": {"basket": "b1"},
            "timestamp": "2026-03-02T09:00:00Z",
        }
    ).encode()
    joined = json.dumps(
        {
            "type": "identify",
            "userId": "ada",
            "anonymousId": "d1",
            "traits": {"email": "ada@example.com"},
            "timestamp": "2026-03-02T09:30:00Z",
        }
    ).encode()
    journey = JOURNEY.replace("steps:\n", "steps:\n  - {id: wait, delay: 1h}\n")
    result = play([before, joined], {"try_it": journey})
    assert result.tally.messages == {("try_it", "first", "hello", "email"): 1}
    assert result.tally.customers == 1


def _who(at: str, **ids: object) -> bytes:
    return json.dumps({"type": "identify", "timestamp": f"2026-03-02T{at}:00Z", **ids}).encode()


def _basket(at: str, basket: str, **ids: str) -> bytes:
    one = {"type": "track", "event": "Basket Changed", "timestamp": f"2026-03-02T{at}:00Z", "properties": {"basket": basket}}
    return json.dumps(one | ids).encode()


def test_what_a_device_got_is_what_its_user_got() -> None:
    lines = [
        _who("09:00", anonymousId="d1", traits={"email": "ada@example.com"}), _basket("09:10", "b1", anonymousId="d1"),
        _who("09:30", userId="ada", anonymousId="d1"), _basket("09:40", "b2", userId="ada"), _who("09:50", userId="ben"),
    ]  # fmt: skip
    tally = play(lines, {"try_it": JOURNEY}).tally
    assert (tally.customers, tally.people) == (2, {0: 1, 2: 1})
    assert (tally.day.number, tally.day.customer) == (2, "ada")


def test_two_people_at_one_device_are_two() -> None:
    lines = [_who("09:00", userId=one, anonymousId="d1", traits={"email": f"{one}@example.com"}) for one in ("ada", "ben")]
    tally = play([*lines, _basket("09:10", "b", userId="ada"), _basket("09:20", "b", userId="ben")], {"try_it": JOURNEY}).tally
    assert (tally.customers, tally.people) == (2, {1: 2})


def test_many_people_are_dealt_out_and_give_the_same_in_one_process_or_two() -> None:
    lines = [
        line
        for n in range(SMALL + 1)
        for line in (identify(f"u{n}", email=f"u{n}@example.com"), event(f"u{n}", "10:00", "Basket Changed", basket="b"))
    ]
    recorded = read_recorded(enumerate(lines, 1), T0)
    parts = parts_of_recorded(recorded, recorded.end + DAY)
    assert len(parts) == 16
    versions = Versions(files({"try_it": JOURNEY}), None, {})
    one, two = simulate(parts, versions, 1), simulate(parts, versions, 2)
    assert one == two
    assert one.tally.customers == sum(one.tally.messages.values()) == SMALL + 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["Ping", "Basket Changed", "2026-03-02T09:30:00Z", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["basket", "email", "timezone", "total", "x"]) | st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_events = st.fixed_dictionaries({}, optional={
    "type": st.sampled_from(["track", "identify", "page", "alias", "group", "screen", "concierge.handover"]) | _json, "event": st.sampled_from(["Ping", "Basket Changed"]) | _json,
    "userId": st.sampled_from(["a", "b", 7]) | _json, "anonymousId": st.sampled_from(["d", "e"]) | _json, "previousId": st.sampled_from(["a", "d"]) | _json,
    "messageId": _json, "timestamp": st.sampled_from(["2026-03-02T09:30:00Z", "1970-01-01T00:00:00Z", "2999-12-31T00:00:00+14:00"]) | _json,
    "properties": _json, "traits": _json, "context": _json, "name": _json,
})  # fmt: skip
_lines = st.lists(_events.map(lambda one: json.dumps(one).encode()) | st.binary(max_size=40), max_size=12)


@given(_lines)
def test_no_lines_break_it(lines: list[bytes]) -> None:
    recorded = read_recorded(enumerate(lines, 1), T0)
    assert len(recorded.lines) + len(recorded.refused) == len(lines)
    if recorded.lines:
        result = play(lines, {"try_it": JOURNEY}, days=2)
        assert result.tally.events == len(recorded.lines)
