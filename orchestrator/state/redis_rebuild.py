"""What a rebuild does to the store while nobody else uses it: looks at every partition, begins those that hold nothing, empties torn
ones, writes claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.contracts.claim import Claim
from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_claim import claim_body, decode_claim, numbered
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_keys import PartitionKeys, partition_keys
from orchestrator.state.redis_meta import cursor_fields, cursors_of, fields_of
from orchestrator.state.redis_store import CLAIM_LIFE
from orchestrator.state.redis_written import Written, note_written
from orchestrator.state.store import SCHEMA

MOST = 1_000
"""Claims of one round trip."""


@dataclass(frozen=True, slots=True)
class PartitionFound:
    """`cursors` by topic; `store` is None where nothing is held of the partition."""

    store: str | None
    cursors: Mapping[str, int]
    torn: bool


class RedisRebuild:
    """Raises ServiceUnavailable."""

    def __init__(self, connection: RedisConnection, partitions: int) -> None:
        self._connection = connection
        self._partitions = partitions

    def _keys(self, partition: int) -> PartitionKeys:
        return partition_keys(partition, self._partitions)

    async def store_id(self) -> str | None:
        found = await self._connection.command("GET", keys.STORE)
        return None if found is None else found.decode()

    async def look(self) -> list[PartitionFound]:
        """Every partition, as it stands."""
        rows = await self._connection.commands([("HGETALL", self._keys(p).meta) for p in range(self._partitions)])
        found = []
        for row in rows:
            fields = fields_of(row)
            store = fields.get(b"store")
            found.append(PartitionFound(None if store is None else store.decode(), cursors_of(fields), b"torn" in fields))
        return found

    async def adopt(self, store_id: str) -> None:
        """From now on this is the store the log belongs to."""
        await self._connection.command("SET", keys.STORE, store_id)

    async def begin(self, partition: int, store_id: str, cursors: Mapping[str, int]) -> None:
        """Nothing is known of anybody, and the log is read from these cursors on."""
        meta = self._keys(partition).meta
        await self._connection.command("HSET", meta, "store", store_id, "schema", SCHEMA, "ver", 0, *cursor_fields(cursors))

    async def empty(self, partition: int) -> int:
        """Forget everything of a partition but its claims, which are true whatever its state is; returns how many keys went."""
        k = self._keys(partition)
        gone: int = sum(await self._connection.commands([("UNLINK", name) for name in (k.meta, k.timers, k.outbox)]))
        node = self._connection.topology.node(self._connection.topology.slot(k.meta))
        for kind in (k.profile(""), k.guard(""), k.history("")):
            cursor: bytes | int = 0
            while cursor != b"0":
                ((cursor, found),) = await node.ask([("SCAN", cursor, "MATCH", kind + b"*", "COUNT", MOST)])
                if found:
                    gone += sum(await self._connection.commands([("UNLINK", key) for key in found]))
        return gone

    async def write_claims(self, partition: int, claims: Sequence[tuple[str, str, Claim]]) -> int:
        """(intent, customer, claim) each, where none stands, or one that is not done and not of a later try; returns how many were
        written."""
        k = self._keys(partition)
        written = 0
        for start in range(0, len(claims), MOST):
            part = claims[start : start + MOST]
            held = await self._connection.get_many([k.claim(intent) for intent, _customer, _claim in part])
            sets = [
                ("SET", k.claim(intent), numbered(claim.sequence, claim_body(claim, customer, 0)), "EX", CLAIM_LIFE)
                for (intent, customer, claim), value in zip(part, held, strict=True)
                if value is None or _is_behind(decode_claim(value), claim)
            ]
            await self._connection.commands(sets)
            written += len(sets)
        return written

    async def note_written(self, partition: int, texts: Sequence[Written]) -> None:
        """Whom an inbound text may come from, and which texts went to a number."""
        for start in range(0, len(texts), MOST):
            await note_written(self._connection, partition, texts[start : start + MOST], CLAIM_LIFE)


def _is_behind(held: Claim, claim: Claim) -> bool:
    return claim.attempt > held.attempt or (claim.attempt == held.attempt and held.state not in ("done", "ended"))
