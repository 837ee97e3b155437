"""python -m tests.benchmarks.outputs: digests of all that the engine makes of one fixed input. Equal before and after a change
that is only to make it faster: the same inputs give the same bytes.

The input: the demo's customers and events, receipts for every message, a few bad records, and all timers of three weeks.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from orchestrator.active import ActiveVersion
from orchestrator.cli.demo import read_demo
from orchestrator.content.check import check_message
from orchestrator.contracts.message import OutboundMessage, decode_message
from orchestrator.contracts.receipt import Receipt, Status, encode_receipt
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, OUTBOUND_TOPICS
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.world import NoLinks
from orchestrator.partition_loop import PartitionLoop, Reading
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.state.memory_store import MemoryStore
from orchestrator.workspace.load import load_workspace
from tests.benchmarks.engine import ROOT, Records
from tests.worlds import DAY, T0

STEP = 3 * 60_000
"""Milliseconds between two batches of events: sixty of them are three hours."""
BATCH = 100


def _receipts(message: OutboundMessage, number: int, at: int) -> Iterator[Receipt]:
    """What providers say of it: most arrive and some are read, some bounce, some are put off, some stop everything."""
    ways: tuple[tuple[Status, ...], ...] = (
        ("accepted", "delivered", "opened"), ("accepted", "sent", "delivered"), ("accepted", "bounced"), ("deferred",),
        ("accepted", "delivered", "clicked", "delivered"), ("rejected",), ("accepted", "complained"), ("accepted", "replied"),
    )  # fmt: skip
    for status in ways[number % len(ways)]:
        yield Receipt(
            id=f"{message.intent}:{message.attempt}:{status}", customer=message.customer, status=status, at=at, channel=message.channel,
            intent=message.intent, attempt=message.attempt, retry_at=at + 60_000 if status == "deferred" else None,
            address_dead=status == "bounced", keyword="stop" if status == "replied" else None,
        )  # fmt: skip


class _World:
    """One partition, its inputs and all that came of them, in order."""

    def __init__(self, root: Path) -> None:
        workspace = load_workspace(root, {}, check_message).workspace
        assert workspace is not None
        self.outgoing: list[Record] = []
        self.store = MemoryStore(publish=self.outgoing.extend)
        self.clock = SettableClock(T0)
        self.source = _Horizons()
        active = ActiveVersion(workspace, NoLinks())
        self.loop = PartitionLoop(0, 1, self.store, self.source, active, self.clock, CountedIds(), lambda *_: None)
        self._offset = self._seen = 0

    async def apply(self, records: Sequence[tuple[str, bytes | None, bytes]], at: int) -> None:
        """These records, and every timer up to `at`."""
        self.clock.set(at)
        for topic, key, value in records:
            self._offset += 1
            self.source.records.append(InputRecord(topic, 0, self._offset, at, key, value))
        self.source.horizon = at
        while await self.loop.step():
            pass

    def receipts(self, at: int) -> list[tuple[str, bytes | None, bytes]]:
        """For messages that went out since the last look."""
        new = [decode_message(one.value) for one in self.outgoing[self._seen :] if one.topic in OUTBOUND_TOPICS]
        self._seen = len(self.outgoing)
        made = [one for message in new for one in _receipts(message, int(message.intent[:4], 16), at)]
        return [(DELIVERY_RECEIPTS, one.customer.encode(), encode_receipt(one)) for one in made]

    def stored(self, when: str) -> dict[str, list[object]]:
        """What the store holds."""
        held = self.store._partitions[0]
        tables: dict[str, Mapping[str, object]] = {
            "profiles": held.profiles,
            "timers": held.timers,
            "guards": held.guards,
            "history": held.history,
        }
        return {f"{name} {when}": [(key, table[key]) for key in sorted(table)] for name, table in tables.items()}


class _Horizons(Records):
    def __init__(self) -> None:
        super().__init__([])
        self.horizon = 0

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        return Reading((await super().read(cursors, limit)).records, self.horizon)


async def digests(root: Path = ROOT) -> Mapping[str, str]:
    """By kind of output: number and SHA-256."""
    world = _World(root)
    await world.loop.take_over()
    inputs = [(one.topic, one.key, one.value) for one in read_demo(root / "config/fixtures/demo", T0)]
    inputs[50:50] = [
        ("customer-events", b"x", value) for value in (b"{", b"{}", b'{"type":"track","userId":"x","event":"a","properties":{"n":1e999}}')
    ]
    at = T0
    for start in range(0, len(inputs), BATCH):
        at += STEP
        await world.apply(inputs[start : start + BATCH], at)
        await world.apply(world.receipts(at), at + 1000)
    kinds = world.stored("under way")
    for hours in range(3, 21 * 24, 3):
        await world.apply(world.receipts(at), T0 + DAY + hours * 3_600_000)
    kinds |= world.stored("at the end")
    for record in world.outgoing:
        kinds.setdefault(record.topic, []).append((record.key, record.value, record.headers))
    return {name: f"{len(found):>6} {hashlib.sha256(repr(found).encode()).hexdigest()[:16]}" for name, found in sorted(kinds.items())}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(digests()), indent=1))
