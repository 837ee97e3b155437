"""Applied versions of the workspace, kept in the data folder: what is in force, whatever the files say meanwhile."""

import sqlite3
import zlib
from collections.abc import Mapping

import msgspec

from orchestrator.state.sqlite_database import SqliteDatabase

SCRIPT = "CREATE TABLE IF NOT EXISTS version(n INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL, at INTEGER NOT NULL, files BLOB NOT NULL) STRICT;"


class Versions:
    """The last one is in force."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        database.setup(SCRIPT)

    @staticmethod
    def read_last(database: SqliteDatabase) -> tuple[str, dict[str, bytes]] | None:
        """(hash, files) of the version in force, from a database that may be open elsewhere; None before the first."""
        if not database.read("SELECT 1 FROM sqlite_master WHERE name='version'"):
            return None
        rows = database.read("SELECT hash,files FROM version ORDER BY n DESC LIMIT 1")
        return (rows[0][0], msgspec.msgpack.decode(zlib.decompress(rows[0][1]), type=dict[str, bytes])) if rows else None

    async def apply(self, version: str, files: Mapping[str, bytes], at: int) -> None:
        """Put a version in force. `at` in milliseconds."""
        blob = zlib.compress(msgspec.msgpack.encode(dict(files)))

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO version(hash,at,files) VALUES (?,?,?)", (version, at, blob))

        await self._database.write(work)
