"""The store in Redis: one script per commit, compare-and-set on the owner's token and the version."""

import hashlib
from collections.abc import Sequence

import msgspec

from orchestrator.contracts.record import Record
from orchestrator.errors import Conflict, StoreRefused
from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_claims import RedisClaims
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_keys import PartitionKeys
from orchestrator.state.redis_scripts import COMMIT, SUPPRESS, TAKE_OVER
from orchestrator.state.store import SCHEMA, Commit, Owned, Timer

CLAIM_LIFE = 7 * 86_400
MOST = 5_000
"""Keys of one MGET."""
_records = msgspec.msgpack.Decoder(list[Record])
_encoder = msgspec.msgpack.Encoder(order="deterministic")
_TORN = "a commit of partition {0} broke off in the middle: stop its owner, and restore it with `concierge rebuild`"


class RedisStore(RedisClaims):
    """All partitions of a deployment. Made by `open_redis`."""

    def __init__(self, connection: RedisConnection, store_id: str, partitions: int, life: int = CLAIM_LIFE) -> None:
        super().__init__(connection, store_id, partitions, life)
        self.id = store_id
        self.connection = connection
        self.sequence = 0
        """Of the last commit made here, in the order of its partition's commits and claims."""

    async def close(self) -> None:
        await self._connection.close()

    def _keys(self, partition: int) -> PartitionKeys:
        return PartitionKeys(partition, self._partitions)

    async def take_over(self, partition: int, token: str, expected: str | None = None) -> Owned:
        if expected is not None and expected != self.id:
            raise StoreRefused(f"this is store {self.id}, the log belongs to {expected}: connect the right store, or rebuild")
        k = self._keys(partition)
        code, *rest = await self._connection.script(TAKE_OVER, [k.meta], [SCHEMA, token, self.id])
        match code:
            case -2:
                raise StoreRefused(f"the store has schema {rest[0].decode()}, this program knows {SCHEMA}: upgrade the program")
            case -3:
                raise StoreRefused(_TORN.format(partition))
            case -4:
                raise StoreRefused(f"partition {partition} belongs to store {rest[0].decode()}, this is {self.id}: two stores were mixed")
            case _:
                pass
        flat: list[bytes] = rest[0]
        fields = dict(zip(flat[::2], flat[1::2], strict=True))
        outbox = await self._connection.command("HGETALL", k.outbox)
        return Owned(
            int(fields[b"ver"]),
            {name[2:].decode(): int(value) for name, value in fields.items() if name.startswith(b"c:")},
            self.id,
            [
                (entry.decode(), _records.decode(value))
                for entry, value in sorted(_pairs(outbox), key=lambda one: int(one[0].rpartition(b":")[2]))
            ],
        )

    async def load(self, partition: int, customers: Sequence[str]) -> dict[str, bytes]:
        k = self._keys(partition)
        found: dict[str, bytes] = {}
        for start in range(0, len(customers), MOST):
            part = customers[start : start + MOST]
            values = await self._connection.command("MGET", *(k.profile(customer) for customer in part))
            found.update((customer, value) for customer, value in zip(part, values, strict=True) if value is not None)
        return found

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
        timers = [part for customer, due in commit.timers.items() if due is not None for part in (due, _member(customer))]
        outbox = [f"{token}:{version}", _encoder.encode(list(commit.outbox))] if commit.outbox else []
        cursors = [part for topic, at in commit.cursors.items() for part in (f"c:{topic}", at)]
        arguments = [
            token, version, _digest(commit), len(cleared), *cleared, len(timers), *timers, len(outbox), *outbox, len(sets), *(value for _key, value in sets),
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
        code, *rest = await self._connection.script(COMMIT, names, arguments)
        if code == 1:
            self.sequence = int(rest[1]) if len(rest) > 1 else self.sequence
            return int(rest[0])
        if code == -3:
            raise StoreRefused(_TORN.format(partition))
        raise Conflict(f"partition {partition}: owner or version moved (now {[one.decode() for one in rest]}, expected version {version})")

    async def due(self, partition: int, until: int, limit: int, after: Timer | None = None) -> list[Timer]:
        k = self._keys(partition)
        start: int | str = "-inf"
        skip = 0
        if after is not None:
            start = after.due
            held = await self._connection.command("ZRANK", k.timers, _member(after.customer))
            before = await self._connection.command("ZCOUNT", k.timers, "-inf", f"({after.due}")
            score = await self._connection.command("ZSCORE", k.timers, _member(after.customer))
            # behind it, where it still stands there; else from the beginning of its instant
            skip = held - before + 1 if score is not None and int(float(score)) == after.due else 0
        rows = await self._connection.command("ZRANGEBYSCORE", k.timers, start, until, "WITHSCORES", "LIMIT", skip, limit)
        return [Timer(member.decode("utf-8", "surrogateescape"), int(float(score))) for member, score in _scored(rows)]

    async def next_due(self, partition: int) -> int | None:
        rows = _scored(await self._connection.command("ZRANGE", self._keys(partition).timers, 0, 0, "WITHSCORES"))
        return int(float(rows[0][1])) if rows else None

    async def published(self, partition: int, entry: str) -> None:
        await self._connection.command("HDEL", self._keys(partition).outbox, entry)

    async def history(self, partition: int, customer: str) -> list[bytes]:
        found: list[bytes] = await self._connection.command("LRANGE", self._keys(partition).history(customer), 0, -1)
        return found

    async def suppress(self, addresses: Sequence[tuple[str, str]]) -> None:
        for address, kind in addresses:
            await self._connection.script(SUPPRESS, [keys.suppressed(address)], [kind])

    async def timers(self) -> int:
        """Customers who wait for time, of all partitions."""
        return sum([await self._connection.command("ZCARD", self._keys(p).timers) for p in range(self._partitions)])

    async def read_version(self) -> bytes | None:
        """The applied version of the workspace, as it was written."""
        found: bytes | None = await self._connection.command("GET", keys.VERSION)
        return found

    async def write_version(self, value: bytes) -> None:
        await self._connection.command("SET", keys.VERSION, value)


async def open_redis(
    url: str, partitions: int, fresh_id: str, *, cluster: bool = False, patience: float = 60.0, life: int = CLAIM_LIFE
) -> RedisStore:
    """Connect; a store that has no id yet gets `fresh_id`. Raises ServiceUnavailable."""
    connection = RedisConnection(url, cluster=cluster, patience=patience)
    await connection.command("SET", keys.STORE, fresh_id, "NX")
    found = await connection.command("GET", keys.STORE)
    return RedisStore(connection, found.decode(), partitions, life)


def _member(customer: str) -> bytes:
    return customer.encode("utf-8", "surrogateescape")


def _pairs(answer: object) -> list[tuple[bytes, bytes]]:
    """A hash, as either protocol gives it."""
    if isinstance(answer, dict):
        return list(answer.items())
    assert isinstance(answer, list)
    return list(zip(answer[::2], answer[1::2], strict=True))


def _scored(answer: list[object]) -> list[tuple[bytes, bytes | float]]:
    """Members with scores, as either protocol gives them."""
    if answer and isinstance(answer[0], (list, tuple)):
        return [(one[0], one[1]) for one in answer]  # type: ignore[index]  # pairs
    return list(zip(answer[::2], answer[1::2], strict=True))  # type: ignore[arg-type]  # flat


def _digest(commit: Commit) -> str:
    """Names the bytes of a commit, so that the same call again is recognised."""
    body = _encoder.encode((
        commit.cursors, commit.profiles, commit.timers, commit.guards, commit.history, sorted(commit.forgotten), list(commit.outbox),
    ))  # fmt: skip
    return hashlib.blake2b(body, digest_size=12).hexdigest()
