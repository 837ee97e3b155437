"""What every store must do with state, whatever it is made of."""

from pathlib import Path

import pytest

from orchestrator.contracts.record import Record
from orchestrator.errors import Conflict, StoreRefused
from orchestrator.runtime.clock import SettableClock
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.state.store import Commit, Timer
from tests.contract.stores import AnyStore


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


@pytest.mark.parametrize(
    "other",
    [
        Commit(cursors={"events": 4}), Commit(profiles={"ada": b"2"}), Commit(timers={"ada": 2}), Commit(guards={"ada": b"2"}),
        Commit(history={"ada": b"2"}), Commit(forgotten=frozenset(("ada",))),
        Commit(outbox=[Record(topic="t", key=b"ben", value=b"1")]),
        Commit(outbox=[Record(topic="t", key=b"ada", value=b"1", headers=(("replayed", b"1"),))]),
    ],
)  # fmt: skip
async def test_only_the_very_same_commit_is_a_lost_reply(store: AnyStore, other: Commit) -> None:
    record = Record(topic="t", key=b"ada", value=b"1")
    await store.take_over(0, "t1")
    first = Commit(
        {"events": 3}, {"ada": b"1"}, {"ada": 1}, {"ada": b"1"}, {"ada": b"1"}, outbox=[record] if other.outbox else []
    )  # fmt: skip
    same = {name: getattr(other, name) or getattr(first, name) for name in Commit.__slots__}
    await store.commit(0, "t1", 0, first)
    with pytest.raises(Conflict):
        await store.commit(0, "t1", 0, Commit(**same))
    assert await store.commit(0, "t1", 0, first) == 1
    assert await store.history(0, "ada") == [b"1"]


async def test_a_take_over_ends_the_recognition_of_lost_replies(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    commit = Commit(profiles={"ada": b"1"})
    await store.commit(0, "t1", 0, commit)
    await store.take_over(0, "t2")
    with pytest.raises(Conflict):
        await store.commit(0, "t1", 0, commit)
    with pytest.raises(Conflict):
        await store.commit(0, "t2", 0, commit)


async def test_an_owner_can_ask_whether_its_partition_stands_where_it_left_it(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    assert list(await store.verify(0, "t1", 0)) == []
    await store.commit(0, "t1", 0, Commit(outbox=[Record(topic="t", key=b"ada", value=b"1", partition=0)]))
    assert list(await store.verify(0, "t1", 1)) == ([] if isinstance(store, SqliteStore) else ["t1:0"])
    for token, version in (("t1", 0), ("t1", 2), ("t2", 1)):
        with pytest.raises(Conflict):
            await store.verify(0, token, version)
    await store.published(0, "t1:0")
    assert list(await store.verify(0, "t1", 1)) == []
    with pytest.raises(Conflict):
        await store.verify(1, "t1", 0)


async def test_nobody_commits_without_a_take_over(store: AnyStore) -> None:
    with pytest.raises(Conflict):
        await store.commit(0, "", 0, Commit(profiles={"ada": b"1"}))
    assert await store.load(0, ["ada"]) == {}


async def test_deleting_takes_profile_and_guard(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    await store.commit(0, "t1", 0, Commit(profiles={"ada": b"1", "ben": b"1"}, guards={"ada": b"1"}))
    await store.commit(0, "t1", 1, Commit(profiles={"ada": None}, guards={"ada": None, "nobody": None}, timers={"nobody": None}))
    assert await store.load(0, ["ada", "ben"]) == {"ben": b"1"}


async def test_history_of_many_customers_is_bounded_for_each(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    customers = [f"c{number}" for number in range(900)]
    for round_ in range(8):
        await store.commit(0, "t1", round_, Commit(history=dict.fromkeys(customers[round_ * 100 :], b"%d" % round_)))
    assert await store.history(0, "c899") == [b"2", b"3", b"4", b"5", b"6", b"7"]
    assert await store.history(0, "c150") == [b"0", b"1"]
