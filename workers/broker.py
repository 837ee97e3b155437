"""What a sender asks of the log: messages of its lanes, a place for receipts, positions to move."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import Receipt
from orchestrator.contracts.topics import Lane


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message and its place in the log. `message` None: it could not be read and is only to be moved past."""

    lane: Lane
    topic: str
    partition: int
    offset: int
    message: OutboundMessage | None
    replayed: bool = False
    """It comes from a store that had to go back: it may have been sent although no claim says so."""


class Broker(Protocol):
    """One channel's two lanes."""

    async def poll(self, lane: Lane, limit: int) -> list[Parcel]:
        """The next messages of one partition of a lane; empty when there are none now."""
        ...

    async def finish(self, receipts: Sequence[Receipt], parcels: Sequence[Parcel]) -> None:
        """Publish receipts, durably, and then move past these parcels as far as nothing before them is open."""
        ...

    async def wait(self, seconds: float) -> None:
        """Until there may be more, at most so long."""
        ...


class Placed(Protocol):
    """Whatever has a place in the log."""

    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...


class Positions:
    """Which offsets of a topic's partition are finished: the position moves only over what has no gap.

    What was forgotten meanwhile, because the partition went to another process, is finished without effect.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], dict[int, bool]] = {}

    def opened(self, parcel: Placed) -> None:
        """It was polled."""
        self._open.setdefault((parcel.topic, parcel.partition), {})[parcel.offset] = False

    def is_open(self, topic: str, partition: int) -> bool:
        """Is anything of it polled and not finished?"""
        return not all(self._open.get((topic, partition), {}).values())

    def forget(self, topic: str, partition: int) -> None:
        """It belongs to another process now."""
        self._open.pop((topic, partition), None)

    def finished(self, parcels: Sequence[Placed]) -> list[tuple[str, int, int]]:
        """Mark these; returns (topic, partition, offset) for each position that moves."""
        touched = set()
        for parcel in parcels:
            held = self._open.get((parcel.topic, parcel.partition), {})
            if parcel.offset in held:
                held[parcel.offset] = True
                touched.add((parcel.topic, parcel.partition))
        moves = []
        for place in sorted(touched):
            held = self._open[place]
            last: int | None = None
            for offset in sorted(held):
                if not held[offset]:
                    break
                last = offset
                del held[offset]
            if last is not None:
                moves.append((*place, last))
        return moves
