"""The working copy of one customer: instants are applied to it one after another, with a way back to before the last."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from orchestrator.contracts.topics import Channel
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.effects import Effects
from orchestrator.engine.inputs import Input
from orchestrator.engine.instant import run_instant
from orchestrator.engine.signpost import at_signpost
from orchestrator.engine.turn import Surroundings, Turn
from orchestrator.model.customer import Customer
from orchestrator.policies.turns import Lanes, Promise
from orchestrator.state.value import encode_sections

_Kept = tuple[Mapping[str, msgspec.Raw], Effects, bytes | None, bool, int | None]


@dataclass(slots=True)
class Instant:
    """What one instant brings. `turns` are the smoothed release's answers, so that applying it again takes no turn twice."""

    at: int
    inputs: Sequence[Input]
    afresh: bool = False
    turns: list[Promise] = field(default_factory=list)


class Applying:
    """Nothing is kept of an instant until `keep`, while it is `careful`: then each is also tried for whether the profile can be
    stored after it. Before the first failure nothing is copied and nothing is tried. `failure` says what the last one broke on."""

    def __init__(self, customer: Customer, around: Surroundings, *, careful: bool) -> None:
        self.customer = customer
        self.effects = Effects()
        self.guard: bytes | None = None
        self.erased = False
        self.due: int | None = None
        self.failure = ""
        self.careful = careful
        self._around = around
        self._done: list[Instant] = []
        self._kept: _Kept = (customer.sections(), Effects(), self.guard, self.erased, self.due)
        self._lanes: dict[Channel, Lanes] = {}

    def attempt(self, instant: Instant) -> bool:
        """Apply an instant. False when it breaks; then `rewind` or `restart` before anything else."""
        self._lanes = dict(self._around.pace.lanes)
        try:
            self._apply(instant)
            if self.careful:
                encode_sections(self.customer.sections())
        except Exception as error:  # noqa: BLE001  (a defect must cost one input, not the batch: the caller makes it a dead letter)
            self.failure = f"{type(error).__name__}: {error}"
            return False
        self._done.append(instant)
        return True

    def keep(self) -> None:
        """What the last attempt did stands."""
        self._done.clear()
        self._kept = (self.customer.sections(), self.effects.copy(), self.guard, self.erased, self.due)

    def rewind(self) -> None:
        """Back to what was kept; turns that the last attempt took are free again."""
        self._around.pace.lanes = dict(self._lanes)
        sections, effects, self.guard, self.erased, self.due = self._kept
        self.customer = Customer(self.customer.id, dict(sections))
        self.effects = effects.copy()
        self._done.clear()

    def restart(self) -> list[Instant]:
        """Back to the beginning, carefully from now on; returns the instants that went well, to be attempted again."""
        done = list(self._done)
        self.careful = True
        self.rewind()
        return done

    def park(self, until: int) -> bool:
        """Leave alone what time brings about until then. False when not even that can be noted."""
        try:
            self.customer.identity.parked_until = until
        except ValueError as error:
            self.failure = str(error)
            return False
        self.customer.changed("ids")
        self.keep()
        return True

    def _apply(self, instant: Instant) -> None:
        customer = self.customer
        if customer.identity.moved is not None:
            at_signpost(customer, instant.inputs, self.effects)
            self.due = None
            return
        turn = Turn(customer, self._around, frame_for(customer, self._around, instant.at), self.effects)
        turn.turns_again, instant.turns = deque(instant.turns), turn.turns_taken
        due = run_instant(turn, instant.inputs, afresh=instant.afresh)
        for place, number in turn.frame.warned.items():
            self.effects.count("expression_warnings", *place, by=number)
        # an instant is applied once: what is due in the past by the customer's clock is due with the next one
        self.due = None if due is None else max(due, instant.at + 1)
        if turn.guard is not None:
            self.guard = turn.guard
        self.erased = self.erased or turn.erased
