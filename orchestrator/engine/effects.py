"""What applying inputs has brought about, beside the changed profile: records to publish, decisions, addresses to suppress."""

from dataclasses import dataclass, field

from orchestrator.contracts.command import Absorb, Command, Handover, Unlink, encode_command
from orchestrator.contracts.dead_letter import DeadLetter
from orchestrator.contracts.decision import Decision, encode_decision
from orchestrator.contracts.message import OutboundMessage, encode_message
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DECISIONS, outbound
from orchestrator.model.customer import Customer
from orchestrator.model.run import Run
from orchestrator.workspace.journey import Ending


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run that ended: how, with an exit's label, and when."""

    customer: str
    journey: str
    key: str
    number: int
    how: Ending
    label: str | None
    at: int


@dataclass(slots=True)
class Effects:
    """Of one customer in one batch, so that a failure takes back no more than its own. `counts` feeds metrics by name and labels."""

    records: list[Record] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    endings: list[RunEnd] = field(default_factory=list)
    suppress: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[tuple[str, ...], int] = field(default_factory=dict)
    dead_letters: list[DeadLetter] = field(default_factory=list)

    def copy(self) -> "Effects":
        """An independent copy; what stands in it is frozen."""
        return Effects(
            list(self.records), list(self.decisions), list(self.endings), list(self.suppress), dict(self.counts), list(self.dead_letters)
        )

    def decide(self, customer: Customer, decision: Decision) -> None:
        """Note a decision: in the customer's history, on the audit topic, in the counts."""
        customer.note(decision)
        self.decisions.append(decision)
        self.records.append(Record(topic=DECISIONS, key=customer.id.encode(), value=encode_decision(decision)))
        self.count("decisions", decision.journey or "", decision.channel or "", decision.effect, decision.reason.value)

    def send(self, message: OutboundMessage) -> None:
        """Put a rendered message on its channel's lane."""
        self.records.append(
            Record(topic=outbound(message.channel, message.lane), key=message.customer.encode(), value=encode_message(message))
        )

    def command(self, command: Command) -> None:
        """A command for another customer's partition, or this one's."""
        match command:
            case Handover():
                key = command.anonymous
            case Absorb() | Unlink():
                key = command.user
            case _:
                key = command.customer
        self.records.append(Record(topic=CUSTOMER_EVENTS, key=key.encode(), value=encode_command(command)))

    def count(self, *labels: str, by: int = 1) -> None:
        self.counts[labels] = self.counts.get(labels, 0) + by

    def end(self, customer: Customer, run: Run, how: Ending, label: str | None, at: int) -> None:
        """Note that a run is over."""
        self.endings.append(RunEnd(customer.id, run.journey, run.key, run.number, how, label, at))
