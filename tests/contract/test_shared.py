"""What partitions share: limits that are never exceeded, whoever asks, and places in a queue."""

import asyncio
import random

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.grants import grant
from orchestrator.model.queue import Queue, SlotRequest, take_slot
from tests.contract.stores import AnyStore


async def test_grants_of_a_name_are_never_more_than_its_limit(store: AnyStore) -> None:
    assert await store.grant("messages/a/2026-03-02", 10, 4, 0, {0: 0}) == 4
    assert await store.grant("messages/a/2026-03-02", 10, 4, 0, {0: 0}) == 4, "the same question again"
    assert await store.grant("messages/a/2026-03-02", 10, 4, 1, {1: 0}) == 4
    assert await store.grant("messages/a/2026-03-02", 10, 4, 0, {0: 4}) == 6
    assert await store.grant("messages/a/2026-03-02", 10, 4, 2, {2: 0}) == 0
    assert await store.grant("messages/a/2026-03-02", 11, 4, 2, {2: 0}) == 1, "a limit that was raised"
    assert await store.grant("messages/a/2026-03-02", 5, 4, 1, {1: 4}) == 4, "or lowered"
    assert await store.grant("messages/a/2026-03-03", 10, 4, 0, {0: 0}) == 4, "another day"


async def test_what_was_used_before_there_was_a_limit_counts(store: AnyStore) -> None:
    assert await store.grant("n", 10, 4, 0, {0: 1, 1: 5, 2: 3}) == 2, "one that was used, one that is left"
    assert await store.grant("n", 10, 4, 1, {0: 2, 1: 6, 2: 3}) == 6, "one more was used meanwhile"
    assert await store.grant("n", 20, 4, 2, {0: 2, 1: 6, 2: 9}) == 12


async def test_grants_at_once(store: AnyStore) -> None:
    got = await asyncio.gather(*(store.grant("n", 100, 7, partition, {partition: 0}) for partition in range(30)))
    assert sum(got) == 100


async def test_every_store_grants_as_the_model(store: AnyStore) -> None:
    rng, held = random.Random(6), dict[int, int]()
    for _ in range(200):
        used = {partition: rng.randrange(30) for partition in rng.sample(range(6), rng.randrange(6))}
        most, want, partition = rng.randrange(200), rng.randrange(20), rng.randrange(6)
        assert await store.grant("n", most, want, partition, used) == grant(held, most, want, partition, used)


def asks(at: int, per: int = 1000, most: int = 2, *, only_now: bool = False, edition: int = 0) -> SlotRequest:
    return SlotRequest(at, per, most, only_now, edition)


async def test_slots_are_spread_in_the_order_of_asking(store: AnyStore) -> None:
    at = 1_772_445_600_000
    assert await store.take_slots("q", [asks(at), asks(at), asks(at), asks(at + 1)]) == [at, at, at + 1000, at + 1000]
    assert await store.take_slots("q", [asks(at + 5, only_now=True)]) == [None]
    assert await store.take_slots("q", [asks(at + 5)]) == [at + 2000]
    assert await store.take_slots("q", [asks(at + 2500), asks(at + 2500)]) == [at + 2500, at + 3000]
    assert await store.take_slots("other", [asks(at)]) == [at]


async def test_a_later_edition_gives_up_the_places_to_come_once(store: AnyStore) -> None:
    at = 1_772_445_600_000
    assert await store.take_slots("q", [asks(at)] * 7) == [at, at, at + 1000, at + 1000, at + 2000, at + 2000, at + 3000]
    anew = [asks(at + 1500, 600, 2, edition=1)] * 3
    assert await store.take_slots("q", anew) == [at + 1600, at + 1600, at + 2200], "two have passed at +1000"
    assert await store.take_slots("q", anew[:1]) == [at + 2200], "the same edition again keeps its places"
    assert await store.take_slots("q", [asks(at + 1500, 600, 2)]) == [at + 2800], "and so does an earlier one"
    assert await store.take_slots("q", [asks(at + 1500, 600, 2, edition=2)]) == [at + 1600]


async def test_of_two_texts_in_one_queue_the_last_may_all_have_passed_just_now(store: AnyStore) -> None:
    at = 1_772_445_600_000
    assert await store.take_slots("q", [asks(at)] * 4) == [at, at, at + 1000, at + 1000]
    assert await store.take_slots("q", [asks(at, 5000)]) == [at + 6000]
    assert await store.take_slots("q", [asks(at + 10, 700, edition=1)] * 3) == [at + 710, at + 710, at + 1410]


async def test_every_store_gives_the_places_of_the_model(store: AnyStore) -> None:
    rng = random.Random(5)
    for number in range(60):
        at, edition, per, most, asking = 1_772_445_600_000, 0, 10, 2, list[SlotRequest]()
        for _ in range(rng.randrange(60)):
            at += rng.choice((0, 0, 0, 1, 5, 40))
            if rng.random() < 0.1:
                per, most, edition = rng.randint(1, 30), rng.randint(1, 4), edition + rng.choice((0, 1))
            asking.append(SlotRequest(at, per, most, rng.random() < 0.2, edition))
        queue, half = Queue(), len(asking) // 2
        found = await store.take_slots(f"q{number}", asking[:half]) + await store.take_slots(f"q{number}", asking[half:])
        assert found == [take_slot(queue, one) for one in asking]


@given(
    st.integers(1, 30), st.integers(1, 4), st.integers(1, 30), st.integers(1, 4), st.lists(st.integers(0, 30), max_size=40), st.integers(0, 60)
)  # fmt: skip
def test_asked_anew_nobody_overtakes_and_no_stretch_holds_more(
    per: int, most: int, new_per: int, new_most: int, gaps: list[int], later: int
) -> None:
    queue, at, slots = Queue(), 1000, list[int]()
    for gap in gaps:
        at += gap
        slots.append(must(take_slot(queue, SlotRequest(at, per, most))))
    at += later
    passed, waiting = [one for one in slots if one <= at], sum(1 for one in slots if one > at)
    anew = [must(take_slot(queue, SlotRequest(at, new_per, new_most, edition=1))) for _ in range(waiting)]
    known = passed[-most:]
    assert anew == sorted(anew)
    for number, slot in enumerate(anew):
        before = [one for one in (*known, *anew[: number + 1]) if slot - new_per < one <= slot]
        assert slot >= at
        assert len(before) <= new_most
        earlier = max(at, *(anew[:number] or [at]))
        assert slot == earlier or len([one for one in (*known, *anew[:number]) if slot - 1 - new_per < one <= slot - 1]) >= new_most, (
            "no later than must be"
        )


def must(slot: int | None) -> int:
    assert slot is not None
    return slot


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=40), st.integers(1, 30), st.integers(1, 4)
)  # fmt: skip
def test_no_stretch_holds_more_and_nobody_overtakes(steps: list[tuple[int, bool]], per: int, most: int) -> None:
    queue, passed, at = Queue(), list[int](), 0
    for further, only_now in steps:
        at += further
        slot = take_slot(queue, SlotRequest(at, per, most, only_now))
        if slot is None:
            assert sum(1 for one in passed if one > max(at, passed[-1]) - per) >= most, "refused though there was room"
            continue
        assert slot >= at
        assert not passed or slot >= passed[-1]
        passed.append(slot)
        assert sum(1 for one in passed if slot - per < one <= slot) <= most
