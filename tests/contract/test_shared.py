"""What partitions share: limits that are never exceeded, whoever asks, and places in a queue."""

import asyncio
import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.grants import grant
from orchestrator.model.queue import EACH, GRACE, Queue, Slot, SlotRequest, take_slot
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


def has(place: int, since: int, at: int, per: int = 1000, most: int = 2, *, edition: int) -> SlotRequest:
    return SlotRequest(at, per, most, False, edition, place, since)


def instants(found: Sequence[Slot | None]) -> list[int | None]:
    return [None if one is None else one.at for one in found]


async def test_slots_are_spread_in_the_order_of_asking(store: AnyStore) -> None:
    at = 1_772_445_600_000
    found = await store.take_slots("q", [asks(at), asks(at), asks(at), asks(at + 1)])
    assert found == [(at, 1), (at, 2), (at + 1000, 3), (at + 1000, 4)]
    assert await store.take_slots("q", [asks(at + 5, only_now=True)]) == [None]
    assert await store.take_slots("q", [asks(at + 5)]) == [(at + 2000, 5)]
    assert await store.take_slots("q", [asks(at + 2500), asks(at + 2500)]) == [(at + 2500, 6), (at + 3000, 7)]
    assert await store.take_slots("other", [asks(at)]) == [(at, 1)]


async def test_a_later_edition_gives_new_places_in_the_order_of_the_old_ones(store: AnyStore) -> None:
    at = 1_772_445_600_000
    assert instants(await store.take_slots("q", [asks(at)] * 7)) == [at, at, at + 1000, at + 1000, at + 2000, at + 2000, at + 3000]
    now, first = at + 1500, at + 1500 + GRACE + 3 * EACH
    assert await store.take_slots("q", [asks(now, 5000, 2, edition=1)]) == [(at + 11_000, 8)], "who comes is behind all who wait"
    again = [has(7, at + 3000, now, edition=1), has(5, at + 2000, now, edition=1), has(6, at + 2000, now, edition=1)]
    found = [(at + 11_000, 7), (at + 6000, 5), (at + 6000, 6)]
    assert await store.take_slots("q", again) == found, "two have passed at +1000"
    assert await store.take_slots("q", again) == found, "asked once more"
    assert await store.take_slots("q", [has(8, 77, now, edition=1)]) == [(77, 8)], "who came by the new text keeps its place"
    assert await store.take_slots("q", [has(5, 78, now, edition=0)]) == [(78, 5)], "an older text says nothing"
    assert await store.take_slots("q", [has(4, 79, now, 5000, edition=1)]) == [(at + 16_000, 9)], "who was kept from its turn queues again"
    assert (await store.take_slots("q", [has(5, 79, now, 10, edition=2)]))[0] == (now + GRACE + 5 * EACH, 5)
    assert first < at + 6000


async def test_places_of_several_texts_wait_in_one_queue(store: AnyStore) -> None:
    at = 1_772_445_600_000
    assert instants(await store.take_slots("q", [asks(at)] * 4)) == [at, at, at + 1000, at + 1000]
    assert instants(await store.take_slots("q", [asks(at, 5000)])) == [at + 6000]
    asking = [has(place, at, at + 10, 7000, edition=1) for place in (5, 3, 4)]
    assert await store.take_slots("q", asking) == [(at + 14_000, 5), (at + 7000, 3), (at + 7000, 4)]


async def test_every_store_gives_the_places_of_the_model(store: AnyStore) -> None:
    rng = random.Random(5)
    for number in range(60):
        at, edition, per, most, asking = 1_772_445_600_000, 0, 10, 2, list[SlotRequest]()
        for _ in range(rng.randrange(80)):
            at += rng.choice((0, 0, 0, 1, 5, 40))
            if rng.random() < 0.1:
                per, most, edition = rng.choice((5, 30, 2000)), rng.randint(1, 5), edition + rng.choice((0, 1))
            place = rng.randint(1, len(asking)) if asking and rng.random() < 0.3 else 0
            asking.append(SlotRequest(at, per, most, rng.random() < 0.2 and not place, edition, place, at + 7))
        queue, half = Queue(), len(asking) // 2
        found = await store.take_slots(f"q{number}", asking[:half]) + await store.take_slots(f"q{number}", asking[half:])
        assert found == [take_slot(queue, one) for one in asking]


@given(
    st.integers(1, 3000), st.integers(1, 4), st.integers(1, 3000), st.integers(1, 4),
    st.lists(st.integers(0, 400), max_size=40), st.integers(0, 6000),
)  # fmt: skip
def test_by_another_text_nobody_overtakes_and_no_stretch_holds_more(
    per: int, most: int, new_per: int, new_most: int, gaps: list[int], later: int
) -> None:
    queue, at, slots = Queue(), 1000, list[Slot]()
    for gap in gaps:
        at += gap
        slots.append(must(take_slot(queue, SlotRequest(at, per, most))))
    at += later
    passed, waiting = [one.at for one in slots if one.at <= at][-most:], [one for one in slots if one.at > at]
    newcomer = must(take_slot(queue, asks(at, new_per, new_most, edition=1)))
    found = [must(take_slot(queue, has(one.place, one.at, at, new_per, new_most, edition=1))) for one in reversed(waiting)]
    anew = sorted(one.at for one in found)
    start = at + GRACE + EACH * len(waiting)
    assert [one.at for one in found] == anew[::-1]
    assert newcomer.at >= max(anew, default=at)
    for number, slot in enumerate(anew):
        before = [one for one in (*passed, *anew[: number + 1]) if slot - new_per < one <= slot]
        assert slot >= start
        assert len(before) <= new_most
        earlier = max(start, *(anew[:number] or [start]))
        full = len([one for one in (*passed, *anew[:number]) if slot - 1 - new_per < one <= slot - 1]) >= new_most
        assert slot == earlier or full, "no later than must be"


def must(slot: Slot | None) -> Slot:
    assert slot is not None
    return slot


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=40), st.integers(1, 30), st.integers(1, 4)
)  # fmt: skip
def test_no_stretch_holds_more_and_nobody_overtakes(steps: list[tuple[int, bool]], per: int, most: int) -> None:
    queue, passed, at = Queue(), list[int](), 0
    for further, only_now in steps:
        at += further
        taken = take_slot(queue, SlotRequest(at, per, most, only_now))
        if taken is None:
            assert sum(1 for one in passed if one > max(at, passed[-1]) - per) >= most, "refused though there was room"
            continue
        slot = taken.at
        assert slot >= at
        assert not passed or slot >= passed[-1]
        passed.append(slot)
        assert sum(1 for one in passed if slot - per < one <= slot) <= most
