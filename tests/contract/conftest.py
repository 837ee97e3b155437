"""Every store, made new for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.runtime.clock import SettableClock
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from tests.contract.stores import AnyStore


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AnyStore]:
    if request.param == "memory":
        yield MemoryStore("s1")
        return
    database = SqliteDatabase(tmp_path)
    yield SqliteStore(database, SqliteLog(database, SettableClock(1), 4), "s1")
    database.close()
