"""The store protocol: one writer per partition, one atomic commit per batch. Every store passes the same contract suite."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, Settlement
from orchestrator.contracts.record import Record
from orchestrator.model.queue import Slot, SlotRequest

SCHEMA = 1
"""Of what is stored. A program refuses a store of a newer schema."""
ADDRESS_RANK = {"erased": 1, "complained": 2, "dead": 3}
"""What may be noted of an address; the higher rank stays."""
GRANTED = "granted"
"""Not a kind: whoever has the address has given consent since. Takes `erased` away, and nothing else."""


def note_address(notes: dict[str, str], address: str, kind: str) -> None:
    """The rule every store keeps: `kind` (or GRANTED) was said of an address, by its hash."""
    held = notes.get(address, "")
    if kind == GRANTED:
        if held == "erased":
            del notes[address]
    elif ADDRESS_RANK[kind] >= ADDRESS_RANK.get(held, 0):
        notes[address] = kind


def customers_only(page: Mapping[str, bytes]) -> dict[str, bytes]:
    """Without what partitions keep of their own among the profiles: no customer's id begins with NUL."""
    return {key: value for key, value in page.items() if not key.startswith("\0")}


@dataclass(frozen=True, slots=True)
class Timer:
    """A customer's one timer; `due` in milliseconds."""

    customer: str
    due: int


@dataclass(frozen=True, slots=True)
class Owned:
    """A partition after a take-over: its version, the next position of each input topic, and what was left unpublished."""

    version: int
    cursors: Mapping[str, int]
    store: str
    outbox: Sequence[tuple[str, Sequence[Record]]] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything one batch writes. `profiles` and `guards` map a customer to bytes, None deletes; `timers` to an instant, None clears."""

    cursors: Mapping[str, int] = field(default_factory=dict)
    profiles: Mapping[str, bytes | None] = field(default_factory=dict)
    timers: Mapping[str, int | None] = field(default_factory=dict)
    guards: Mapping[str, bytes | None] = field(default_factory=dict)
    history: Mapping[str, bytes] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()
    """Customers whose sealed history goes: erasure."""
    outbox: Sequence[Record] = ()


class Store(Protocol):
    """State of all partitions. A client error other than the two named means the outcome is unknown: the same call again
    is recognised and answers as the first would have."""

    async def take_over(self, partition: int, token: str, expected: str | None = None) -> Owned:
        """Become the owner. Raises StoreRefused when the store is newer than this program or is not the `expected` one."""
        ...

    async def load(self, partition: int, customers: Sequence[str]) -> dict[str, bytes]:
        """Profile values of those that exist."""
        ...

    def everybody(self) -> AsyncIterator[Mapping[str, bytes]]:
        """Profile values of all partitions, page by page, in no order that means anything: each customer who is there all the
        while comes at least once, whoever comes or goes meanwhile perhaps. No snapshot, and nobody waits for it."""
        ...

    async def customers_of(self, partition: int, after: str, limit: int) -> tuple[list[str], str | None]:
        """About `limit` ids of one partition, and the place to go on from (None: nobody is left; empty text: begin). Each customer who
        is there all the while comes at least once, also when the places are kept for days; a page may be empty though others follow."""
        ...

    async def commit(self, partition: int, token: str, version: int, commit: Commit) -> int:
        """Compare-and-set on token and version; returns the next version. Raises Conflict, and then nothing was written."""
        ...

    async def due(self, partition: int, until: int, limit: int, after: Timer | None = None) -> list[Timer]:
        """Timers due up to and with `until`, by due instant, then customer; with `after` those behind that one.
        A store may begin a little before `after`, at its instant: what is seen twice must do no harm."""
        ...

    async def next_due(self, partition: int) -> int | None:
        """The earliest timer."""
        ...

    async def verify(self, partition: int, token: str, version: int) -> Sequence[str]:
        """Does it stand where its owner left it? Raises Conflict, as the next commit would; StoreRefused. The outbox entries it holds."""
        ...

    async def published(self, partition: int, entry: str) -> None:
        """An outbox entry has been published and acknowledged."""
        ...

    async def history(self, partition: int, customer: str) -> list[bytes]:
        """Sealed blocks, oldest first."""
        ...

    async def suppress(self, addresses: Sequence[tuple[str, str]]) -> None:
        """Note (address hash, kind of ADDRESS_RANK or GRANTED), as `note_address` says; idempotent, before the commit that relies on it."""
        ...

    async def suppressed(self, hashes: Sequence[str]) -> dict[str, str]:
        """What is noted of these addresses."""
        ...

    async def grant(self, name: str, most: int, want: int, partition: int, used: Mapping[int, int]) -> int:
        """How many of `most` under this name a partition may use in all, from now on and for good: `want` beyond what it has used, or what is
        left. `used`: by partition what is known to be used, granted or not. It counts, and all grants of a name together are never more than
        `most`. Names that nobody asks for any more may be forgotten after two days. Harmless to repeat."""
        ...

    async def take_slots(self, name: str, wanted: Sequence[SlotRequest]) -> list[Slot | None]:
        """As `model.queue.take_slot`, one after another."""
        ...

    async def claim(self, partition: int, requests: list[ClaimRequest]) -> list[ClaimResult]: ...

    async def settle(self, partition: int, settlements: list[Settlement]) -> list[bool]: ...

    async def claims(self, partition: int, intents: Sequence[str]) -> dict[str, Claim]:
        """Claims that stand."""
        ...
