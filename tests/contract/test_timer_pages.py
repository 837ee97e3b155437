"""Timers page by page: nobody is left out, whatever the store."""

import pytest

from orchestrator.state.store import Commit, Timer
from tests.contract.stores import AnyStore


@pytest.mark.parametrize("size", [1, 3, 7])
async def test_pages_behind_a_timer_reach_everybody(store: AnyStore, size: int) -> None:
    owned = await store.take_over(2, "a" * 16)
    timers: dict[str, int | None] = {f"c{n}": 1_000 + n // 4 for n in range(20)}
    await store.commit(2, "a" * 16, owned.version, Commit(timers=timers))
    seen: set[str] = set()
    after: Timer | None = Timer("", -1)
    for _ in range(100):
        page = await store.due(2, 2**62, size, after)
        seen.update(timer.customer for timer in page)
        if len(page) < size:
            break
        assert page[-1] != after, "no way forward"
        after = page[-1]
    assert seen == set(timers)
    assert [t.due for t in await store.due(2, 1_002, 100, Timer("", 1_001))] == [1_001] * 4 + [1_002] * 4


@pytest.mark.parametrize("size", [2, 3, 7])
@pytest.mark.parametrize("to", [None, 999, 1_003, 9_000])
async def test_a_page_behind_somebody_who_has_moved_leaves_nobody_out(store: AnyStore, size: int, to: int | None) -> None:
    """Who was last on a page is gone, or has another timer, when the next page is asked for."""
    owned = await store.take_over(2, "a" * 16)
    timers: dict[str, int | None] = {f"c{n:02}": 1_000 + n // 8 for n in range(40)}
    version = await store.commit(2, "a" * 16, owned.version, Commit(timers=timers))
    seen: set[str] = set()
    after: Timer | None = Timer("", -1)
    moved: set[str] = set()
    for _ in range(100):
        page = await store.due(2, 2_000, size, after)
        seen.update(timer.customer for timer in page)
        if len(page) < size:
            break
        after = page[-1]
        if len(moved) < 12 and after.customer not in moved:
            moved.add(after.customer)
            version = await store.commit(2, "a" * 16, version, Commit(timers={after.customer: to}))
    else:
        pytest.fail("no way forward")
    assert seen >= timers.keys() - moved
    assert moved
