"""The store in Redis: one script per commit, compare-and-set on the owner's token and the version."""

import logging
from collections.abc import AsyncIterator, Sequence

import msgspec

from orchestrator.contracts.record import Record
from orchestrator.errors import Conflict, StoreRefused, TornPartition
from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_everybody import customers_of, everybody
from orchestrator.state.redis_health import require_redis
from orchestrator.state.redis_intents import RedisIntents
from orchestrator.state.redis_meta import cursor_fields, cursors_of, fields_of
from orchestrator.state.redis_scripts import COMMIT, SUPPRESS, TAKE_OVER
from orchestrator.state.redis_shared import RedisShared
from orchestrator.state.store import SCHEMA, Commit, Owned, Timer

CLAIM_LIFE = 30 * 86_400
"""Seconds. Opens and clicks come weeks after the message."""
_log = logging.getLogger(__name__)
_records = msgspec.msgpack.Decoder(list[Record])
_encoder = msgspec.msgpack.Encoder(order="deterministic")
_TORN = "a commit of partition {0} broke off in the middle: stop its owner, and restore it with `concierge rebuild`"

_EMPTIED = "Redis was emptied: {0}. Nothing is done on an empty store, or everybody would be written to again: `concierge rebuild`"


class RedisStore(RedisIntents, RedisShared):
    """All partitions of a deployment. Made by `open_redis`."""

    def __init__(self, connection: RedisConnection, store_id: str, partitions: int, life: int = CLAIM_LIFE) -> None:
        super().__init__(connection, store_id, partitions, life)
        self.id = store_id
        self.connection = connection
        self.sequence = 0
        """Of the last commit made here, in the order of its partition's commits and claims."""

    async def close(self) -> None:
        await self.connection.close()

    async def take_over(self, partition: int, token: str, expected: str | None = None) -> Owned:
        if expected is not None and expected != self.id:
            raise StoreRefused(f"this is store {self.id}, the log belongs to {expected}: connect the right store, or rebuild")
        held = await self.connection.command("GET", keys.STORE)
        if held is None:
            raise StoreRefused(_EMPTIED.format(f"store {self.id} has lost its id"))
        if held.decode() != self.id:
            raise StoreRefused(f"this was store {self.id} and is store {held.decode()} now: restart, and `concierge rebuild` what was lost")
        k = self._keys(partition)
        code, *rest = await self.connection.script(TAKE_OVER, [k.meta], [SCHEMA, token, self.id, int(expected is not None)])
        match code:
            case -2:
                raise StoreRefused(f"the store has schema {rest[0].decode()}, this program knows {SCHEMA}: upgrade the program")
            case -3:
                raise TornPartition(_TORN.format(partition))
            case -4:
                raise StoreRefused(f"partition {partition} belongs to store {rest[0].decode()}, this is {self.id}: two stores were mixed")
            case -5:
                raise StoreRefused(_EMPTIED.format(f"there is nothing of partition {partition}, and its log was read already"))
            case _:
                pass
        fields = fields_of(rest[0])
        outbox = await self.connection.command("HGETALL", k.outbox)
        return Owned(
            int(fields[b"ver"]),
            cursors_of(fields),
            self.id,
            [
                (entry.decode(), _records.decode(value))
                for entry, value in sorted(_pairs(outbox), key=lambda one: int(one[0].rpartition(b":")[2]))
            ],
        )

    async def load(self, partition: int, customers: Sequence[str]) -> dict[str, bytes]:
        k = self._keys(partition)
        values = await self.connection.get_many([k.profile(customer) for customer in customers])
        return {customer: value for customer, value in zip(customers, values, strict=True) if value is not None}

    def everybody(self) -> AsyncIterator[dict[str, bytes]]:
        return everybody(self.connection, self._partitions)

    async def customers_of(self, partition: int, after: str, limit: int) -> tuple[list[str], str | None]:
        return await customers_of(self.connection, self._keys(partition), self._partitions, after, limit)

    async def commit(self, partition: int, token: str, version: int, commit: Commit) -> int:
        k = self._keys(partition)
        sets: list[tuple[bytes, bytes]] = []
        unlinked: list[bytes] = []
        for name, table in ((k.profile, commit.profiles), (k.guard, commit.guards)):
            for customer, value in table.items():
                if value is None:
                    unlinked.append(name(customer))
                else:
                    sets.append((name(customer), value))
        unlinked += [k.history(customer) for customer in sorted(commit.forgotten)]
        cleared = [_member(customer) for customer, due in commit.timers.items() if due is None]
        timers: list[bytes | int] = [
            part for customer, due in commit.timers.items() if due is not None for part in (due, _member(customer))
        ]
        outbox: list[bytes | str] = [f"{token}:{version}", _encoder.encode(list(commit.outbox))] if commit.outbox else []
        cursors = cursor_fields(commit.cursors)
        arguments: list[bytes | str | int] = [
            len(cleared), *cleared, len(timers), *timers, len(outbox), *outbox, len(sets), *(value for _key, value in sets),
            len(unlinked), len(commit.history), *commit.history.values(), len(cursors), *cursors,
        ]  # fmt: skip
        names = [
            k.meta,
            k.timers,
            k.outbox,
            *(key for key, _value in sets),
            *unlinked,
            *(k.history(customer) for customer in commit.history),
        ]
        # names these bytes, so that the same call again is recognised; nobody but this process makes it again
        digest = hash((*names, *arguments))
        code, *rest = await self.connection.script(COMMIT, names, [token, version, digest, *arguments])
        if code == 1:
            self.sequence = int(rest[1]) if len(rest) > 1 else self.sequence
            return int(rest[0])
        if code == -3:
            raise TornPartition(_TORN.format(partition))
        raise _conflict(partition, rest, version)

    async def due(self, partition: int, until: int, limit: int, after: Timer | None = None) -> list[Timer]:
        k = self._keys(partition)
        if after is None:
            rows = await self.connection.command("ZRANGEBYSCORE", k.timers, "-inf", until, "WITHSCORES", "LIMIT", 0, limit)
        else:
            member = _member(after.customer)
            rank, before, score = await self.connection.commands(
                [("ZRANK", k.timers, member), ("ZCOUNT", k.timers, "-inf", f"({after.due}"), ("ZSCORE", k.timers, member)]
            )
            # behind it, where it still stands there; else from the beginning of its instant. By rank: a limit's offset is walked
            start = rank + 1 if score is not None and int(float(score)) == after.due else before
            rows = await self.connection.command("ZRANGE", k.timers, start, start + limit - 1, "WITHSCORES")
        found = [Timer(member.decode("utf-8", "surrogateescape"), int(float(score))) for member, score in _pairs(rows)]
        return [timer for timer in found if timer.due <= until]

    async def next_due(self, partition: int) -> int | None:
        rows = await self.connection.command("ZRANGE", self._keys(partition).timers, 0, 0, "WITHSCORES")
        return int(float(rows[1])) if rows else None

    async def verify(self, partition: int, token: str, version: int) -> Sequence[str]:
        k = self._keys(partition)
        (torn, *found), entries = await self.connection.commands([("HMGET", k.meta, "torn", "own", "ver"), ("HKEYS", k.outbox)])
        if torn is not None:
            raise TornPartition(_TORN.format(partition))
        if found != [token.encode(), b"%d" % version]:
            raise _conflict(partition, found, version)
        return [entry.decode() for entry in entries]

    async def published(self, partition: int, entry: str) -> None:
        await self.connection.command("HDEL", self._keys(partition).outbox, entry)

    async def history(self, partition: int, customer: str) -> list[bytes]:
        found: list[bytes] = await self.connection.command("LRANGE", self._keys(partition).history(customer), 0, -1)
        return found

    async def suppress(self, addresses: Sequence[tuple[str, str]]) -> None:
        # not of a partition, so no version would tell that a failover lost it
        by_slot: dict[int, list[tuple[bytes, str]]] = {}
        for address, kind in addresses:
            key = keys.suppressed(address)
            by_slot.setdefault(self.connection.topology.slot(key), []).append((key, kind))
        runs = [([key for key, _kind in some], [kind for _key, kind in some]) for some in by_slot.values()]
        await self.connection.scripts(SUPPRESS, runs, safely=True)

    async def timers(self) -> int:
        """Customers who wait for time, of all partitions."""
        return sum(await self.connection.commands([("ZCARD", self._keys(p).timers) for p in range(self._partitions)]))


async def open_redis(
    url: str, partitions: int, fresh_id: str, *, cluster: bool = False, replicas: int = 0, patience: float = 60.0, life: int = CLAIM_LIFE,
) -> RedisStore:  # fmt: skip
    """Connect; a store that has no id yet gets `fresh_id`. `replicas`: so many must have a claim before its message is sent.
    Raises ServiceUnavailable; ConfigurationError, also for a Redis that
    would forget what it is told (`redis_health`)."""
    connection = RedisConnection(url, cluster=cluster, replicas=replicas, patience=patience)
    try:
        await connection.command("SET", keys.STORE, fresh_id, "NX")
        found = await connection.command("GET", keys.STORE)
        for text in await require_redis(connection, replicas):
            _log.warning("%s", text)
    except BaseException:
        await connection.close()
        raise
    return RedisStore(connection, found.decode(), partitions, life)


def _conflict(partition: int, found: Sequence[bytes | None], version: int) -> Conflict:
    now = [(one or b"").decode() for one in found]
    return Conflict(f"partition {partition}: owner or version moved (now {now}, expected version {version})")


def _member(customer: str) -> bytes:
    return customer.encode("utf-8", "surrogateescape")


def _pairs(flat: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """A hash, or members with their scores."""
    return list(zip(flat[::2], flat[1::2], strict=True))
