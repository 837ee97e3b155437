"""Whom we have written to at a number, and which texts went there: what an inbound text and a look-up at the provider ask for."""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_scripts import WRITTEN_TO

KEPT_WRITTEN, PEOPLE, TEXTS = 400 * 86_400, 20, 50
"""Seconds for which an inbound text finds the people it may come from; people and texts kept for an address."""


class Written(NamedTuple):
    """One text; `at` in milliseconds."""

    intent: str
    customer: str
    address_hash: str
    at: int


async def note_written(connection: RedisConnection, partition: int, texts: Sequence[Written], life: int) -> None:
    """In one script for each slot. `life`: seconds for which the texts are remembered."""
    by_slot: dict[int, list[Written]] = {}
    for one in texts:
        by_slot.setdefault(connection.topology.slot(keys.written_to(one.address_hash)), []).append(one)
    runs = []
    for some in by_slot.values():
        names = [name for one in some for name in (keys.written_to(one.address_hash), keys.texts(one.address_hash))]
        noted = [part for one in some for part in (one.at, one.customer.encode("utf-8", "surrogatepass"), f"{partition} {one.intent}")]
        runs.append((names, [PEOPLE, KEPT_WRITTEN, TEXTS, life, *noted]))
    await connection.scripts(WRITTEN_TO, runs)
