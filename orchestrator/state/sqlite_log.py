"""The durable log of all topics in SQLite: appended in order, read by position, as Kafka's is.

`at`, a record's arrival, is stamped in the writer thread and never goes back.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.record import Headers, Record
from orchestrator.runtime.clock import Clock
from orchestrator.state.sqlite_database import SqliteDatabase, in_rows

SCRIPT = """
CREATE TABLE IF NOT EXISTS topic(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS log(off INTEGER PRIMARY KEY AUTOINCREMENT, topic INTEGER NOT NULL, p INTEGER NOT NULL, at INTEGER NOT NULL,
  key BLOB, value BLOB NOT NULL, headers BLOB) STRICT;
CREATE INDEX IF NOT EXISTS log_topic ON log(topic,p,off);
CREATE TABLE IF NOT EXISTS consumed(grp TEXT NOT NULL, topic INTEGER NOT NULL, p INTEGER NOT NULL, pos INTEGER NOT NULL,
  PRIMARY KEY(grp,topic,p)) STRICT, WITHOUT ROWID;
"""
TRIM_STEP = 2_000
_headers = msgspec.msgpack.Decoder(Headers)


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record with its place. `at` in milliseconds."""

    offset: int
    at: int
    key: bytes | None
    value: bytes
    headers: Headers


class SqliteLog:
    """`partitions` of the topics that are keyed by customer: all of them."""

    def __init__(self, database: SqliteDatabase, clock: Clock, partitions: int) -> None:
        self._database = database
        self._clock = clock
        self.partitions = partitions
        database.setup(SCRIPT)
        self._topics: dict[str, int] = {name: key for key, name in database.read("SELECT id,name FROM topic")}
        last = database.read("SELECT at FROM log ORDER BY off DESC LIMIT 1")
        self._last_at: int = last[0][0] if last else 0
        self._visible = self._last_at
        self._appended = self._last_at
        self._begun = self._shown = 0
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        database.on_commit(self._committed)

    def _topic(self, name: str, connection: sqlite3.Connection) -> int:
        found = self._topics.get(name)
        if found is None:
            connection.execute("INSERT OR IGNORE INTO topic(name) VALUES (?)", (name,))
            found = connection.execute("SELECT id FROM topic WHERE name=?", (name,)).fetchone()[0]
            self._topics[name] = found
        return found

    def write_records(self, connection: sqlite3.Connection, records: Sequence[Record]) -> None:
        """Append inside a transaction of the writer thread: an engine's commit and its outgoing records are one."""
        self._begun += 1
        at = max(self._clock.now(), self._last_at)
        self._last_at = at
        for start in range(0, len(records), 500):
            part = records[start : start + 500]
            values: list[object] = []
            for record in part:
                p = record.partition if record.partition is not None else partition_of(record.key or b"", self.partitions)
                headers = msgspec.msgpack.encode(record.headers) if record.headers else None
                values += (self._topic(record.topic, connection), p, at, record.key, record.value, headers)
            connection.execute(f"INSERT INTO log(topic,p,at,key,value,headers) VALUES {in_rows(6, len(part))}", values)
        self._appended = at

    def _committed(self) -> None:
        self._visible = self._appended
        self._shown = self._begun
        for loop, event in list(self._waiting):
            try:
                loop.call_soon_threadsafe(event.set)
            except RuntimeError:
                self._waiting.discard((loop, event))

    async def append(self, records: Sequence[Record]) -> None:
        """Durable when this returns."""
        await self._database.write(lambda connection: self.write_records(connection, records))

    def read(self, topic: str, partition: int, after: int, limit: int) -> list[LogRecord]:
        """Up to `limit` records with an offset greater than `after`."""
        number = self._topics.get(topic)
        if number is None:
            return []
        rows = self._database.read(
            "SELECT off,at,key,value,headers FROM log WHERE topic=? AND p=? AND off>? ORDER BY off LIMIT ?",
            (number, partition, after, limit),
        )
        return [LogRecord(off, at, key, value, _headers.decode(headers) if headers else ()) for off, at, key, value, headers in rows]

    def complete_through(self) -> int:
        """Every record accepted up to this instant can be read. Ask before reading."""
        now = self._clock.now()
        return now - 1 if self._begun == self._shown else self._visible - 1

    def position(self, group: str, topic: str, partition: int) -> int:
        """The offset of the last record a group has finished with; 0 at the beginning."""
        number = self._topics.get(topic)
        rows = (
            []
            if number is None
            else self._database.read("SELECT pos FROM consumed WHERE grp=? AND topic=? AND p=?", (group, number, partition))
        )
        return int(rows[0][0]) if rows else 0

    async def advance(self, positions: Iterable[tuple[str, str, int, int]]) -> None:
        """Move (group, topic, partition) to a position. Durable when this returns."""
        moves = list(positions)

        def work(connection: sqlite3.Connection) -> None:
            for group, topic, partition, position in moves:
                self.write_position(connection, group, topic, partition, position)

        await self._database.write(work)

    async def append_and_advance(self, records: Sequence[Record], positions: Sequence[tuple[str, str, int, int]]) -> None:
        """Both in one transaction."""

        def work(connection: sqlite3.Connection) -> None:
            if records:
                self.write_records(connection, records)
            for group, topic, partition, position in positions:
                self.write_position(connection, group, topic, partition, position)

        await self._database.write(work)

    def advance_soon(self, positions: Sequence[tuple[str, str, int, int]]) -> None:
        """As `advance`, without waiting: where something else is the truth and this is only for lag and trimming."""

        def work(connection: sqlite3.Connection) -> None:
            for position in positions:
                self.write_position(connection, *position)

        self._database.submit(work)

    def write_position(self, connection: sqlite3.Connection, group: str, topic: str, partition: int, position: int) -> None:
        """As `advance`, inside a transaction of the writer thread."""
        connection.execute(
            "INSERT INTO consumed(grp,topic,p,pos) VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET pos=max(pos,excluded.pos)",
            (group, self._topic(topic, connection), partition, position),
        )

    def depth(self, group: str, topic: str) -> int:
        """Records of a topic that a group has not finished with."""
        number = self._topics.get(topic)
        if number is None:
            return 0
        return sum(
            self._database.read("SELECT count(*) FROM log WHERE topic=? AND p=? AND off>?", (number, p, self.position(group, topic, p)))[0][
                0
            ]
            for p in range(self.partitions)
        )

    def waiter(self) -> asyncio.Event:
        """An event that is set after every commit; the reader clears it before it reads."""
        event = asyncio.Event()
        self._waiting.add((asyncio.get_running_loop(), event))
        return event

    async def trim(self, topics: Sequence[str], groups: Sequence[str], keep_from: int) -> int:
        """Delete records of `topics` that all `groups` have finished with and that arrived before `keep_from`; returns how many."""
        removed = 0
        for topic in topics:
            number = self._topics.get(topic)
            if number is None:
                continue
            for p in range(self.partitions):
                below = min(self.position(group, topic, p) for group in groups)

                def work(connection: sqlite3.Connection, number: int = number, p: int = p, below: int = below) -> int:
                    return connection.execute(
                        "DELETE FROM log WHERE off IN (SELECT off FROM log WHERE topic=? AND p=? AND off<=? AND at<? ORDER BY off LIMIT ?)",
                        (number, p, below, keep_from, TRIM_STEP),
                    ).rowcount

                removed += await self._database.write(work)
        return removed

    async def trim_by_age(self, topic: str, keep_from: int) -> None:
        """Delete records of a topic nobody follows by position, that arrived before `keep_from`."""
        number = self._topics.get(topic)
        if number is not None:
            sql = "DELETE FROM log WHERE off IN (SELECT off FROM log WHERE topic=? AND at<? LIMIT ?)"
            await self._database.write(lambda connection: connection.execute(sql, (number, keep_from, TRIM_STEP)).rowcount)
