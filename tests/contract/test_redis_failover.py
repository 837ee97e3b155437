"""Failover to a replica that did not get the last writes: what is lost is noticed, and what must not be lost is waited for."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from orchestrator.contracts.claim import Granted, Taken
from orchestrator.distributed.connections import connect
from orchestrator.errors import Conflict
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.settings import Setting, Settings
from orchestrator.state.redis_keys import PartitionKeys
from orchestrator.state.redis_store import RedisStore
from orchestrator.state.store import Commit
from tests.contract.stores import request_of
from tests.services.redis_cluster import RedisCluster

PARTITIONS = 4


@pytest.fixture
async def store(replicated_redis: RedisCluster) -> AsyncIterator[RedisStore]:
    """Opened as a role opens it, told to wait for one replica before a claim counts."""
    replicated_redis.wipe()
    told = {
        "KAFKA": "127.0.0.1:1",
        "REDIS": replicated_redis.url,
        "REDIS_CLUSTER": "true",
        "REDIS_REPLICAS": "1",
        "PARTITIONS": str(PARTITIONS),
    }
    made = (await connect(Settings({name: Setting(value, "test") for name, value in told.items()}), RandomIds())).store
    for partition in range(PARTITIONS):
        await made.take_over(partition, f"t{partition}")
        await made.commit(partition, f"t{partition}", 0, Commit(cursors={"events": 1}))
    yield made
    await made.close()


async def test_a_commit_the_replica_did_not_get_is_a_conflict(store: RedisStore, replicated_redis: RedisCluster) -> None:
    """My own token, and a lower version: memory is ahead of the store. A take-over says from where to go on."""
    share = replicated_redis.share_of(PartitionKeys(1, PARTITIONS).meta)
    await asyncio.to_thread(replicated_redis.cut_off, share)
    for version in range(1, 6):
        await store.commit(1, "t1", version, Commit(cursors={"events": version + 1}, profiles={"ada": b"%d" % version}))
    assert await asyncio.to_thread(replicated_redis.fail_over, share) > 0
    with pytest.raises(Conflict, match=r"now \['t1', '1'\], expected version 6"):
        await store.commit(1, "t1", 6, Commit(cursors={"events": 7}))
    owned = await store.take_over(1, "t1-again", store.id)
    assert (owned.version, owned.cursors) == (1, {"events": 1})
    assert await store.load(1, ["ada"]) == {}
    assert await store.commit(1, "t1-again", 1, Commit(cursors={"events": 2})) == 2
    other = next(p for p in range(PARTITIONS) if replicated_redis.share_of(PartitionKeys(p, PARTITIONS).meta) != share)
    assert await store.commit(other, f"t{other}", 1, Commit()) == 2, "other shares lost nothing"


async def test_a_claim_that_waits_for_its_replica_outlives_the_failover(store: RedisStore, replicated_redis: RedisCluster) -> None:
    """Written on the master alone it does not count: the message is not sent until a replica has it, and the one that took the
    master's place must have it too."""
    share = replicated_redis.share_of(PartitionKeys(1, PARTITIONS).meta)
    (granted,) = await store.claim(1, [request_of("a" * 32)])
    assert isinstance(granted, Granted)
    await asyncio.to_thread(replicated_redis.cut_off, share)
    claiming = asyncio.create_task(store.claim(1, [request_of("b" * 32)]))
    suppressing = asyncio.create_task(store.suppress([(f"h{n}", "complained") for n in range(64)]))
    await asyncio.sleep(1.5)
    assert PartitionKeys(1, PARTITIONS).claim("b" * 32).decode() in replicated_redis.holder(share).cli("KEYS", "*:k:*")
    assert not claiming.done(), "the replica does not have it"
    assert not suppressing.done(), "addresses are on every master"
    assert await asyncio.to_thread(replicated_redis.fail_over, share) > 0
    (result,) = await asyncio.wait_for(claiming, 30)
    assert isinstance(result, Granted)
    await asyncio.wait_for(suppressing, 30)
    assert (await store.claims(1, ["a" * 32, "b" * 32])) == {"a" * 32: granted.claim, "b" * 32: result.claim}
    assert len(await store.suppressed([f"h{n}" for n in range(64)])) == 64
    (again,) = await store.claim(1, [request_of("b" * 32, sender="another")])
    assert isinstance(again, Taken), "nobody sends it a second time"
    await asyncio.to_thread(replicated_redis.fail_over, share)
    assert set(await store.claims(1, ["a" * 32, "b" * 32])) == {"a" * 32, "b" * 32}, "the replica of the new master has them"
