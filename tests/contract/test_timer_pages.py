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
