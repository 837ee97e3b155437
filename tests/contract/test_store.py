"""What every store must do, whatever it is made of."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from orchestrator.contracts.claim import ClaimRequest, Granted, RefusedByGuard, Settlement, Taken
from orchestrator.contracts.guard import Guard, GuardQuestion, GuardRule, encode_guard
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.record import Record
from orchestrator.errors import Conflict, StoreRefused
from orchestrator.runtime.clock import SettableClock
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.state.store import Commit, Timer

AnyStore = MemoryStore | SqliteStore


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AnyStore]:
    if request.param == "memory":
        yield MemoryStore("s1")
        return
    database = SqliteDatabase(tmp_path)
    yield SqliteStore(database, SqliteLog(database, SettableClock(1), 4), "s1")
    database.close()


def question(**changes: object) -> GuardQuestion:
    values: dict[str, object] = {
        "channel": "email", "message_class": "marketing", "topic": "offers", "rules": ("open_service_issue",), "not_after": None,
        "quiet_from": None, "address_kind": None, "now": 1000,
    }  # fmt: skip
    return GuardQuestion(**{**values, **changes})  # type: ignore[arg-type]  # fields of the question


def request_of(intent: str = "a" * 32, sender: str = "s", **changes: object) -> ClaimRequest:
    return ClaimRequest(intent, "ada", sender, 1, question(**changes), "h1")


async def test_a_commit_is_read_back(store: AnyStore) -> None:
    owned = await store.take_over(0, "t1")
    assert (owned.version, owned.cursors, owned.store) == (0, {}, "s1")
    version = await store.commit(0, "t1", 0, Commit(cursors={"events": 7}, profiles={"ada": b"1", "ben": b"2"}, timers={"ada": 50}))
    assert version == 1
    assert await store.load(0, ["ada", "ben", "cleo"]) == {"ada": b"1", "ben": b"2"}
    assert (await store.take_over(0, "t2")).cursors == {"events": 7}


async def test_partitions_are_apart(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    await store.take_over(1, "t1")
    await store.commit(0, "t1", 0, Commit(profiles={"ada": b"1"}, timers={"ada": 5}))
    assert await store.load(1, ["ada"]) == {}
    assert await store.due(1, 100, 10) == []


async def test_a_wrong_version_is_a_conflict_and_writes_nothing(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    await store.commit(0, "t1", 0, Commit(profiles={"ada": b"1"}))
    with pytest.raises(Conflict):
        await store.commit(0, "t1", 0, Commit(profiles={"ada": b"other"}, timers={"ada": 1}))
    assert await store.load(0, ["ada"]) == {"ada": b"1"}
    assert await store.due(0, 100, 10) == []


async def test_a_zombie_cannot_commit_after_a_take_over(store: AnyStore) -> None:
    await store.take_over(0, "old")
    await store.commit(0, "old", 0, Commit(profiles={"ada": b"1"}))
    await store.take_over(0, "new")
    with pytest.raises(Conflict):
        await store.commit(0, "old", 1, Commit(profiles={"ada": b"zombie"}))
    assert await store.commit(0, "new", 1, Commit(profiles={"ada": b"2"})) == 2


async def test_a_lost_reply_is_recognised(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    commit = Commit(cursors={"events": 3}, profiles={"ada": b"1"})
    assert await store.commit(0, "t1", 0, commit) == 1
    assert await store.commit(0, "t1", 0, commit) == 1
    assert await store.commit(0, "t1", 1, Commit(profiles={"ada": b"2"})) == 2


async def test_timers_are_due_in_order_and_cleared(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    await store.commit(0, "t1", 0, Commit(timers={"b": 20, "a": 20, "c": 10, "d": 99}))
    assert await store.next_due(0) == 10
    assert await store.due(0, 20, 10) == [Timer("c", 10), Timer("a", 20), Timer("b", 20)]
    assert await store.due(0, 20, 2) == [Timer("c", 10), Timer("a", 20)]
    await store.commit(0, "t1", 1, Commit(timers={"c": None, "a": 70}))
    assert await store.due(0, 100, 10) == [Timer("b", 20), Timer("a", 70), Timer("d", 99)]
    assert await store.next_due(0) == 20


async def test_history_keeps_its_newest_blocks(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    for number in range(9):
        await store.commit(0, "t1", number, Commit(history={"ada": b"%d" % number}))
    assert await store.history(0, "ada") == [b"3", b"4", b"5", b"6", b"7", b"8"]
    await store.commit(0, "t1", 9, Commit(forgotten=frozenset(("ada",)), profiles={"ada": None}))
    assert await store.history(0, "ada") == []


async def test_the_wrong_store_is_refused(store: AnyStore) -> None:
    with pytest.raises(StoreRefused, match="belongs to other"):
        await store.take_over(0, "t1", expected="other")


async def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="upgrade"):
        await MemoryStore(schema=99).take_over(0, "t1")
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SettableClock(1), 1)
    SqliteStore(database, log, "s")
    database.setup("UPDATE store SET schema=99")
    with pytest.raises(StoreRefused, match="upgrade"):
        SqliteStore(database, log, "s")
    database.close()


async def test_large_values_and_many_customers(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    large = bytes(range(256)) * 1024
    many: dict[str, bytes | None] = {f"c{n}": b"%d" % n for n in range(10_000)}
    await store.commit(0, "t1", 0, Commit(profiles={**many, "large": large}, timers={f"c{n}": n for n in range(10_000)}))
    found = await store.load(0, [*many, "large"])
    assert len(found) == 10_001
    assert found["large"] == large
    assert found["c9999"] == b"9999"
    assert len(await store.due(0, 10_000, 20_000)) == 10_000


async def test_a_claim_is_taken_once(store: AnyStore) -> None:
    first, second = await store.claim(0, [request_of(sender="one"), request_of(sender="two")])
    assert isinstance(first, Granted)
    assert isinstance(second, Taken)
    assert second.claim.sender == "one"
    assert await store.settle(0, [Settlement("a" * 32, "two", "done", 5)]) == [False]
    assert await store.settle(0, [Settlement("a" * 32, "one", "done", 5, "p1")]) == [True]
    assert await store.settle(0, [Settlement("a" * 32, "one", "released", 6)]) == [False]
    (third,) = await store.claim(0, [request_of(sender="three")])
    assert isinstance(third, Taken)
    assert (third.claim.state, third.claim.provider_id) == ("done", "p1")


async def test_a_released_claim_may_be_taken_again(store: AnyStore) -> None:
    await store.claim(0, [request_of(sender="one")])
    await store.settle(0, [Settlement("a" * 32, "one", "released", 5)])
    (again,) = await store.claim(0, [request_of(sender="two")])
    assert isinstance(again, Granted)


async def test_a_dead_claim_is_taken_over_only_as_it_was_seen(store: AnyStore) -> None:
    await store.claim(0, [request_of(sender="dead")])
    (taken,) = await store.claim(0, [request_of(sender="one")])
    assert isinstance(taken, Taken)
    over = ClaimRequest("a" * 32, "ada", "one", 1, question(), "h1", taken.claim)
    other = ClaimRequest("a" * 32, "ada", "two", 1, question(), "h1", taken.claim)
    (won, lost) = await store.claim(0, [over, other])
    assert isinstance(won, Granted)
    assert isinstance(lost, Taken)


async def test_the_guard_is_obeyed_at_the_claim(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    rule = GuardRule("open_service_issue", "hold", "open_service_issue", "case-1")
    await store.commit(0, "t1", 0, Commit(guards={"ada": encode_guard(Guard(rules=(rule,)))}))
    (refused,) = await store.claim(0, [request_of()])
    assert isinstance(refused, RefusedByGuard)
    assert (refused.refusal.reason, refused.refusal.hold, refused.refusal.case) == (Reason.OPEN_SERVICE_ISSUE, True, "case-1")
    assert await store.claims(0, ["a" * 32]) == {}
    (transactional,) = await store.claim(0, [request_of(intent="b" * 32, message_class="transactional")])
    assert isinstance(transactional, Granted)
    await store.commit(0, "t1", 1, Commit(guards={"ada": None}))
    (granted,) = await store.claim(0, [request_of()])
    assert isinstance(granted, Granted)


async def test_suppressed_addresses_stop_the_claim(store: AnyStore) -> None:
    await store.suppress([("h1", "complained")])
    (refused,) = await store.claim(0, [request_of()])
    assert isinstance(refused, RefusedByGuard)
    assert refused.refusal.reason is Reason.ADDRESS_SUPPRESSED
    (transactional,) = await store.claim(0, [request_of(intent="b" * 32, message_class="transactional")])
    assert isinstance(transactional, Granted)
    await store.suppress([("h1", "dead"), ("h1", "complained")])
    assert await store.suppressed(["h1", "h2"]) == {"h1": "dead"}


async def test_no_marketing_is_claimed_after_the_issue_was_applied(store: AnyStore) -> None:
    """10,000 racing pairs: a claim granted is older than the commit that set the rule, by the store's own order."""
    await store.take_over(0, "t1")
    guard = encode_guard(Guard(rules=(GuardRule("open_service_issue", "hold", "open_service_issue", "c"),)))
    number = 10_000 if isinstance(store, MemoryStore) else 2_000
    refused = granted = 0
    version = 0
    for start in range(0, number, 100):
        customers = [f"c{start + n}" for n in range(100)]

        async def commits(customers: list[str] = customers, version: int = version) -> int:
            for half in (customers[:50], customers[50:]):
                version = await store.commit(0, "t1", version, Commit(guards={c: guard for c in half}))
            return version

        def claims(part: list[str]) -> "asyncio.Task[list[object]]":
            requests = [ClaimRequest(f"{c:>032}", c, "s", 1, question(), "h") for c in part]
            return asyncio.ensure_future(store.claim(0, requests))  # type: ignore[arg-type]  # results of one kind

        before = claims(customers[:25])
        committing = asyncio.ensure_future(commits())
        during = [claims(customers[n : n + 25]) for n in (25, 50)]
        version = await committing
        after = claims(customers[75:])
        for task in (before, *during):
            results = await task
            granted += sum(isinstance(one, Granted) for one in results)
            refused += sum(isinstance(one, RefusedByGuard) for one in results)
        late = await after
        assert all(isinstance(one, RefusedByGuard) for one in late)
    assert granted
    assert refused or isinstance(store, SqliteStore)


async def test_what_was_not_published_is_handed_to_the_next_owner() -> None:
    store = MemoryStore()
    await store.take_over(0, "t1")
    record = Record(topic="outbound-email-bulk", key=b"ada", value=b"m")
    await store.commit(0, "t1", 0, Commit(outbox=[record]))
    owned = await store.take_over(0, "t2")
    assert [(entry, list(records)) for entry, records in owned.outbox] == [("t1:0", [record])]
    await store.published(0, "t1:0")
    assert (await store.take_over(0, "t3")).outbox == []


async def test_sqlite_publishes_with_the_commit(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SettableClock(5), 4)
    store = SqliteStore(database, log, "s")
    await store.take_over(2, "t1")
    record = Record(topic="outbound-email-bulk", key=b"ada", value=b"m", partition=2)
    await store.commit(2, "t1", 0, Commit(outbox=[record]))
    with pytest.raises(Conflict):
        await store.commit(2, "t1", 0, Commit(outbox=[record, record]))
    assert [one.value for one in log.read("outbound-email-bulk", 2, 0, 10)] == [b"m"]
    database.close()
