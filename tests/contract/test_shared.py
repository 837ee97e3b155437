"""What partitions share: limits that are never exceeded, whoever asks, and places in a queue."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.slots import take_slot
from tests.contract.stores import AnyStore


async def test_grants_of_a_name_are_never_more_than_its_limit(store: AnyStore) -> None:
    assert await store.grant("messages/a/2026-03-02", 10, 4) == 4
    assert await store.grant("messages/a/2026-03-02", 10, 4) == 4
    assert await store.grant("messages/a/2026-03-02", 10, 4) == 2
    assert await store.grant("messages/a/2026-03-02", 10, 4) == 0
    assert await store.grant("messages/a/2026-03-02", 11, 4) == 1, "a limit that was raised"
    assert await store.grant("messages/a/2026-03-02", 5, 4) == 0, "or lowered"
    assert await store.grant("messages/a/2026-03-03", 10, 4) == 4, "another day"


async def test_grants_at_once(store: AnyStore) -> None:
    got = await asyncio.gather(*(store.grant("n", 100, 7) for _ in range(30)))
    assert sum(got) == 100


async def test_slots_are_spread_in_the_order_of_asking(store: AnyStore) -> None:
    at = 1_772_445_600_000
    assert await store.take_slots("q", 1000, 2, [(at, False), (at, False), (at, False), (at + 1, False)]) == [at, at, at + 1000, at + 1000]
    assert await store.take_slots("q", 1000, 2, [(at + 5, True)]) == [None]
    assert await store.take_slots("q", 1000, 2, [(at + 5, False)]) == [at + 2000]
    assert await store.take_slots("q", 1000, 2, [(at + 2500, False), (at + 2500, False)]) == [at + 2500, at + 3000]
    assert await store.take_slots("other", 1000, 2, [(at, False)]) == [at]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=40), st.integers(1, 30), st.integers(1, 4)
)  # fmt: skip
def test_no_stretch_holds_more_and_nobody_overtakes(steps: list[tuple[int, bool]], per: int, most: int) -> None:
    slots: list[int] = []
    passed: list[int] = []
    at = 0
    for further, only_now in steps:
        at += further
        slot = take_slot(slots, at, per, most, only_now=only_now)
        if slot is None:
            assert sum(1 for one in passed if one > max(at, passed[-1]) - per) >= most, "refused though there was room"
            continue
        assert slot >= at
        assert not passed or slot >= passed[-1]
        passed.append(slot)
        assert sum(1 for one in passed if slot - per < one <= slot) <= most
