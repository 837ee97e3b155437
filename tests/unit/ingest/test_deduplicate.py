"""The same event twice: its messageId within the window."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.ingest.deduplicate import is_repeat
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.seen_ids import add_all
from tests.examples import examples
from tests.worlds import DAY, T0


def with_id(message_id: str | None) -> CustomerEvent:
    return CustomerEvent(name="e", kind="track", customer="a", timestamp=T0, arrival=T0, message_id=message_id)


def test_repeats_within_the_window() -> None:
    customer = Customer("a")
    assert not is_repeat(customer, with_id("1"), 7 * DAY, T0)
    assert is_repeat(customer, with_id("1"), 7 * DAY, T0 + 6 * DAY)
    assert not is_repeat(customer, with_id("2"), 7 * DAY, T0)
    assert not is_repeat(customer, with_id(None), 7 * DAY, T0)
    assert not is_repeat(customer, with_id(None), 7 * DAY, T0)
    assert not is_repeat(customer, with_id("1"), 7 * DAY, T0 + 9 * DAY)
    assert len(customer.seen.days) == len(customer.seen.times) == 1


@pytest.mark.parametrize("window", [1000, DAY // 24, DAY, 7 * DAY])
def test_the_window_ends_to_the_millisecond(window: int) -> None:
    """Something exactly that long ago does not count any more."""
    customer = Customer("a")
    assert not is_repeat(customer, with_id("0"), window, T0 - 5)
    assert not is_repeat(customer, with_id("1"), window, T0)
    assert is_repeat(customer, with_id("1"), window, T0 + window - 1)
    assert not is_repeat(customer, with_id("1"), window, T0 + window)
    assert is_repeat(customer, with_id("1"), window, T0 + 2 * window - 1), "it counts from when it was last taken"


def test_ids_of_an_earlier_program_version_count_until_their_day_is_over() -> None:
    customer, hours = Customer("a"), DAY // 24
    assert not is_repeat(customer, with_id("1"), 2 * hours, T0)
    customer.seen.times.clear()
    assert is_repeat(customer, with_id("1"), 2 * hours, T0 + 3 * hours)
    assert not is_repeat(customer, with_id("2"), 2 * hours, T0 + 3 * hours)
    assert is_repeat(customer, with_id("2"), 2 * hours, T0 + 4 * hours)
    assert not is_repeat(customer, with_id("2"), 2 * hours, T0 + 5 * hours)
    day_end = (T0 // DAY + 1) * DAY
    assert not is_repeat(customer, with_id("1"), 2 * hours, day_end + 2 * hours)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, DAY)), max_size=30), st.integers(1, 3 * DAY), st.booleans())
@settings(max_examples=examples(60))
def test_repeats_are_those_that_a_list_would_find(steps: list[tuple[int, int]], window: int, merged: bool) -> None:
    customer, now, taken = Customer("a"), T0, dict[str, int]()
    for number, passed in steps:
        now += passed
        name = str(number)
        repeat = name in taken and taken[name] > now - window
        assert is_repeat(customer, with_id(name), window, now) is repeat
        if not repeat:
            taken[name] = now
        if merged:
            other = Customer("b")
            add_all(other.seen, customer.seen)
            customer = other
