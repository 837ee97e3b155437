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
LAST = 2**63 - 1
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
        self._visible = self._appended = self._last_at
        self._promised = self._last_at - 1
        self._begun = self._shown = 0
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        database.on_commit(self._committed)

    def _topic(self, name: str, connection: sqlite3.Connection) -> int:
        """In a transaction: what it makes is not remembered here, since the transaction may yet be undone."""
        found = self._topics.get(name)
        if found is not None:
            return found
        row = connection.execute("SELECT id FROM topic WHERE name=?", (name,)).fetchone()
        if row is None:
            row = connection.execute("INSERT INTO topic(name) VALUES (?) RETURNING id", (name,)).fetchone()
        return int(row[0])

    def _known(self, name: str) -> int | None:
        """The number of a topic that is committed; None before its first record."""
        if name not in self._topics:
            rows = self._database.read("SELECT id FROM topic WHERE name=?", (name,))
            if not rows:
                return None
            self._topics[name] = int(rows[0][0])
        return self._topics[name]

    def write_records(self, connection: sqlite3.Connection, records: Sequence[Record]) -> None:
        """Append inside a transaction of the writer thread: an engine's commit and its outgoing records are one."""
        self._begun += 1  # before the instant is taken: see complete_through
        at = max(self._clock.now(), self._last_at, self._promised + 1)
        self._last_at = at
        numbers = {name: self._topic(name, connection) for name in dict.fromkeys(record.topic for record in records)}
        for start in range(0, len(records), 500):
            part = records[start : start + 500]
            values: list[object] = []
            for record in part:
                p = record.partition if record.partition is not None else partition_of(record.key or b"", self.partitions)
                headers = msgspec.msgpack.encode(record.headers) if record.headers else None
                values += (numbers[record.topic], p, at, record.key, record.value, headers)
            connection.execute(f"INSERT INTO log(topic,p,at,key,value,headers) VALUES {in_rows(6, len(part))}", values)
        self._appended = at

    def _committed(self) -> None:
        self._visible = self._appended
        self._shown = self._begun
        self.wake()

    def wake(self) -> None:
        """Set every waiter's event: there is something new, or it is time to stop."""
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
        number = self._known(topic)
        if number is None:
            return []
        rows = self._database.read(
            "SELECT off,at,key,value,headers FROM log WHERE topic=? AND p=? AND off>? ORDER BY off LIMIT ?",
            (number, partition, after, limit),
        )
        return [LogRecord(off, at, key, value, _headers.decode(headers) if headers else ()) for off, at, key, value, headers in rows]

    def complete_through(self) -> int:
        """Every record accepted up to this instant can be read, and none will be stamped so early again, even if the clock is set back.

        Ask before reading. The promise is written before it is checked that nothing is under way, and the writer says that it
        has begun before it looks at the promise: one of the two sees the other.
        """
        now, visible = self._clock.now(), self._visible
        # a clock that was set back is behind what it has stamped: what can be read then does not wait until it has caught up
        self._promised = max(self._promised, now - 1, visible if visible > now else 0)
        return self._promised if self._begun == self._shown else visible - 1

    def position(self, group: str, topic: str, partition: int) -> int:
        """The offset of the last record a group has finished with; 0 at the beginning."""
        number = self._known(topic)
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
        number = self._known(topic)
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
            for p in range(self.partitions):
                removed += await self._trim(topic, p, min(self.position(group, topic, p) for group in groups), keep_from)
        return removed

    async def trim_by_age(self, topic: str, keep_from: int) -> int:
        """Delete records of a topic nobody follows by position, that arrived before `keep_from`; returns how many."""
        return sum([await self._trim(topic, p, LAST, keep_from) for p in range(self.partitions)])

    async def _trim(self, topic: str, partition: int, below: int, keep_from: int) -> int:
        """In steps, so that other writes get their turn; each looks at the oldest records only, since arrivals rise with offsets."""
        number = self._known(topic)
        removed, step = 0, TRIM_STEP

        def work(connection: sqlite3.Connection) -> int:
            return connection.execute(
                "DELETE FROM log WHERE off IN (SELECT off FROM (SELECT off,at FROM log WHERE topic=? AND p=? AND off<=? "
                "ORDER BY off LIMIT ?) WHERE at<?)",
                (number, partition, below, TRIM_STEP, keep_from),
            ).rowcount

        while number is not None and step == TRIM_STEP:
            step = await self._database.write(work)
            removed += step
        return removed
