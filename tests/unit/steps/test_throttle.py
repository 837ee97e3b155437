"""`throttle`: never more than `max` in a rolling `per`; those who wait pass in the order they came."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.one_journey import errors, play, workspace
from tests.worlds import T0, Engine

THROTTLE = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: gently, throttle: {max: 2, per: 1h}}
  - {id: mail, send: hello, channels: [email]}
"""


def baskets(*times: str) -> str:
    return (
        "when: ["
        + ", ".join(f"{{at: {at}, event: Basket Changed, with: {{basket: b{n}, item: x{n % 2}}}}}" for n, at in enumerate(times, 1))
        + "]\n"
    )


def test_those_over_it_queue_first_come_first_served() -> None:
    test = (
        baskets("0h", "10m", "20m", "30m", "40m")
        + "then: {sends: [{at: 0h, key: b1}, {at: 10m, key: b2}, {at: 1h, key: b3}, {at: 70m, key: b4}, {at: 2h, key: b5}]}"
    )
    assert play(THROTTLE, test) == []


def test_exactly_the_window_later_a_place_is_free_and_nobody_jumps_the_queue() -> None:
    # b4 comes at the very instant at which b3, who has waited, gets the free place
    test = baskets("0h", "0h", "30m", "1h") + "then: {sends: [{at: 0h, key: b1}, {at: 0h, key: b2}, {at: 1h, key: b3}, {at: 1h, key: b4}]}"
    assert play(THROTTLE, test) == []
    one = THROTTLE.replace("max: 2", "max: 1")
    assert play(one, baskets("0h", "30m", "1h") + "then: {sends: [{at: 0h, key: b1}, {at: 1h, key: b2}, {at: 2h, key: b3}]}") == []


def test_over_may_be_another_way() -> None:
    journey = THROTTLE.replace("per: 1h", "per: 1h, over: exit")
    assert (
        play(
            journey,
            baskets("0h", "10m", "20m", "61m")
            + "then: {sends: [{key: b1}, {key: b2}, {at: 61m, key: b4}], ends: [{how: end}, {how: end}, {at: 20m, how: exit}, {how: end}]}",
        )
        == []
    )


def test_a_key_has_places_of_its_own() -> None:
    journey = THROTTLE.replace("max: 2, per: 1h", "max: 1, per: 1h, key: entry.item")
    assert (
        play(
            journey,
            baskets("0h", "1m", "2m", "3m")
            + "then: {sends: [{at: 0h, key: b1}, {at: 1m, key: b2}, {at: 1h, key: b3}, {at: 61m, key: b4}]}",
        )
        == []
    )


def test_values_of_the_key_that_nothing_came_with_for_so_long_are_forgotten() -> None:
    engine = Engine(workspace({"try_it": THROTTLE.replace("max: 2, per: 1h", "max: 1, per: 1h, key: entry.basket")}))
    engine.apply([engine.identify("ada", T0, email="a@example.com")], until=T0)
    for n in range(20):
        engine.apply([engine.event("ada", T0 + n * 20 * 60_000, "Basket Changed", basket=f"b{n}")])
    assert list(engine.customers["ada"].entries.passes) == ["try_it/gently/b17", "try_it/gently/b18", "try_it/gently/b19"]


@pytest.mark.parametrize("scope", ["customer", "journey"])
def test_a_throttle_that_is_renamed_goes_on_counting(scope: str) -> None:
    journey = THROTTLE.replace("max: 2, per: 1h", f"max: 1, per: 1d, scope: {scope}")
    test = (
        "when: [{at: 0h, event: Basket Changed, with: {basket: b1}}, {at: 1h, apply: fixtures/next.yaml}, {at: 2h, event: Basket Changed, with: {basket: b2}}]\n"
        "then: {sends: [{at: 0h, key: b1}, {at: 1d, key: b2}]}"
    )
    assert play(journey, test, then=journey.replace("id: gently,", "id: slowly, was: [gently],")) == []


def test_what_lint_says_of_throttles() -> None:
    def codes(throttle: str) -> list[str]:
        return [f.code for f in errors(THROTTLE.replace("{max: 2, per: 1h}", throttle))]

    assert codes("{max: 2, per: 1h, over: mail}") == []
    assert codes("{max: 0, per: 1h}") == ["Y005"]
    assert codes("{per: 1h}") == ["Y012"]
    assert codes("{max: 2, per: 1h, over: nowhere}") == ["J016"]
    assert codes("{max: 2, per: 1h, key: entry.colour}") == ["E004"]


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.integers(0, 600), min_size=1, max_size=20), st.integers(1, 4), st.integers(1, 300))
def test_never_more_than_max_in_any_window_everybody_passes_and_in_order(seconds: list[int], most: int, per: int) -> None:
    engine = Engine(workspace({"try_it": THROTTLE.replace("max: 2, per: 1h", f"max: {most}, per: {per}s")}))
    engine.apply([engine.identify("ada", T0, email="a@example.com")], until=T0)
    for n, at in enumerate(sorted(seconds)):
        engine.apply([engine.event("ada", T0 + 1000 * at, "Basket Changed", basket=f"b{n:02d}", item="x")], until=T0 + 1000 * at)
    engine.apply([], until=T0 + 1000 * (600 + per * 25))
    times = [message.committed_at for message in engine.messages]
    assert len(times) == len(seconds)
    for first in range(len(times) - most):
        assert times[first + most] - times[first] >= per * 1000
    came = sorted(T0 + 1000 * at for at in seconds)
    assert all(at == arrived or at - per * 1000 in times for at, arrived in zip(times, came, strict=True)), (
        "the very instant a place is free"
    )
    passed = [message.key for message in engine.messages]
    assert passed == sorted(passed)


RETHROTTLED = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
in_flight: {waits: WAITS}
steps:
  - {id: gate, throttle: {max: 1, per: 2d}}
  - {id: s, send: hello, channels: [email]}
"""


@pytest.mark.parametrize(
    ("waits", "text", "then"),
    [("keep", "{max: 1, per: 6h}", "2d"), ("reschedule", "{max: 1, per: 6h}", "6h"), ("reschedule", "{max: 2, per: 2d}", "1h"), ("reschedule", "{max: 1, per: 30m}", "1h")],
)  # fmt: skip
def test_who_waits_when_the_text_changes(waits: str, text: str, then: str) -> None:
    """`reschedule`: the instant the new text would have given, not earlier than the apply."""
    baskets = ", ".join(f"{{at: 0h, event: Basket Changed, with: {{basket: b{n}}}}}" for n in (1, 2))
    journey = RETHROTTLED.replace("WAITS", waits)
    test = f"when: [{baskets}, {{at: 1h, apply: fixtures/next.yaml}}]\nthen: {{sends: [{{at: 0h, key: b1}}, {{at: {then}, key: b2}}]}}"
    assert play(journey, test, then=journey.replace("{max: 1, per: 2d}", text)) == []
