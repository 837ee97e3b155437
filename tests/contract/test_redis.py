"""Redis under what networks, crashes and operators do to it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from orchestrator.contracts.claim import Granted, RefusedByGuard, Settlement
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.record import Record
from orchestrator.errors import ConfigurationError, Conflict, ServiceUnavailable, StoreRefused
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_keys import SLOTS, PartitionKeys, tags
from orchestrator.state.redis_node import Command, Node
from orchestrator.state.redis_store import RedisStore, open_redis
from orchestrator.state.store import Commit
from tests.contract.stores import request_of
from tests.contract.test_race import GUARD, PAIRS, STEP, check, claim_everybody, customers
from tests.services.flaky_proxy import FlakyProxy
from tests.services.redis_server import RedisServer


@pytest.fixture
async def store(redis_server: RedisServer) -> AsyncIterator[RedisStore]:
    redis_server.wipe()
    made = await open_redis(redis_server.url, 4, "s1")
    for partition in range(4):
        await made.take_over(partition, "first")
    yield made
    await made.close()


@pytest.fixture
async def proxy(redis_server: RedisServer) -> AsyncIterator[FlakyProxy]:
    made = FlakyProxy(redis_server.port)
    await made.start()
    yield made
    await made.stop()


def test_tags_are_even_and_stay() -> None:
    import binascii

    for partitions in (1, 4, 12, 256):
        slots = [binascii.crc_hqx(tag.encode(), 0) % SLOTS for tag in tags(partitions)]
        assert slots == [p * SLOTS // partitions + SLOTS // (2 * partitions) for p in range(partitions)]
    assert PartitionKeys(0, 4).meta == b"{" + tags(4)[0].encode() + b"}:m"


async def test_no_marketing_is_claimed_after_the_issue_was_applied(store: RedisStore, redis_server: RedisServer) -> None:
    """The order is the server's own: every claim and every commit takes the next number of the partition in its script."""
    owner = await open_redis(redis_server.url, 4, "other")
    committed: dict[str, int] = {}
    barrier = asyncio.Barrier(2)

    async def raise_issues() -> None:
        await owner.take_over(0, "t1")
        for version, start in enumerate(range(0, PAIRS, STEP)):
            await barrier.wait()
            await asyncio.sleep(0.004 * (version % 12))
            await owner.commit(0, "t1", version, Commit(guards=dict.fromkeys(customers(start), GUARD)))
            committed.update(dict.fromkeys(customers(start), owner.sequence))

    results, _none = await asyncio.gather(claim_everybody(store, barrier.wait), raise_issues())
    check(results, committed)
    await owner.close()


async def test_a_lost_reply_of_a_commit_is_recognised(store: RedisStore, proxy: FlakyProxy) -> None:
    flaky = await open_redis(f"redis://127.0.0.1:{proxy.port}/0", 4, "other")
    assert flaky.id == "s1"
    await flaky.take_over(0, "t1")
    version = 0
    for number in range(20):
        proxy.lose_next = number % 2
        version = await flaky.commit(0, "t1", version, Commit(cursors={"events": number}, history={"ada": b"%d" % number}))
    assert version == 20
    assert proxy.lost == 10
    assert await store.history(0, "ada") == [b"14", b"15", b"16", b"17", b"18", b"19"], "applied once each"
    await flaky.close()


async def test_a_lost_reply_of_a_claim_is_recognised(store: RedisStore, proxy: FlakyProxy) -> None:
    flaky = await open_redis(f"redis://127.0.0.1:{proxy.port}/0", 4, "other")
    for number in range(8):
        asking = asyncio.create_task(flaky.claim(0, [request_of(intent=f"{number:032x}", sender="me")]))
        await asyncio.sleep(0.001 * number)
        proxy.lose_next = 1
        (result,) = await asking
        assert isinstance(result, Granted), "the claim that stands is ours"
        assert (await store.claims(0, [f"{number:032x}"]))[f"{number:032x}"] == result.claim
    assert proxy.lost > 0
    await flaky.close()


async def test_a_partition_whose_commit_broke_off_is_refused(store: RedisStore) -> None:
    await store.take_over(0, "t1")
    await store.connection.command("SET", PartitionKeys(0, 4).timers, "not a sorted set")
    with pytest.raises(Exception, match="WRONGTYPE"):
        await store.commit(0, "t1", 0, Commit(timers={"ada": 1}, cursors={"events": 9}))
    with pytest.raises(StoreRefused, match="broke off"):
        await store.commit(0, "t1", 0, Commit())
    with pytest.raises(StoreRefused, match="broke off"):
        await store.verify(0, "t1", 0)
    with pytest.raises(StoreRefused, match="concierge rebuild"):
        await store.take_over(0, "t2")
    assert await store.connection.command("HGET", PartitionKeys(0, 4).meta, "c:events") is None, "cursors come last"


async def test_stores_that_do_not_fit_are_refused(store: RedisStore) -> None:
    await store.connection.command("HSET", PartitionKeys(1, 4).meta, "schema", 99)
    with pytest.raises(StoreRefused, match="upgrade"):
        await store.take_over(1, "t1")
    await store.connection.command("HSET", PartitionKeys(2, 4).meta, "store", "another")
    with pytest.raises(StoreRefused, match="two stores were mixed"):
        await store.take_over(2, "t1")
    (marketing,) = await store.claim(2, [request_of()])
    assert isinstance(marketing, RefusedByGuard), "no guard of ours is there"
    assert marketing.refusal.reason == Reason.STATE_REBUILDING
    (transactional,) = await store.claim(2, [request_of(intent="b" * 32, message_class="transactional")])
    assert isinstance(transactional, Granted)


async def test_a_wiped_store_reads_as_nobody_may_be_mailed(store: RedisStore, redis_server: RedisServer) -> None:
    redis_server.wipe()
    (marketing,) = await store.claim(0, [request_of()])
    assert isinstance(marketing, RefusedByGuard)
    assert (marketing.refusal.reason, marketing.refusal.hold) == (Reason.STATE_REBUILDING, True)
    (transactional,) = await store.claim(0, [request_of(intent="b" * 32, message_class="transactional")])
    assert isinstance(transactional, Granted)
    with pytest.raises(Conflict):
        await store.commit(0, "first", 0, Commit())
    with pytest.raises(StoreRefused, match=r"emptied.*concierge rebuild"):
        await store.take_over(0, "again")


async def test_a_partition_that_is_gone_is_not_begun_anew(store: RedisStore) -> None:
    await store.connection.command("DEL", PartitionKeys(0, 4).meta)
    with pytest.raises(StoreRefused, match=r"nothing of partition 0.*concierge rebuild"):
        await store.take_over(0, "again", expected="s1")
    assert (await store.take_over(0, "again")).cursors == {}
    assert (await store.take_over(1, "again", expected="s1")).version == 0


async def test_what_was_not_published_is_handed_to_the_next_owner(store: RedisStore) -> None:
    await store.take_over(3, "t1")
    records = [Record(topic="outbound-email-bulk", key=b"ada", value=b"%d" % n, headers=(("h", b"1"),)) for n in range(3)]
    for version in range(12):
        await store.commit(3, "t1", version, Commit(outbox=records))
    owned = await store.take_over(3, "t2")
    assert [(entry, list(one)) for entry, one in owned.outbox] == [(f"t1:{version}", records) for version in range(12)]
    for entry, _records in owned.outbox:
        await store.published(3, entry)
    assert (await store.take_over(3, "t3")).outbox == []


async def test_webhooks_find_owners_and_prove_what_nobody_heard(store: RedisStore) -> None:
    await store.claim(2, [request_of(channel="sms")])
    assert await store.owners(["a" * 32, "f" * 32]) == {"a" * 32: "ada"}
    assert await store.written_to("h1") == ["ada"]
    await store.settle(2, [Settlement("a" * 32, "s", "unknown", 5)])
    await store.confirm({"a" * 32: "provider-1", "f" * 32: None})
    claim = (await store.claims(2, ["a" * 32]))["a" * 32]
    assert (claim.state, claim.provider_id) == ("done", "provider-1")


async def test_kill_and_freeze_lose_nothing(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis")
    server.start()
    try:
        store = await open_redis(server.url, 1, "s1")
        await store.take_over(0, "t1")
        version = 0

        async def work(number: int) -> None:
            nonlocal version
            for _ in range(number):
                version = await store.commit(
                    0, "t1", version, Commit(cursors={"events": version + 1}, profiles={"ada": b"%d" % (version + 1)})
                )

        await work(50)
        for _ in range(3):
            working = asyncio.create_task(work(200))
            await asyncio.sleep(0.05)
            server.kill()
            await asyncio.sleep(0.1)
            server.start()
            await working
        server.freeze()
        working = asyncio.create_task(work(20))
        await asyncio.sleep(1.0)
        server.thaw()
        await working
        assert version == 670
        assert await store.load(0, ["ada"]) == {"ada": b"670"}
        await store.close()
    finally:
        server.stop()


async def test_round_trips(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a chunk of messages and a batch of inputs cost, however large they are."""
    trips: list[int] = []
    ask = Node.ask

    async def counted(self: Node, commands: Sequence[Command], within: float | None = None) -> list[object]:
        trips.append(len(commands))
        return await ask(self, commands, within)

    requests = [request_of(f"{n:032x}") for n in range(64)]
    await store.claim(0, [request_of("e" * 32)])  # the server knows the scripts
    await store.settle(0, [Settlement("e" * 32, "s", "done", 5)])
    await store.commit(0, "first", 0, Commit())
    monkeypatch.setattr(Node, "ask", counted)
    await store.claim(0, requests)
    assert len(trips) == 2, "addresses; guards and claims"
    await store.settle(0, [Settlement(one.intent, "s", "done", 5) for one in requests])
    assert len(trips) == 3
    await store.load(0, [f"c{n}" for n in range(300)])
    await store.commit(0, "first", 1, Commit(profiles={f"c{n}": b"x" for n in range(300)}, outbox=[Record(topic="t", key=b"", value=b"")]))
    await store.published(0, "first:1")
    assert trips[3:] == [1, 1, 1]


async def test_an_open_is_refused_where_data_may_be_thrown_away(redis_server: RedisServer) -> None:
    redis_server.call(b"CONFIG SET maxmemory-policy allkeys-lru")
    try:
        with pytest.raises(ConfigurationError, match="noeviction"):
            await open_redis(redis_server.url, 4, "s1")
    finally:
        redis_server.call(b"CONFIG SET maxmemory-policy noeviction")


async def test_patience_ends_with_a_sentence(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis")
    server.start()
    connection = RedisConnection(server.url, patience=0.5)
    assert await connection.command("SET", "x", 1) == b"OK"
    server.stop()
    with pytest.raises(ServiceUnavailable, match="has not answered"):
        await connection.command("GET", "x")
    await connection.close()
