"""Every store, made new for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.runtime.clock import SettableClock
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.redis_store import open_redis
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from tests.contract.stores import AnyStore
from tests.services.redis_cluster import RedisCluster
from tests.services.redis_server import RedisServer


@pytest.fixture(params=["memory", "sqlite", "redis", "redis-cluster"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AnyStore]:
    if request.param == "memory":
        yield MemoryStore("s1")
        return
    if request.param in ("redis", "redis-cluster"):
        server: RedisServer | RedisCluster = request.getfixturevalue("redis_server" if request.param == "redis" else "redis_cluster")
        server.wipe()
        made = await open_redis(server.url, 4, "s1", cluster=isinstance(server, RedisCluster))
        for partition in range(4):
            # senders claim where an owner has been
            await made.take_over(partition, "first")
        yield made
        await made.close()
        return
    database = SqliteDatabase(tmp_path)
    yield SqliteStore(database, SqliteLog(database, SettableClock(1), 4), "s1")
    database.close()
