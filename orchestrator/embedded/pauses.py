"""Journeys paused by command or by the reputation guard, beside the applied versions in the data folder. Commands of other processes write
them there directly."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from orchestrator.active import ActiveVersion
from orchestrator.errors import ServiceUnavailable
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.workspace.pauses import Cause, Pauses

SCRIPT = """
CREATE TABLE IF NOT EXISTS pause(journey TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS guard_pause(journey TEXT PRIMARY KEY, paused_at INTEGER, since INTEGER NOT NULL DEFAULT 0) STRICT;
"""
"""`guard_pause`: what the reputation guard has paused, and when it was let go on last."""
LOOK_EVERY = 0.3
"""Seconds between two looks of a running process."""
PATIENCE = 30.0
"""Seconds a command waits for a process that is writing."""


def read_pauses(database: SqliteDatabase) -> Pauses:
    """Journeys and who paused them; of a folder that is older than pauses, none."""
    there = {row[0] for row in database.read("SELECT name FROM sqlite_master WHERE name IN ('pause','guard_pause')")}
    found: dict[str, Cause] = {}
    if "guard_pause" in there:
        found |= {row[0]: "guard" for row in database.read("SELECT journey FROM guard_pause WHERE paused_at IS NOT NULL")}
    if "pause" in there:
        found |= {row[0]: "command" for row in database.read("SELECT journey FROM pause")}
    return found


def set_pause(folder: Path, journey: str, *, paused: bool, at: int) -> bool:
    """Pause a journey or end its pause, whoever paused it, durably, whether or not a process runs on the folder. `at` in milliseconds. False
    where that was so before. Raises ServiceUnavailable while somebody else writes without end."""
    uri = (folder / "concierge.db").absolute().as_uri() + "?mode=rw"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=PATIENCE)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(SCRIPT)
            if paused:
                return connection.execute("INSERT INTO pause VALUES (?,?) ON CONFLICT DO NOTHING", (journey, at)).rowcount > 0
            guarded = connection.execute(
                "UPDATE guard_pause SET paused_at=NULL,since=? WHERE journey=? AND paused_at IS NOT NULL", (at, journey)
            )
            return connection.execute("DELETE FROM pause WHERE journey=?", (journey,)).rowcount + guarded.rowcount > 0
    except sqlite3.OperationalError as error:
        raise ServiceUnavailable(f"{folder} cannot be written: {error}") from error


async def follow_for_ever(database: SqliteDatabase, active: ActiveVersion, changed: Callable[[], None]) -> None:
    """Take up what commands say, until cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        if active.pause(read_pauses(database)):
            changed()
