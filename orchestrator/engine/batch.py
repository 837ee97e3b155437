"""A batch and its commit: what the partition loop hands to the engine, and what it writes when the engine is done."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.contracts.dead_letter import DeadLetter
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.record import Record
from orchestrator.engine.effects import RunEnd
from orchestrator.engine.inputs import InputRecord
from orchestrator.model.customer import Customer


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs of one partition in log order, and the customers whose timer is due.

    `horizon`: every record accepted up to this instant is in the batch or was applied before; timers up to it may fire.
    `revisited`: customers to be looked at afresh at the horizon, because another version of the workspace is in force.
    """

    records: Sequence[InputRecord]
    due: Sequence[tuple[str, int]]
    horizon: int
    revisited: frozenset[str] = frozenset()


@dataclass(slots=True)
class Outcome:
    """What the batch brought about. `timers` maps a customer to the instant of its timer, None to none."""

    customers: dict[str, Customer] = field(default_factory=dict)
    profiles: dict[str, bytes] = field(default_factory=dict)
    """The customers' values, as they are stored."""
    records: list[Record] = field(default_factory=list)
    timers: dict[str, int | None] = field(default_factory=dict)
    guards: dict[str, bytes | None] = field(default_factory=dict)
    sealed: dict[str, bytes] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    suppress: list[tuple[str, str]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    endings: list[RunEnd] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)
    """Seconds by which timers were late."""
    commit_seconds: float = 0.0


Loaded = Mapping[str, Customer]
