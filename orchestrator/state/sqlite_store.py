"""The store in SQLite: one transaction per commit. Outgoing records go to the log in that transaction, so there is no outbox."""

import hashlib
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, ClaimState, Settlement
from orchestrator.errors import Conflict, StoreRefused
from orchestrator.model.queue import Slot, SlotRequest
from orchestrator.state import sqlite_shared
from orchestrator.state.history import BLOCKS
from orchestrator.state.sqlite_claims import SCRIPT as CLAIMS_SCRIPT
from orchestrator.state.sqlite_claims import confirm_claims, known_ids, next_sequence, settle_claims, standing_claims, take_claims
from orchestrator.state.sqlite_database import ROWS, SqliteDatabase, in_rows
from orchestrator.state.sqlite_everybody import customers_behind, pages
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_shared import SCRIPT as SHARED_SCRIPT
from orchestrator.state.store import GRANTED, SCHEMA, Commit, Owned, Timer

SCRIPT = """
CREATE TABLE IF NOT EXISTS store(id TEXT NOT NULL, schema INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS part(p INTEGER PRIMARY KEY, own TEXT NOT NULL, ver INTEGER NOT NULL, last TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE IF NOT EXISTS cursor(p INTEGER NOT NULL, src TEXT NOT NULL, pos INTEGER NOT NULL, PRIMARY KEY(p,src)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS profile(p INTEGER NOT NULL, id TEXT NOT NULL, v BLOB NOT NULL, PRIMARY KEY(p,id)) STRICT;
CREATE TABLE IF NOT EXISTS timer(p INTEGER NOT NULL, id TEXT NOT NULL, due INTEGER NOT NULL, PRIMARY KEY(p,id)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS timer_due ON timer(p,due,id);
CREATE TABLE IF NOT EXISTS guard(p INTEGER NOT NULL, id TEXT NOT NULL, v BLOB NOT NULL, PRIMARY KEY(p,id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history(p INTEGER NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, e BLOB NOT NULL, PRIMARY KEY(p,id,seq)) STRICT, WITHOUT ROWID;
"""


def _digest(version: int, commit: Commit) -> str:
    """Names the bytes of a commit, so that the same call again is recognised."""
    body = msgspec.msgpack.encode(
        (
            version, commit.cursors, commit.profiles, commit.timers, commit.guards, commit.history, sorted(commit.forgotten),
            list(commit.outbox),
        ),
        order="deterministic",
    )  # fmt: skip
    return hashlib.blake2b(body, digest_size=12).hexdigest()


class SqliteStore:
    """All partitions in one database. `store_id` is written into a new store and read from an old one."""

    def __init__(self, database: SqliteDatabase, log: SqliteLog, store_id: str) -> None:
        """Raises StoreRefused when the store is of a newer schema."""
        self._database = database
        self._log = log
        database.setup(SCRIPT + CLAIMS_SCRIPT + SHARED_SCRIPT)
        quoted = store_id.replace("'", "''")
        database.setup(f"INSERT INTO store SELECT '{quoted}', {SCHEMA} WHERE NOT EXISTS (SELECT 1 FROM store);")
        self.id, schema = database.read("SELECT id,schema FROM store")[0]
        if schema > SCHEMA:
            raise StoreRefused(f"the data folder has schema {schema}, this program knows {SCHEMA}: upgrade the program")

    publishes = True
    """Outgoing records are published with the commit."""

    async def take_over(self, partition: int, token: str, expected: str | None = None) -> Owned:
        if expected is not None and expected != self.id:
            raise StoreRefused(f"this is store {self.id}, the log belongs to {expected}: connect the right store, or rebuild")

        def work(connection: sqlite3.Connection) -> Owned:
            connection.execute(
                "INSERT INTO part(p,own,ver) VALUES (?,?,0) ON CONFLICT DO UPDATE SET own=excluded.own, last=''", (partition, token)
            )
            version = connection.execute("SELECT ver FROM part WHERE p=?", (partition,)).fetchone()[0]
            cursors = dict(connection.execute("SELECT src,pos FROM cursor WHERE p=?", (partition,)).fetchall())
            return Owned(version, cursors, self.id)

        return await self._database.write(work)

    async def grant(self, name: str, most: int, want: int, partition: int, used: Mapping[int, int]) -> int:
        return await self._database.write(lambda c: sqlite_shared.grant_places(c, name, most, want, partition, used))

    async def take_slots(self, name: str, wanted: Sequence[SlotRequest]) -> list[Slot | None]:
        return await self._database.write(lambda c: sqlite_shared.take_slots(c, name, wanted))

    async def load(self, partition: int, customers: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for start in range(0, len(customers), ROWS):
            part = customers[start : start + ROWS]
            found.update(
                self._database.read(f"SELECT id,v FROM profile WHERE p=? AND id IN ({','.join('?' * len(part))})", [partition, *part])
            )
        return found

    async def everybody(self) -> AsyncIterator[dict[str, bytes]]:
        for page in pages(self._database):
            yield page

    async def customers_of(self, partition: int, after: str, limit: int) -> tuple[list[str], str | None]:
        return customers_behind(self._database, partition, after, limit)

    async def commit(self, partition: int, token: str, version: int, commit: Commit) -> int:
        return await self._database.write(lambda connection: self._commit(connection, partition, token, version, commit))

    def _commit(self, connection: sqlite3.Connection, p: int, token: str, version: int, commit: Commit) -> int:
        digest = _digest(version, commit)
        done = connection.execute("UPDATE part SET ver=ver+1, last=? WHERE p=? AND own=? AND ver=?", (digest, p, token, version))
        if done.rowcount != 1:
            row = connection.execute("SELECT own,ver,last FROM part WHERE p=?", (p,)).fetchone()
            if row == (token, version + 1, digest):
                return version + 1
            raise Conflict(f"partition {p}: owner or version moved (now {row}, expected version {version})")
        next_sequence(connection)
        if commit.cursors:
            _upsert(connection, "cursor(p,src,pos)", "pos", [(p, source, position) for source, position in commit.cursors.items()])
        _upsert(connection, "profile(p,id,v)", "v", [(p, c, v) for c, v in commit.profiles.items() if v is not None])
        _delete(connection, "profile", p, [c for c, v in commit.profiles.items() if v is None])
        _upsert(connection, "timer(p,id,due)", "due", [(p, c, due) for c, due in commit.timers.items() if due is not None])
        _delete(connection, "timer", p, [c for c, due in commit.timers.items() if due is None])
        _upsert(connection, "guard(p,id,v)", "v", [(p, c, v) for c, v in commit.guards.items() if v is not None])
        _delete(connection, "guard", p, [c for c, v in commit.guards.items() if v is None])
        _delete(connection, "history", p, sorted(commit.forgotten))
        _append_history(connection, p, commit.history)
        if commit.outbox:
            self._log.write_records(connection, commit.outbox)
        return version + 1

    async def due(self, partition: int, until: int, limit: int, after: Timer | None = None) -> list[Timer]:
        start = (after.due, after.customer) if after is not None else (-1, "")
        rows = self._database.read(
            "SELECT id,due FROM timer WHERE p=? AND (due,id)>(?,?) AND due<=? ORDER BY due,id LIMIT ?", (partition, *start, until, limit)
        )
        return [Timer(customer, due) for customer, due in rows]

    async def next_due(self, partition: int) -> int | None:
        rows = self._database.read("SELECT min(due) FROM timer WHERE p=?", (partition,))
        return None if rows[0][0] is None else int(rows[0][0])

    def timers(self) -> int:
        """How many customers wait for time."""
        return int(self._database.read("SELECT count(*) FROM timer")[0][0])

    async def verify(self, partition: int, token: str, version: int) -> Sequence[str]:
        found = self._database.read("SELECT own,ver FROM part WHERE p=?", (partition,))
        if found != [(token, version)]:
            raise Conflict(f"partition {partition}: owner or version moved (now {found}, expected version {version})")
        return ()

    async def published(self, partition: int, entry: str) -> None:
        """Nothing to do: records are in the log with the commit."""

    async def history(self, partition: int, customer: str) -> list[bytes]:
        return [row[0] for row in self._database.read("SELECT e FROM history WHERE p=? AND id=? ORDER BY seq", (partition, customer))]

    async def suppress(self, addresses: Sequence[tuple[str, str]]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            for address, kind in addresses:
                if kind == GRANTED:
                    connection.execute("DELETE FROM address WHERE hash=? AND kind='erased'", (address,))
                    continue
                connection.execute(
                    "INSERT INTO address VALUES (?,?) ON CONFLICT DO UPDATE SET kind=excluded.kind WHERE kind='erased' OR excluded.kind='dead'",
                    (address, kind),
                )

        await self._database.write(work)

    async def suppressed(self, hashes: Sequence[str]) -> dict[str, str]:
        return dict(self._database.read(f"SELECT hash,kind FROM address WHERE hash IN ({','.join('?' * len(hashes))})", list(hashes)))

    async def claim(self, partition: int, requests: list[ClaimRequest]) -> list[ClaimResult]:
        return await self._database.write(lambda connection: take_claims(connection, partition, requests))

    async def settle(self, partition: int, settlements: list[Settlement]) -> list[bool]:  # noqa: ARG002  (the protocol's signature)
        return await self._database.write(lambda connection: settle_claims(connection, settlements))

    async def claims(self, partition: int, intents: Sequence[str]) -> dict[str, Claim]:  # noqa: ARG002  (the protocol's signature)
        return self._database.look(lambda connection: standing_claims(connection, intents))

    def claim_counts(self) -> dict[ClaimState, int]:
        """Claims by state."""
        return dict(self._database.read("SELECT state,count(*) FROM claim GROUP BY state"))

    async def confirm(self, found: Mapping[str, str | None]) -> None:
        """A provider's own word that it has these intents (and its id for them): proof, whatever their sender heard."""
        if not found:
            return

        await self._database.write(lambda connection: confirm_claims(connection, found))

    async def known(self, partition: int, address_hash: str) -> dict[str, str]:  # noqa: ARG002  (the protocol's signature)
        return self._database.look(lambda connection: known_ids(connection, address_hash))

    async def owners(self, intents: Sequence[str]) -> dict[str, str]:
        """Whose these claimed intents are: webhooks carry nothing but the intent."""
        found: dict[str, str] = {}
        for start in range(0, len(intents), ROWS):
            part = list(intents[start : start + ROWS])
            found.update(self._database.read(f"SELECT id,customer FROM claim WHERE id IN ({','.join('?' * len(part))})", tuple(part)))
        return found

    async def written_to(self, address_hash: str) -> list[str]:
        """Customers we have written to at an address, the latest first."""
        rows = self._database.read(
            "SELECT customer,max(seq) FROM claim WHERE address=? GROUP BY customer ORDER BY 2 DESC LIMIT 20", (address_hash,)
        )
        return [row[0] for row in rows]

    def customers(self) -> list[tuple[int, str]]:
        """(partition, id) of every profile; for reports and comparisons."""
        return [(int(p), str(c)) for p, c in self._database.read("SELECT p,id FROM profile ORDER BY p,id")]

    async def forget_claims(self, before: int, written_before: int) -> int:
        """Delete settled claims older than `before`; returns how many. The latest to each person and address stays until
        `written_before`: by it an answer (STOP among them) finds its person."""
        sql = """DELETE FROM claim WHERE at<? AND state='done' AND (at<? OR seq<(
          SELECT max(seq) FROM claim AS other WHERE other.address=claim.address AND other.customer=claim.customer))"""
        return await self._database.write(lambda c: c.execute(sql, (before, written_before)).rowcount)


def _upsert(connection: sqlite3.Connection, target: str, column: str, rows: list[tuple[object, ...]]) -> None:
    for start in range(0, len(rows), ROWS):
        part = rows[start : start + ROWS]
        connection.execute(
            f"INSERT INTO {target} VALUES {in_rows(3, len(part))} ON CONFLICT DO UPDATE SET {column}=excluded.{column}",
            [value for row in part for value in row],
        )


def _delete(connection: sqlite3.Connection, table: str, partition: int, customers: list[str]) -> None:
    for start in range(0, len(customers), ROWS):
        part = customers[start : start + ROWS]
        connection.execute(f"DELETE FROM {table} WHERE p=? AND id IN ({','.join('?' * len(part))})", [partition, *part])


def _append_history(connection: sqlite3.Connection, partition: int, blocks: Mapping[str, bytes]) -> None:
    """One more block each; of more than BLOCKS the oldest goes."""
    customers = list(blocks)
    for start in range(0, len(customers), ROWS):
        part = customers[start : start + ROWS]
        last: dict[str, int] = dict(
            connection.execute(
                f"SELECT id,max(seq) FROM history WHERE p=? AND id IN ({','.join('?' * len(part))}) GROUP BY id", [partition, *part]
            )
        )
        new = [(partition, customer, last.get(customer, 0) + 1, blocks[customer]) for customer in part]
        connection.execute(f"INSERT INTO history VALUES {in_rows(4, len(new))}", [value for row in new for value in row])
        old = [value for _p, customer, number, _block in new if number > BLOCKS for value in (customer, number - BLOCKS)]
        if old:
            connection.execute(f"DELETE FROM history WHERE p=? AND (id,seq) IN (VALUES {in_rows(2, len(old) // 2)})", [partition, *old])
