"""The world of one test: customers in memory, time that jumps from input to input, providers that do what the test says."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from orchestrator.content.render import Renderer
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, Channel
from orchestrator.engine.batch import Batch, Outcome
from orchestrator.engine.effects import RunEnd
from orchestrator.engine.inputs import InputRecord
from orchestrator.engine.scheduled import in_force_since
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.brought_about import brought_about, keep
from orchestrator.journey_tests.due import Due
from orchestrator.journey_tests.planned import Planned
from orchestrator.journey_tests.provider import Providers
from orchestrator.journey_tests.services import Services
from orchestrator.model.customer import Customer
from orchestrator.pipeline import apply_batch
from orchestrator.policies.pace import Pace
from orchestrator.policies.reputation import Figures, bucket_of, count, figures_of, judged, to_pause
from orchestrator.profiles.address import address_hash
from orchestrator.workspace.earlier import followed_by
from orchestrator.workspace.indexes import Asked
from orchestrator.workspace.pauses import with_pauses
from orchestrator.workspace.workspace import Workspace


class NoLinks:
    """Pages that are nowhere."""

    def unsubscribe(self, customer: str, topic: str, channel: Channel) -> str:  # noqa: ARG002  (the protocol's signature)
        return f"https://example.com/unsubscribe/{topic}"

    def preferences(self, customer: str, topic: str, channel: Channel) -> str:  # noqa: ARG002  (the protocol's signature)
        return "https://example.com/preferences"


@dataclass(slots=True)
class World:
    """`sends` are what providers accepted, with the instant; `decisions`, `endings` and `dead` collect what happened, in order."""

    workspace: Workspace
    start: int
    customers: dict[str, Customer] = field(default_factory=dict)
    sends: list[tuple[int, OutboundMessage]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    endings: list[RunEnd] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    """(instant, kind of error) of every failure of the engine itself: of an input, which is a dead letter then, or of what time brings about."""
    now: int = 0
    providers: Providers = field(default_factory=Providers)
    services: Services = field(default_factory=Services)
    trace: Counter[tuple[str, str, str]] | None = None
    held_out: frozenset[str] | None = frozenset()
    """Nobody, unless the test says who; None: drawn."""
    arms: Mapping[str, str] | None = None
    """Step to the arm of its split; those that are not named are drawn."""
    drawn: set[tuple[str, str, str, str]] | None = None
    """(journey, step, arm, customer) of every split, where the test asks for shares."""
    planned: Planned = field(default_factory=Planned)
    asked: Asked = field(default_factory=Asked)
    """The past that the test itself asks for: kept beside what the workspace needs."""
    committed: Callable[["World", OutboundMessage], None] | None = None
    """Told of every message at its commit, when the customer is as it was decided."""
    goals: Counter[str] = field(default_factory=Counter)
    scheduled: dict[str, tuple[str, int]] = field(default_factory=dict)
    counted: dict[str, dict[int, Figures]] = field(default_factory=dict)
    """For the reputation guard, as in production; it looks whenever something was counted."""
    since: dict[str, int] = field(default_factory=dict)
    _offset: int = 0
    pace: Pace = field(default_factory=Pace)
    _renderer: Renderer | None = None
    _judge: bool = False
    _due: Due = field(default_factory=Due)

    def take_up(self, workspace: Workspace) -> None:
        """Another version is in force from now on: everybody in flight is looked at under it."""
        found = followed_by(self.workspace, workspace)
        asked = Asked(found.history, found.counted).beside(self.asked)
        self.workspace, self._renderer = replace(found, history=asked.history, counted=asked.counted), None
        self.scheduled = in_force_since(self.scheduled, workspace, self.now)
        if self.customers and self.now:
            self._apply(self.now, [], afresh=True)

    def begin(self) -> None:
        """Everybody is there before anything happens, and the version in force has just gone live: who is in which audience?"""
        if self.workspace.audience_entries or self.workspace.schedules:
            self._apply(self.start, [], afresh=True)

    @property
    def renderer(self) -> Renderer:
        """Of the version in force."""
        if self._renderer is None:
            self._renderer = Renderer(self.workspace, NoLinks())
        return self._renderer

    def record(self, topic: str, customer: str, at: int, value: bytes) -> InputRecord:
        """A record of the log of this world."""
        self._offset += 1
        return InputRecord(topic, 0, self._offset, at, customer.encode(), value)

    def arrive(self, at: int, *records: InputRecord) -> None:
        """Let records of this instant arrive, all in one batch; what they bring about goes on until nothing moves at that instant."""
        self.advance(at - 1)
        self._apply(at, list(records))

    def advance(self, until: int) -> None:
        """Everything that is due up to and with `until`, instant by instant."""
        while True:
            found = [at for at in (self._due.first(), self.providers.next_change(self.now)) if at is not None]
            at = min(found, default=None)
            if at is None or at > until:
                return
            self._apply(max(at, self.now), [])

    @property
    def waiting(self) -> bool:
        return self._due.first() is not None

    def _apply(self, at: int, records: list[InputRecord], *, afresh: bool = False) -> None:
        self.now = at
        records += [made for message in self.providers.take_up(at) for made in self._sent(at, message)]
        while True:
            due = self._due.up_to(at)
            around = Surroundings(
                self.workspace,
                self.renderer,
                0,
                1,
                at,
                self.pace,
                held_out=self.held_out,
                trace=self.trace,
                arms=self.arms,
                drawn=self.drawn,
                scheduled=self.scheduled,
            )
            revisited = frozenset(self.customers) if afresh else frozenset[str]()
            afresh = False
            keys = {record.key.decode() for record in records if record.key} | {customer for customer, _when in due} | revisited
            profiles = {key: self.customers.get(key) or Customer(key) for key in keys}
            records = self._note(at, apply_batch(Batch(records, due, at, revisited), profiles, around))
            first = self._due.first()
            if not records and (first is None or first > at):
                break
        if self._judge:
            self._judge = False
            self.guard()

    def _note(self, at: int, outcome: Outcome) -> list[InputRecord]:
        """Keep what came of a batch; returns the records it brings about at this instant."""
        self.customers.update(outcome.customers)
        keep(outcome, self._due, self.providers)
        self.decisions += outcome.decisions
        self.endings += outcome.endings
        for journey, figures in figures_of(outcome.counts).items():
            self.count(journey, at, figures)
        self.goals.update({labels[1]: number for labels, number in outcome.counts.items() if labels[0] == "goals"})
        self.broken += [(at, labels[1]) for labels in outcome.counts.elements() if labels[0] == "engine_errors"]
        self.dead += [f"{letter.reason.value}: {letter.error}" for letter in outcome.dead_letters]
        return brought_about(outcome, at, self.services, lambda message: self._commit(at, message), self.record)

    def count(self, journey: str, at: int, figures: Figures) -> None:
        """For the reputation guard."""
        count(self.counted.setdefault(journey, {}), bucket_of(at), figures)
        self._judge = True

    def guard(self) -> None:
        """Pause what has reached a level."""
        journeys = self.workspace.journeys
        over = to_pause(judged(self.counted, self.since, journeys, self.now), journeys)
        if over:
            self.take_up(with_pauses(self.workspace, dict.fromkeys(over, "guard")))

    def _commit(self, at: int, message: OutboundMessage) -> list[InputRecord]:
        """A message was committed, and is handed to its sender."""
        if self.committed is not None:
            self.committed(self, message)
        return self._sent(at, message)

    def _sent(self, at: int, message: OutboundMessage) -> list[InputRecord]:
        """What a sender and its provider make of a message."""
        accepted, receipts = self.providers.answer(message, at, address_hash(self.workspace.name, message.channel, message.to))
        if accepted is not None:
            self.sends.append((at, accepted))
        return [self.record(DELIVERY_RECEIPTS, message.customer, at, encode_receipt(receipt)) for receipt in receipts]


def only(workspace: Workspace, journeys: tuple[str, ...]) -> Workspace:
    """A workspace in which only these journeys run."""
    chosen = {name: journey for name, journey in workspace.journeys.items() if name in journeys}

    def keep(index: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {event: kept for event, names in index.items() if (kept := tuple(n for n in names if n in chosen))}

    return replace(
        workspace,
        journeys=chosen,
        entries=keep(workspace.entries),
        listeners=keep(workspace.listeners),
        audience_entries=keep(workspace.audience_entries),
        schedules=tuple(name for name in workspace.schedules if name in chosen),
    )
