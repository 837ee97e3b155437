"""One customer's turn in a batch: the working copy, the frame of the present instant, and what comes of it."""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.content.offer import Carried
from orchestrator.content.render import Rendered, Unrendered
from orchestrator.contracts.topics import Channel
from orchestrator.engine.effects import Effects
from orchestrator.engine.shared import Shared
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.planned import Planned
from orchestrator.model.queue import Slot
from orchestrator.model.run import Run
from orchestrator.model.sections import Resting
from orchestrator.policies.pace import Pace, lanes_of
from orchestrator.policies.turns import Promise, gap, moved_since, take
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.message import Message
from orchestrator.workspace.workspace import Workspace


class Renderer(Protocol):
    """Content for one message on one channel. `names` are the run's names; `locale_of` answers which locale would be used."""

    def render(
        self,
        message: Message,
        channel: Channel,
        frame: Frame,
        names: dict[str, object],
        *,
        window_open: bool,
        message_class: str,
        carried: Carried | None = None,
    ) -> Rendered | Unrendered:
        """The content, its locale and variant, with the offer it carries."""
        ...

    def has_template(self, message: Message, frame: Frame) -> bool:
        """True when there is an approved WhatsApp template for this person's locale."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every turn of a batch shares. `now` is the batch's clock; `partitions` divides shared rates. `strays`: a producer may
    have put a record on a partition that is not its key's. `answers`: what the store has said to `shared`."""

    workspace: Workspace
    renderer: Renderer
    partition: int
    partitions: int
    now: int
    pace: Pace
    strays: bool = False
    held_out: frozenset[str] | None = None
    trace: Counter[tuple[str, str, str]] | None = None
    arms: Mapping[str, str] | None = None
    drawn: set[tuple[str, str, str, str]] | None = None
    scheduled: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Journeys entered by the clock: the version of their schedule, and since when (ms) it counts."""
    answers: Mapping[str, Slot | None] = field(default_factory=dict)
    shared: Shared = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shared", Shared(self.pace, self.partitions == 1, self.answers))


_UNASKED = object()
FrameFor = Callable[[Customer, Surroundings, int], Frame]


@dataclass(slots=True)
class Turn:
    """`caused_at` is the arrival of the input being applied: a message it causes carries it."""

    customer: Customer
    around: Surroundings
    frame: Frame
    effects: Effects = field(default_factory=Effects)
    caused_at: int = 0
    afresh: bool = False
    """Another version of the workspace is in force: everybody is looked at."""
    ready: list[str] = field(default_factory=list)
    """Ids of runs whose message was decided and that have not gone on yet."""
    guard: bytes | None = None
    """The guard to write, where it changed; empty bytes mean all clear."""
    erased: bool = False
    turns_taken: list[Promise] = field(default_factory=list)
    """Answers of the smoothed release at this instant, in order."""
    flips: dict[str, int] = field(default_factory=dict)
    """Audience to how often this person has joined or left it at this instant, with a journey that follows."""
    turns_again: deque[Promise] = field(default_factory=deque)
    """The answers it got before, when the instant is applied again: nobody's turn is taken twice."""
    _rest: object = _UNASKED

    @property
    def runs(self) -> Sequence[Run]:
        """The customer's runs, as far as time or another version may move one now: while all of them rest they are not read. Who may
        be moved by something else asks `customer.runs`."""
        customer = self.customer
        return () if not customer.has_read_runs and self.at_rest is not None else customer.runs

    @property
    def at_rest(self) -> Resting | None:
        """What is known of the runs, where none of them has anything to do at this instant."""
        if self._rest is _UNASKED:
            self._rest = self._ask_rest()
        return self._rest  # type: ignore[return-value]  # asked

    def _ask_rest(self) -> Resting | None:
        customer = self.customer
        resting = customer.resting if customer.holds("rest") else None
        if resting is None or self.afresh or resting.due <= self.now:
            return None
        journeys = self.workspace.journeys
        same = all(name in journeys and journeys[name].version == version for name, version in resting.versions.items())
        return resting if same and all(journeys[name].status != "paused" for name in resting.versions) else None

    def journey_of(self, run: Run) -> Journey | None:
        """The version it goes by."""
        return self.around.workspace.journey_at(run.journey, run.version)

    def journey_for(self, planned: Planned) -> Journey | None:
        """That of its run; of one that is over, the version the message came due in."""
        workspace, facts = self.around.workspace, planned.facts
        if not workspace.earlier:
            return workspace.journeys.get(facts.journey)
        run = next((run for run in self.customer.runs if run.id == planned.run_id), None)
        return workspace.journey_at(facts.journey, facts.version if run is None else run.version)

    def message_of(self, run: Run, name: str) -> Message | None:
        """The version of a message that a run goes on with."""
        return self.around.workspace.message_at(name, run.content)

    def message_for(self, planned: Planned) -> Message | None:
        """Its run's; of one that is over, the version it had when the message came due."""
        workspace, facts = self.around.workspace, planned.facts
        if not workspace.earlier_messages:
            return workspace.messages.get(planned.message)
        run = next((run for run in self.customer.runs if run.id == planned.run_id), None)
        if run is not None:
            return workspace.message_at(planned.message, run.content)
        journey = self.journey_for(planned)
        pinned = journey is not None and journey.in_flight.content == "pinned"
        return workspace.message_at(planned.message, facts.content if pinned else "")

    def pace_turn(self, channel: Channel, priority: int) -> Promise:
        """A turn in the smoothed release of a channel."""
        if self.turns_again:
            answer = self.turns_again.popleft()
        else:
            pace, step = self.around.pace, gap(channel, self.workspace.policies, self.around.partitions)
            pace.lanes[channel], answer = take(lanes_of(pace, channel, self.now), priority, self.now, step)
        self.turns_taken.append(answer)
        return answer

    def moved_on(self, channel: Channel, planned: Planned) -> float:
        """How far others of a higher priority have moved its turn since it was promised (milliseconds)."""
        if self.turns_again:
            answer = self.turns_again.popleft()
        else:
            lanes = self.around.pace.lanes.get(channel, ())
            answer = Promise(None, moved_since(lanes, planned.priority, planned.turn_at or 0, planned.turn_moved))
        self.turns_taken.append(answer)
        return answer.moved

    @property
    def parked(self) -> bool:
        """What time brings about breaks the engine for this customer, and is left alone for a while."""
        return self.now < self.customer.identity.parked_until

    @property
    def now(self) -> int:
        return self.frame.now

    @property
    def workspace(self) -> Workspace:
        return self.around.workspace
