"""Building blocks of tests: a batch applied to customers in memory, events as records."""

import json
from dataclasses import dataclass, field, replace

from orchestrator.content.render import Renderer
from orchestrator.contracts.message import OutboundMessage, decode_message
from orchestrator.contracts.topics import CUSTOMER_EVENTS, OUTBOUND_TOPICS
from orchestrator.engine.batch import Batch, Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.model.customer import Customer
from orchestrator.pipeline import apply_batch
from orchestrator.policies.pace import Pace
from orchestrator.workspace.workspace import Workspace

T0 = 1_772_445_600_000
"""2026-03-02T10:00:00Z, a Monday."""
HOUR, DAY = 3_600_000, 86_400_000


def without_holdout(workspace: Workspace) -> Workspace:
    """Nobody is in a control group."""
    return replace(workspace, journeys={name: replace(journey, holdout=0.0) for name, journey in workspace.journeys.items()})


@dataclass
class Engine:
    """Applies batches and keeps the customers, as encoded sections, between them."""

    workspace: Workspace
    customers: dict[str, Customer] = field(default_factory=dict)
    messages: list[OutboundMessage] = field(default_factory=list)
    due: dict[str, int | None] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    offset: int = 0

    def __post_init__(self) -> None:
        self.workspace = without_holdout(self.workspace)

    def record(self, customer: str, at: int, value: bytes, topic: str = CUSTOMER_EVENTS) -> InputRecord:
        self.offset += 1
        return InputRecord(topic, 0, self.offset, at, customer.encode(), value)

    def event(self, customer: str, at: int, name: str, /, **properties: object) -> InputRecord:
        body = {"type": "track", "userId": customer, "event": name, "properties": properties}
        return self.record(customer, at, json.dumps(body).encode())

    def identify(self, customer: str, at: int, /, **traits: object) -> InputRecord:
        return self.record(customer, at, json.dumps({"type": "identify", "userId": customer, "traits": traits}).encode())

    def apply(self, records: list[InputRecord], until: int | None = None, now: int | None = None) -> Outcome:
        horizon = until if until is not None else max((r.at for r in records), default=0)
        keys = {r.key.decode() for r in records if r.key} | {c for c, d in self.due.items() if d is not None and d <= horizon}
        due = [(c, d) for c, d in self.due.items() if d is not None and d <= horizon]
        profiles = {key: self.customers[key].copy() if key in self.customers else Customer(key) for key in keys}
        around = Surroundings(self.workspace, Renderer(self.workspace, NoLinks()), 0, 1, now or 0, self.pace)
        outcome = apply_batch(Batch(records, due, horizon), profiles, around)
        self.customers.update(outcome.customers)
        self.due.update(outcome.timers)
        self.messages += [decode_message(r.value) for r in outcome.records if r.topic in OUTBOUND_TOPICS]
        return outcome

    def switch(self, workspace: Workspace, at: int) -> Outcome:
        """Another version is in force from `at` on, and everybody is looked at under it."""
        self.workspace = without_holdout(workspace)
        due = [(c, d) for c, d in self.due.items() if d is not None and d <= at]
        around = Surroundings(self.workspace, Renderer(self.workspace, NoLinks()), 0, 1, 0, self.pace)
        profiles = {key: customer.copy() for key, customer in self.customers.items()}
        outcome = apply_batch(Batch([], due, at, frozenset(self.customers)), profiles, around)
        self.customers.update(outcome.customers)
        self.due.update(outcome.timers)
        self.messages += [decode_message(r.value) for r in outcome.records if r.topic in OUTBOUND_TOPICS]
        return outcome
