"""One customer at one instant, as rules and texts see them: the scope of every expression is built here."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.scope import Facts, Place, Scope, TimedView
from orchestrator.model.customer import Customer
from orchestrator.model.queue import Slot, SlotRequest
from orchestrator.workspace.workspace import Workspace


class Queues(Protocol):
    """Throttles that all customers share."""

    def slot(self, asker: str, name: str, wanted: SlotRequest) -> Slot | None:
        """The place of `asker`; None where that is not now and must be."""
        ...


@dataclass(slots=True)
class Frame:
    """`now` is milliseconds since 1970, `instant` the same as a datetime; `view` is the name `customer` in expressions."""

    customer: Customer
    workspace: Workspace
    now: int
    instant: datetime
    view: TimedView
    facts: Facts
    find_zone: Callable[[], ZoneInfo]
    locale: str
    held_out: frozenset[str] | None = None
    """Who is in every control group, where that is not drawn."""
    arms: Mapping[str, str] | None = None
    """Step to the arm of its split, where that is not drawn."""
    trace: Counter[tuple[str, str, str]] | None = None
    """(journey, step, what became of it), where somebody wants to know which ways are taken."""

    drawn: set[tuple[str, str, str, str]] | None = None
    """(journey, step, arm, customer) of splits, where somebody wants to know who takes which."""
    shared: Queues | None = None
    warned: dict[Place, int] = field(default_factory=dict)
    """By place, what expressions met that is missing or of another type."""

    def took(self, journey: str, step: str, way: str) -> None:
        """A run was here, or went this way."""
        if self.trace is not None:
            self.trace[journey, step, way] += 1

    @property
    def zone(self) -> ZoneInfo:
        """The customer's timezone; finding it may mean reading a phone number, so it is found when somebody asks."""
        return self.find_zone()

    def read(self, event: str, name: str, value: object) -> object:
        """A property of an event as its declaration reads it: an instant, a local one in the customer's timezone."""
        declared = self.workspace.instants.get(event)
        return value if declared is None or name not in declared else read_instant(value, self.zone)

    def scope(self, names: Mapping[str, object]) -> Scope:
        """A scope with `customer`, `now` and the given names."""
        changes: list[int] = []
        return Scope(
            names={"customer": self.view.noting(changes), "now": self.instant, **names},
            facts=self.facts,
            now=self.instant,
            zone=self.find_zone,
            locale=self.locale,
            currency=self.workspace.currency,
            changes=changes,
            warned=self.warned,
        )
