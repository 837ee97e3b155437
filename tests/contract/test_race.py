"""No marketing message is claimed after the issue was applied: proved by the store's own order, under a real race."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

from orchestrator.contracts.claim import ClaimRequest, ClaimResult, Granted, RefusedByGuard
from orchestrator.contracts.guard import Guard, GuardRule, encode_guard
from orchestrator.runtime.clock import SettableClock
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.state.store import Commit, Store
from tests.contract.stores import question

PAIRS, STEP = 10_000, 100
GUARD = encode_guard(Guard(rules=(GuardRule("open_service_issue", "hold", "open_service_issue", "c"),)))


def customers(start: int) -> list[str]:
    return [f"c{number}" for number in range(start, start + STEP)]


async def claim_everybody(store: Store, together: Callable[[], Awaitable[object]]) -> dict[str, ClaimResult]:
    """One claim for each customer, in small calls one after another."""
    results: dict[str, ClaimResult] = {}
    for start in range(0, PAIRS, STEP):
        await together()
        requests = [ClaimRequest(f"{customer:>032}", customer, "s", 1, question(), "h") for customer in customers(start)]
        for at in range(0, STEP, 10):
            answers = await store.claim(0, requests[at : at + 10])
            await asyncio.sleep(0)
            results.update({request.customer: answer for request, answer in zip(requests[at : at + 10], answers, strict=True)})
    return results


async def raise_issues(store: Store, together: Callable[[], Awaitable[object]]) -> None:
    """One commit for each step of customers, begun with the step's first claim and a little later each time."""
    await store.take_over(0, "t1")
    for version, start in enumerate(range(0, PAIRS, STEP)):
        await together()
        for _ in range(version % 8):
            await asyncio.sleep(0)
        await store.commit(0, "t1", version, Commit(guards=dict.fromkeys(customers(start), GUARD)))


def check(results: dict[str, ClaimResult], committed: dict[str, int]) -> None:
    """A granted claim is older than the commit of the customer's issue, a refused one is younger; and both happened."""
    granted = {customer: one.claim.sequence for customer, one in results.items() if isinstance(one, Granted)}
    refused = [customer for customer, one in results.items() if isinstance(one, RefusedByGuard)]
    assert len(granted) + len(refused) == PAIRS == len(committed)
    assert not [customer for customer, sequence in granted.items() if sequence > committed[customer]]
    assert granted
    assert refused


async def test_in_sqlite_between_two_threads(tmp_path: Path) -> None:
    """The order of commits is noted by the database itself: a trigger on the guards' table."""
    database = SqliteDatabase(tmp_path)
    store = SqliteStore(database, SqliteLog(database, SettableClock(1), 1), "s")
    database.setup("CREATE TABLE noted(id TEXT, n INTEGER)")
    database.setup("CREATE TRIGGER note AFTER INSERT ON guard BEGIN INSERT INTO noted SELECT NEW.id, n FROM sequence; END")
    barrier = threading.Barrier(2)

    async def together() -> None:
        barrier.wait(30)

    owner = threading.Thread(target=lambda: asyncio.run(raise_issues(store, together)))
    owner.start()
    results = await claim_everybody(store, together)
    await asyncio.to_thread(owner.join)
    check(results, dict(database.read("SELECT id,n FROM noted")))
    database.close()


class _Noting(MemoryStore):
    """Writes down where in the order each commit stands."""

    def __init__(self) -> None:
        super().__init__()
        self.committed: dict[str, int] = {}

    async def commit(self, partition: int, token: str, version: int, commit: Commit) -> int:
        after = await super().commit(partition, token, version, commit)
        self.committed.update(dict.fromkeys(commit.guards, self.sequence))
        return after


async def test_in_memory_between_two_tasks() -> None:
    store = _Noting()
    together = asyncio.Barrier(2).wait
    results, _none = await asyncio.gather(claim_everybody(store, together), raise_issues(store, together))
    check(results, store.committed)
