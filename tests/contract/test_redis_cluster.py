"""The store on a real Redis Cluster: slots move while they are used, masters die and are replaced."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from orchestrator.contracts.claim import Granted
from orchestrator.errors import ConfigurationError
from orchestrator.state.redis_keys import STORE, PartitionKeys, slot_of
from orchestrator.state.redis_store import RedisStore, open_redis
from orchestrator.state.store import Commit
from tests.contract.stores import request_of
from tests.services.redis_cluster import RedisCluster

PARTITIONS = 6


@pytest.fixture
async def store(redis_cluster: RedisCluster) -> AsyncIterator[RedisStore]:
    redis_cluster.wipe()
    made = await open_redis(redis_cluster.url, PARTITIONS, "s1", cluster=True)
    yield made
    await made.close()


async def work(store: RedisStore, partition: int, until: Callable[[], bool], progress: list[int]) -> int:
    """Count in profile, cursor and claims, one commit behind the other; returns how far it came."""
    version = (await store.take_over(partition, f"t{partition}")).version
    while not until():
        number = version + 1
        intent = f"{partition:x}{number:031x}"
        version = await store.commit(
            partition, f"t{partition}", version,
            Commit(cursors={"events": number}, profiles={f"c{n}": b"%d" % number for n in range(40)}, timers={"c0": number}),
        )  # fmt: skip
        (claimed,) = await store.claim(partition, [request_of(intent)])
        assert isinstance(claimed, Granted), "asked once, so granted once"
        progress[partition] = version
    return version


async def exact(store: RedisStore, partition: int, version: int) -> None:
    """Nothing lost, nothing twice."""
    owned = await store.take_over(partition, "look")
    assert (owned.version, owned.cursors) == (version, {"events": version})
    assert set((await store.load(partition, [f"c{n}" for n in range(40)])).values()) == {b"%d" % version}
    assert await store.next_due(partition) == version
    assert len(await store.claims(partition, [f"{partition:x}{n:031x}" for n in range(1, version + 1)])) == version


async def while_working(store: RedisStore, trouble: Callable[[list[int]], Awaitable[None]]) -> None:
    """`trouble` is told how far each partition is."""
    stop = False
    progress = [0] * PARTITIONS
    working = [asyncio.create_task(work(store, p, lambda: stop, progress)) for p in range(PARTITIONS)]
    await asyncio.sleep(0.3)
    try:
        await trouble(progress)
    finally:
        stop = True
    versions = await asyncio.gather(*working)
    for partition, version in enumerate(versions):
        await exact(store, partition, version)


async def go_on(progress: list[int]) -> None:
    """Every partition gets further than it is."""
    before = list(progress)
    async with asyncio.timeout(30):
        while not all(now > then + 1 for now, then in zip(progress, before, strict=True)):
            await asyncio.sleep(0.05)


async def test_partitions_are_spread_over_the_masters(store: RedisStore, redis_cluster: RedisCluster) -> None:
    for partition in range(PARTITIONS):
        await store.take_over(partition, "t")
    found = [node.cli("KEYS", "*:m").split() for node in redis_cluster.nodes]
    assert [len(one) for one in found] == [2, 2, 2]


async def test_a_slot_moves_while_it_is_used(store: RedisStore, redis_cluster: RedisCluster) -> None:
    slot = slot_of(PartitionKeys(0, PARTITIONS).meta)
    moved: list[int] = []

    async def move(progress: list[int]) -> None:
        for source, target in ((0, 1), (1, 2), (2, 0)):
            moved.append(await asyncio.to_thread(redis_cluster.move, slot, source, target, 0.001))
            await go_on(progress)

    await while_working(store, move)
    assert min(moved) >= 40, "it was moved with what was in it"


async def test_a_master_is_killed_and_replaced(tmp_path: Path) -> None:
    cluster = RedisCluster(tmp_path, replicas=True)
    try:
        await asyncio.to_thread(cluster.start)
        store = await open_redis(cluster.url, PARTITIONS, "s1", cluster=True, replicas=1)
        replaced: list[str] = []

        async def kill(progress: list[int]) -> None:
            node, replica = cluster.nodes[0], cluster.nodes[3]
            await asyncio.sleep(0.2)
            node.kill()
            for _ in range(200):
                await asyncio.sleep(0.1)
                if (await asyncio.to_thread(replica.cli, "ROLE")).startswith("master"):
                    replaced.append(replica.address)
                    break
            await asyncio.to_thread(node.start)
            await go_on(progress)

        await while_working(store, kill)
        assert replaced
        await store.close()
    finally:
        cluster.stop()


async def test_a_cluster_that_was_not_named_one(redis_cluster: RedisCluster) -> None:
    other = (redis_cluster.share_of(STORE) + 1) % redis_cluster.masters
    with pytest.raises(ConfigurationError, match="CONCIERGE_REDIS_CLUSTER=true"):
        await open_redis(redis_cluster.nodes[other].url, PARTITIONS, "s1", patience=2)
