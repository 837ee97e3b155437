"""The customers of one partition page by page: nobody is left out, whatever the store, and nobody of another partition comes."""

import pytest

from orchestrator.partition_state import PARTITION_STATE
from orchestrator.state.store import Commit
from tests.contract.stores import AnyStore

PEOPLE = [*(f"c{n}" for n in range(1_500)), "{x}:c:*", "mü[1]"]


async def fill(store: AnyStore) -> None:
    for partition in (1, 2):
        owned = await store.take_over(partition, "a" * 16)
        names = PEOPLE if partition == 2 else [f"other{n}" for n in range(300)]
        profiles: dict[str, bytes | None] = {**dict.fromkeys(names, b"p"), PARTITION_STATE: b"state"}
        guards: dict[str, bytes | None] = dict.fromkeys(names[:200], b"g")
        timers: dict[str, int | None] = dict.fromkeys(names[:10], 5)
        await store.commit(partition, "a" * 16, owned.version, Commit(profiles=profiles, guards=guards, timers=timers))


async def walk(store: AnyStore, limit: int, place: str = "") -> tuple[list[str], int]:
    seen: list[str] = []
    for pages in range(1, 10_000):
        page, following = await store.customers_of(2, place, limit)
        seen += page
        if following is None:
            return seen, pages
        assert following != place, "no way forward"
        place = following
    raise AssertionError("it does not end")


@pytest.mark.parametrize("limit", [7, 200])
async def test_pages_reach_everybody_of_the_partition_and_nobody_else(store: AnyStore, limit: int) -> None:
    await fill(store)
    seen, pages = await walk(store, limit)
    assert set(seen) == set(PEOPLE)
    assert pages > 2, "page by page"


async def test_those_who_stay_are_reached_while_others_come_and_go(store: AnyStore) -> None:
    await fill(store)
    seen: set[str] = set()
    place, version = "", 1
    for number in range(10_000):
        page, following = await store.customers_of(2, place, 50)
        seen.update(page)
        if following is None:
            break
        place = following
        changes: dict[str, bytes | None] = {f"new{number}-{n}": b"p" for n in range(20)} | {f"c{number}": None}
        version = await store.commit(2, "a" * 16, version, Commit(profiles=changes))
    assert {name for name in PEOPLE if name not in {f"c{n}" for n in range(number + 1)}} <= seen


async def test_a_place_is_good_after_a_restart_of_the_owner(store: AnyStore) -> None:
    await fill(store)
    first, place = await store.customers_of(2, "", 100)
    assert place is not None
    await store.take_over(2, "b" * 16)
    rest, _pages = await walk(store, 100, place)
    assert set(first) | set(rest) == set(PEOPLE)
    assert len(rest) < len(PEOPLE), "it did not begin again"


async def test_of_nobody_there_are_no_pages(store: AnyStore) -> None:
    await store.take_over(2, "a" * 16)
    assert await store.customers_of(2, "", 100) == ([], None)


@pytest.mark.parametrize("store", ["redis", "redis-cluster"], indirect=True)
async def test_a_place_of_another_server_is_no_place(store: AnyStore) -> None:
    """After a failover or a restart numbers of a walk mean nothing."""
    await fill(store)
    _first, place = await store.customers_of(2, "", 100)
    assert place is not None
    elsewhere = f"{'0' * 40}:{place.partition(':')[2]}"
    seen, _pages = await walk(store, 100, elsewhere)
    assert set(seen) == set(PEOPLE)
