"""Journeys paused by command, beside the applied versions in the data folder. Commands of other processes write them there directly."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from orchestrator.active import ActiveVersion
from orchestrator.errors import ServiceUnavailable
from orchestrator.state.sqlite_database import SqliteDatabase

SCRIPT = "CREATE TABLE IF NOT EXISTS pause(journey TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT"
LOOK_EVERY = 0.3
"""Seconds between two looks of a running process."""
PATIENCE = 30.0
"""Seconds a command waits for a process that is writing."""


def read_pauses(database: SqliteDatabase) -> frozenset[str]:
    """Names of journeys; of a folder that is older than pauses, none."""
    if not database.read("SELECT 1 FROM sqlite_master WHERE name='pause'"):
        return frozenset()
    return frozenset(row[0] for row in database.read("SELECT journey FROM pause"))


def set_pause(folder: Path, journey: str, *, paused: bool, at: int) -> bool:
    """Pause a journey or end its pause, durably, whether or not a process runs on the folder. `at` in milliseconds. False where that
    was so before. Raises ServiceUnavailable while somebody else writes without end."""
    uri = (folder / "concierge.db").absolute().as_uri() + "?mode=rw"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=PATIENCE)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(SCRIPT)
            sql = "INSERT INTO pause VALUES (?,?) ON CONFLICT DO NOTHING" if paused else "DELETE FROM pause WHERE journey=?"
            return connection.execute(sql, (journey, at) if paused else (journey,)).rowcount > 0
    except sqlite3.OperationalError as error:
        raise ServiceUnavailable(f"{folder} cannot be written: {error}") from error


async def follow_for_ever(database: SqliteDatabase, active: ActiveVersion, changed: Callable[[], None]) -> None:
    """Take up what commands say, until cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        if active.pause(read_pauses(database)):
            changed()
