"""What all processes count of a journey's messages: on the data folder and in Redis, one and a cluster."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.embedded.pauses import read_pauses, set_pause
from orchestrator.embedded.reputation import EmbeddedReputation
from orchestrator.policies.reputation import Figures
from orchestrator.reputation_watch import ReputationLedger
from orchestrator.runtime.ids import RandomIds
from orchestrator.state.redis_reputation import RedisReputation
from orchestrator.state.redis_store import open_redis
from orchestrator.state.redis_versions import RedisVersions
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.workspace.pauses import Pauses


class Place:
    """A ledger, and what commands do beside it."""

    ledger: ReputationLedger

    async def pauses(self) -> Pauses:
        raise NotImplementedError

    async def set_pause(self, journey: str, at: int, *, paused: bool) -> bool:
        raise NotImplementedError


class Folder(Place):
    def __init__(self, folder: Path) -> None:
        self.folder, self.database = folder, SqliteDatabase(folder)
        self.ledger = EmbeddedReputation(self.database)

    async def pauses(self) -> Pauses:
        return read_pauses(self.database)

    async def set_pause(self, journey: str, at: int, *, paused: bool) -> bool:
        return await asyncio.to_thread(set_pause, self.folder, journey, paused=paused, at=at)


class Deployment(Place):
    def __init__(self, versions: RedisVersions, ledger: RedisReputation) -> None:
        self.versions, self.ledger = versions, ledger

    async def pauses(self) -> Pauses:
        return await self.versions.pauses()

    async def set_pause(self, journey: str, at: int, *, paused: bool) -> bool:
        return await self.versions.set_pause(journey, at, paused=paused)


@pytest.fixture(params=["sqlite", "redis", "redis_cluster"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "sqlite":
        folder = Folder(tmp_path)
        yield folder
        folder.database.close()
        return
    server = request.getfixturevalue("redis_server" if request.param == "redis" else "redis_cluster")
    server.wipe()
    store = await open_redis(server.url, 16, RandomIds().token(), cluster=request.param == "redis_cluster")
    versions = RedisVersions(store.connection)
    yield Deployment(versions, RedisReputation(store.connection, versions))
    await store.close()


async def test_counts_add_up_and_old_ones_go(place: Place) -> None:
    ledger = place.ledger
    assert await ledger.read() == ({}, {})
    await ledger.add({"a": {0: Figures(3, 1, 0), 300_000: Figures(1)}, "b c": {0: Figures(0, 0, 2)}})
    await asyncio.gather(*(ledger.add({"a": {300_000: Figures(2, 0, 1)}}) for _ in range(10)))
    counted, since = await ledger.read()
    assert counted == {"a": {0: Figures(3, 1, 0), 300_000: Figures(21, 0, 10)}, "b c": {0: Figures(0, 0, 2)}}
    assert since == {}
    await ledger.forget(300_000)
    assert (await ledger.read())[0] == {"a": {300_000: Figures(21, 0, 10)}}


async def test_a_pause_by_the_guard_lasts_until_a_command_ends_it(place: Place) -> None:
    ledger = place.ledger
    assert await ledger.pause("a", 1000)
    assert not await ledger.pause("a", 1001), "it stands still already"
    assert await place.pauses() == {"a": "guard"}
    assert await place.set_pause("b", 1002, paused=True)
    assert await place.pauses() == {"a": "guard", "b": "command"}
    assert await place.set_pause("a", 2000, paused=False)
    assert not await place.set_pause("a", 2001, paused=False)
    assert await place.pauses() == {"b": "command"}
    assert (await ledger.read())[1] == {"a": 2000}
    assert await ledger.pause("a", 3000), "and again"
    assert await place.set_pause("a", 3001, paused=True), "who commands it means it"
    assert await place.pauses() == {"a": "command", "b": "command"}
    assert await place.set_pause("a", 4000, paused=False), "one command ends both"
    assert await place.pauses() == {"b": "command"}
    assert (await ledger.read())[1] == {"a": 4000}
    assert await place.set_pause("b", 4001, paused=False)
    assert (await ledger.read())[1] == {"a": 4000}, "the guard has nothing to do with it"
