"""A failure of a test with many sends names what differs, not all that follows it."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.journey_tests.paired import paired
from tests.one_journey import play

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: tell, send: hello, channels: [email]}
"""


def _when(number: int) -> str:
    events = (f"  - {{at: {place}m, event: Basket Changed, with: {{basket: b{place}}}}}" for place in range(number))
    return "\n".join(["when:", *events, "then:", "  sends:", ""])


def _sends(*places: int) -> str:
    return "".join(f"    - {{at: {place}m, key: b{place}}}\n" for place in places)


def test_one_that_nobody_expected() -> None:
    [only] = play(JOURNEY, _when(40) + _sends(*range(7), *range(8, 40)))
    assert only.startswith("unexpected send: at 7m")


def test_one_that_is_missing() -> None:
    [only] = play(JOURNEY, _when(40) + _sends(*range(7), 7, *range(7, 40)).replace("at: 7m, key: b7", "at: 7m, key: b0", 1))
    assert only == "send 8 is missing: at 7m, key b0"


def test_one_that_is_another_stays_in_its_place() -> None:
    [only] = play(JOURNEY, _when(3) + _sends(0) + "    - {at: 5m, key: b1}\n" + _sends(2))
    assert only.startswith("send 2: at 5m\n    expected at 5m, key b1\n    got      at 1m")


def test_a_whole_list_that_differs_is_cut() -> None:
    found = play(JOURNEY, _when(40) + _sends(*range(40)).replace("key: b", "key: c"))
    assert len(found) == 21
    assert found[-1] == "… and 20 sends more that differ"


@given(st.lists(st.integers(0, 3), max_size=7), st.lists(st.integers(0, 3), max_size=7))
def test_each_stands_once_in_order_and_equal_lists_are_pairs(wanted: list[int], got: list[int]) -> None:
    pairs = paired(len(wanted), len(got), lambda one, other: wanted[one] == got[other])
    assert [one for one, _ in pairs if one is not None] == list(range(len(wanted)))
    assert [other for _, other in pairs if other is not None] == list(range(len(got)))
    assert all(wanted[one] == got[other] for one, other in pairs if one is not None and other is not None) or wanted != got
    off = sum(one is None or other is None or wanted[one] != got[other] for one, other in pairs)
    assert off <= abs(len(wanted) - len(got)) + sum(one != other for one, other in zip(wanted, got, strict=False))


def test_lists_too_long_to_compare_are_held_place_by_place() -> None:
    pairs = paired(600, 601, lambda one, other: one == other + 1)
    assert pairs[0] == (0, 0)
    assert pairs[-1] == (None, 600)
