"""What the sandbox has received, kept in SQLite before the answer is written, so that a restart shows it still."""

import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from workers.sandbox.writer import GroupCommit

FILE = "sandbox.db"
MOST_IN_MEMORY = 10_000
"""Messages kept when there is no folder; the oldest go."""
SCRIPT = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS message(n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, recipient TEXT NOT NULL,
  intent TEXT, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS message_to ON message(recipient, n);
CREATE INDEX IF NOT EXISTS message_intent ON message(intent);
CREATE TABLE IF NOT EXISTS stopped(sender TEXT, recipient TEXT, PRIMARY KEY(sender, recipient)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbound(recipient TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reply(n INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
"""
TRIM = f"""
CREATE TEMP TRIGGER trim_message AFTER INSERT ON message BEGIN DELETE FROM message WHERE n <= NEW.n - {MOST_IN_MEMORY}; END;
CREATE TEMP TRIGGER trim_reply AFTER INSERT ON reply BEGIN DELETE FROM reply WHERE n <= NEW.n - {MOST_IN_MEMORY}; END;
"""
COLUMNS = {"to": "recipient=?", "channel": "channel=?", "intent": "intent=?", "id": "id=?", "since": "at>=?", "before": "n<?",
           "from": "json_extract(CAST(body AS TEXT),'$.from')=?", "provider": "json_extract(CAST(body AS TEXT),'$.provider')=?"}  # fmt: skip
Message = dict[str, object]


class SandboxStore:
    """One file `sandbox.db` in `folder`; None keeps the latest messages in memory.

    Reads see only what is committed: a file is read through a connection of its own, which never waits for the writer's sync.
    """

    def __init__(self, folder: Path | None) -> None:
        path = ":memory:" if folder is None else str(folder / FILE)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript(SCRIPT if folder is not None else SCRIPT + TRIM)
        self._reader = self._database if folder is None else sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock = threading.Lock()
        self._writer = GroupCommit(self._database, self._lock)

    async def add(self, messages: list[Message]) -> None:
        """Durable on return. A message has `id channel to received_at`, perhaps `intent`, and whatever else is shown."""
        rows = [(m["id"], m["channel"], m["to"], m.get("intent"), m["received_at"], msgspec.json.encode(m)) for m in messages]
        await self._writer.write("INSERT INTO message(id,channel,recipient,intent,at,body) VALUES (?,?,?,?,?,?)", rows)

    async def set_status(self, message_id: str, status: str, error_code: int | None = None) -> None:
        """The latest word on a message."""
        sql = "UPDATE message SET body=CAST(json_set(CAST(body AS TEXT),'$.status',?,'$.error_code',?) AS BLOB) WHERE id=?"
        await self._writer.write(sql, [(status, error_code, message_id)])

    async def add_reply(self, reply: Message) -> None:
        """What a customer has written."""
        await self._writer.write("INSERT INTO reply(body) VALUES (?)", [(msgspec.json.encode(reply),)])

    async def stop(self, sender: str, recipient: str, *, stopped: bool) -> None:
        """A recipient says stop (or start) to a sender."""
        sql = "INSERT OR IGNORE INTO stopped VALUES (?,?)" if stopped else "DELETE FROM stopped WHERE sender=? AND recipient=?"
        await self._writer.write(sql, [(sender, recipient)])

    async def heard_from(self, recipient: str, at: int) -> None:
        """The recipient wrote to us: WhatsApp's 24 hours begin."""
        await self._writer.write("INSERT OR REPLACE INTO inbound VALUES (?,?)", [(recipient, at)])

    async def clear(self) -> None:
        """Forget all messages and replies; who said stop stays."""
        await self._writer.write("DELETE FROM message WHERE n>?", [(0,)])
        await self._writer.write("DELETE FROM reply WHERE n>?", [(0,)])

    def is_stopped(self, sender: str, recipient: str) -> bool:
        return bool(self._read("SELECT 1 FROM stopped WHERE sender=? AND recipient=?", (sender, recipient)))

    def last_inbound(self, recipient: str) -> int | None:
        """Milliseconds since 1970."""
        rows = self._read("SELECT at FROM inbound WHERE recipient=?", (recipient,))
        return int(rows[0][0]) if rows else None

    def messages(self, filters: Mapping[str, str | int], limit: int, skip: int = 0) -> list[Message]:
        """Newest first. Filters: `to channel intent id from provider`, `since` (ms) and `before` (a message's `n`)."""
        where = " AND ".join(COLUMNS[key] for key in filters) or "1"
        rows = self._read(f"SELECT n,body FROM message WHERE {where} ORDER BY n DESC LIMIT ? OFFSET ?", (*filters.values(), limit, skip))
        return [{**msgspec.json.decode(_bytes(body)), "n": n} for n, body in rows]

    def replies(self, limit: int) -> list[Message]:
        """Newest first."""
        return [msgspec.json.decode(_bytes(body)) for (body,) in self._read("SELECT body FROM reply ORDER BY n DESC LIMIT ?", (limit,))]

    def count(self) -> int:
        """Messages kept."""
        return int(self._read("SELECT count(*) FROM message", ())[0][0])

    def close(self) -> None:
        """What waits is written first."""
        self._writer.close()
        if self._reader is not self._database:
            self._reader.close()
        self._database.close()

    def _read(self, sql: str, parameters: tuple[object, ...]) -> list[tuple[Any, ...]]:
        if self._reader is not self._database:
            return self._reader.execute(sql, parameters).fetchall()
        with self._lock:
            return self._reader.execute(sql, parameters).fetchall()


def _bytes(body: object) -> bytes:
    """SQLite gives back text where JSON functions wrote."""
    return body if isinstance(body, bytes) else str(body).encode()
