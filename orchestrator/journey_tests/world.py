"""The world of one test: customers in memory, time that jumps from input to input, providers that accept at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import msgspec

from orchestrator.content.render import Renderer
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.message import OutboundMessage, decode_message
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS, Channel
from orchestrator.engine.batch import Batch
from orchestrator.engine.effects import RunEnd
from orchestrator.engine.inputs import InputRecord
from orchestrator.engine.turn import Surroundings
from orchestrator.model.customer import Customer
from orchestrator.pipeline import apply_batch
from orchestrator.policies.pace import Pace
from orchestrator.workspace.workspace import Workspace


class NoLinks:
    """Pages that are nowhere."""

    def unsubscribe(self, customer: str, topic: str, channel: Channel) -> str:  # noqa: ARG002  (the protocol's signature)
        return f"https://example.com/unsubscribe/{topic}"

    def preferences(self, customer: str, topic: str, channel: Channel) -> str:  # noqa: ARG002  (the protocol's signature)
        return "https://example.com/preferences"


@dataclass(slots=True)
class World:
    """`sends`, `decisions`, `endings` and `dead` collect what happened, in order."""

    workspace: Workspace
    start: int
    customers: dict[str, Customer] = field(default_factory=dict)
    sends: list[tuple[int, OutboundMessage]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    endings: list[RunEnd] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    now: int = 0
    _offset: int = 0
    _pace: Pace = field(default_factory=Pace)
    _renderer: Renderer | None = None
    _due: dict[str, int] = field(default_factory=dict)

    def only(self, journeys: tuple[str, ...]) -> None:
        """Only these journeys run, and nobody is held out of them."""
        chosen = {name: replace(journey, holdout=0.0) for name, journey in self.workspace.journeys.items() if name in journeys}

        def keep(index: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
            return {event: kept for event, names in index.items() if (kept := tuple(n for n in names if n in chosen))}

        self.workspace = replace(
            self.workspace, journeys=chosen, entries=keep(self.workspace.entries), listeners=keep(self.workspace.listeners)
        )
        self._renderer = Renderer(self.workspace, NoLinks())

    def record(self, topic: str, customer: str, at: int, value: bytes) -> InputRecord:
        """A record of the log of this world."""
        self._offset += 1
        return InputRecord(topic, 0, self._offset, at, customer.encode(), value)

    def event(self, customer: str, at: int, event: dict[str, object]) -> None:
        """Let an event arrive; what it brings about goes on until nothing moves at that instant."""
        self.advance(at - 1)
        self._apply(at, [self.record(CUSTOMER_EVENTS, customer, at, msgspec.json.encode(event))])

    def receipt(self, at: int, receipt: Receipt) -> None:
        """Let a receipt arrive."""
        self.advance(at - 1)
        self._apply(at, [self.record(DELIVERY_RECEIPTS, receipt.customer, at, encode_receipt(receipt))])

    def advance(self, until: int) -> None:
        """Everything that is due up to and with `until`, instant by instant."""
        while self._due:
            at = min(self._due.values())
            if at > until:
                return
            self._apply(at, [])

    @property
    def waiting(self) -> bool:
        return bool(self._due)

    def _apply(self, at: int, records: list[InputRecord]) -> None:
        self.now = at
        while True:
            due = [(customer, when) for customer, when in self._due.items() if when <= at]
            assert self._renderer is not None
            around = Surroundings(self.workspace, self._renderer, 0, 1, at, self._pace)
            keys = {record.key.decode() for record in records if record.key} | {customer for customer, _when in due}
            profiles = {key: self.customers.get(key) or Customer(key) for key in keys}
            outcome = apply_batch(Batch(records, due, at), profiles, around)
            self.customers.update(outcome.customers)
            for customer, when in outcome.timers.items():
                if when is None:
                    self._due.pop(customer, None)
                else:
                    self._due[customer] = when
            self.decisions += outcome.decisions
            self.endings += outcome.endings
            self.dead += [f"{letter.reason.value}: {letter.error}" for letter in outcome.dead_letters]
            records = []
            for one in outcome.records:
                if one.topic.startswith("outbound-"):
                    message = decode_message(one.value)
                    self.sends.append((message.committed_at, message))
                    records += self._accepted(at, message)
                elif one.topic == CUSTOMER_EVENTS and one.key is not None:
                    records.append(self.record(CUSTOMER_EVENTS, one.key.decode(), at, one.value))
            if not records and not any(when <= at for when in self._due.values()):
                return

    def _accepted(self, at: int, message: OutboundMessage) -> list[InputRecord]:
        """Providers accept at once and report delivery at the same instant."""
        found = []
        for status in ("accepted", "delivered"):
            receipt = Receipt(
                id=f"{message.intent}:{message.attempt}:{status}", customer=message.customer, status=status, at=at,
                channel=message.channel, intent=message.intent, attempt=message.attempt, provider="test",
            )  # fmt: skip
            found.append(self.record(DELIVERY_RECEIPTS, message.customer, at, encode_receipt(receipt)))
        return found


def milliseconds(text: str) -> int:
    """Of an RFC 3339 instant. Raises ValueError."""
    read = datetime.fromisoformat(text)
    return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)
