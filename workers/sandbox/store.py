"""What the sandbox has received, kept in SQLite before the answer is written, so that a restart shows it still."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

SCRIPT = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS message(n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, recipient TEXT NOT NULL,
  intent TEXT, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS message_to ON message(recipient, n);
CREATE INDEX IF NOT EXISTS message_intent ON message(intent);
CREATE TABLE IF NOT EXISTS stopped(sender TEXT, recipient TEXT, PRIMARY KEY(sender, recipient)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbound(recipient TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
Message = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Job:
    sql: str
    rows: list[tuple[object, ...]]
    future: "asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop


class SandboxStore:
    """One file `sandbox.db` in `folder`; None keeps it in memory."""

    def __init__(self, folder: Path | None) -> None:
        path = ":memory:" if folder is None else str(folder / "sandbox.db")
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(SCRIPT)
        self._mutex = threading.Lock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="sandbox-writer", daemon=True)
        self._thread.start()

    async def _write(self, sql: str, rows: list[tuple[object, ...]]) -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._jobs.put(_Job(sql, rows, future, loop))
        await future

    def _work(self) -> None:
        while True:
            jobs = [self._jobs.get()]
            while len(jobs) < 500 and not self._jobs.empty():
                jobs.append(self._jobs.get())
            live = [job for job in jobs if job is not None]
            with self._mutex:
                self._db.execute("BEGIN")
                for job in live:
                    self._db.executemany(job.sql, job.rows)
                self._db.execute("COMMIT")
            for job in live:
                job.loop.call_soon_threadsafe(_resolve, job.future)
            if len(live) != len(jobs):
                return

    async def add(self, messages: list[Message]) -> None:
        """Durable on return."""
        rows: list[tuple[object, ...]] = [
            (m["id"], m["channel"], m["to"], m.get("intent"), m["received_at"], msgspec.json.encode(m)) for m in messages
        ]
        await self._write("INSERT INTO message(id,channel,recipient,intent,at,body) VALUES (?,?,?,?,?,?)", rows)

    async def set_status(self, message_id: str, status: str) -> None:
        """The latest word on a message."""
        await self._write(
            "UPDATE message SET body=CAST(json_set(CAST(body AS TEXT),'$.status',?) AS BLOB) WHERE id=?", [(status, message_id)]
        )

    async def stop(self, sender: str, recipient: str, *, stopped: bool) -> None:
        """A recipient says stop (or start) to a sender."""
        sql = "INSERT OR IGNORE INTO stopped VALUES (?,?)" if stopped else "DELETE FROM stopped WHERE sender=? AND recipient=?"
        await self._write(sql, [(sender, recipient)])

    async def heard_from(self, recipient: str, at: int) -> None:
        """The recipient wrote to us."""
        await self._write("INSERT OR REPLACE INTO inbound VALUES (?,?)", [(recipient, at)])

    async def clear(self) -> None:
        """Forget all messages."""
        await self._write("DELETE FROM message WHERE n>?", [(0,)])

    def _read(self, sql: str, parameters: tuple[object, ...]) -> list[tuple[object, ...]]:
        with self._mutex:
            return self._db.execute(sql, parameters).fetchall()

    def is_stopped(self, sender: str, recipient: str) -> bool:
        return bool(self._read("SELECT 1 FROM stopped WHERE sender=? AND recipient=?", (sender, recipient)))

    def last_inbound(self, recipient: str) -> int | None:
        rows = self._read("SELECT at FROM inbound WHERE recipient=?", (recipient,))
        return int(str(rows[0][0])) if rows else None

    def messages(self, filters: Mapping[str, str], limit: int, since: int = 0) -> list[Message]:
        """Newest first. Filters: to, channel, intent, id."""
        columns = {"to": "recipient", "channel": "channel", "intent": "intent", "id": "id"}
        chosen = [(columns[key], value) for key, value in filters.items() if key in columns]
        where = "".join(f" AND {column}=?" for column, _value in chosen)
        rows = self._read(
            f"SELECT body FROM message WHERE at>=?{where} ORDER BY n DESC LIMIT ?", (since, *(value for _c, value in chosen), limit)
        )
        return [msgspec.json.decode(bytes(row[0]) if isinstance(row[0], bytes) else str(row[0]).encode()) for row in rows]

    def count(self) -> int:
        return int(str(self._read("SELECT count(*) FROM message", ())[0][0]))

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join(timeout=10)
        self._db.close()


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
