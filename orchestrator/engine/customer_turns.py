"""All instants of one customer in a batch, with a way back: an input that breaks the engine is set aside as a dead letter,
and what the others did stands."""

from collections import deque
from collections.abc import Sequence

from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.engine.batch import Outcome
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.decode import dead
from orchestrator.engine.effects import Effects
from orchestrator.engine.inputs import EventInput, Input, ReceiptInput
from orchestrator.engine.instant import run_instant
from orchestrator.engine.turn import Surroundings, Turn
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.profiles.handover import forward
from orchestrator.state.history import seal
from orchestrator.state.value import ProfileTooLarge, encode_sections

PARKED = 3_600_000
"""How long, in milliseconds, a customer whose timer breaks the engine is left alone before the next try."""
SEAL_AT = 8
"""Decisions in the profile before they are sealed into one block of the history."""


def _order(one: Input) -> tuple[int, int, int]:
    return (one.record.at, 1 if isinstance(one, ReceiptInput) else 0, one.record.offset)


class CustomerTurns:
    """One customer's inputs of a batch, in order, and the working copy they are applied to."""

    def __init__(self, customer: Customer, inputs: Sequence[Input], around: Surroundings, horizon: int, due: int | None) -> None:
        self._start = customer.sections()
        self._id = customer.id
        self._customer = customer
        self._around = around
        self._horizon = horizon
        self._inputs = deque(sorted(inputs, key=_order))
        self._done: list[tuple[int, list[Input]]] = []
        self._effects = Effects()
        self._broken: list[DeadLetter] = []
        self._due = due
        self._guard: bytes | None = None
        self._erased = False
        self._revisit_at: int | None = None

    def revisit(self) -> None:
        """Look at this customer afresh at the end of the batch: another version is in force."""
        self._revisit_at = self._horizon

    def next_instant(self) -> int | None:
        """The next instant at which something happens to this customer, if that is in this batch."""
        at = self._inputs[0].record.at if self._inputs else None
        if self._revisit_at is not None and (at is None or self._revisit_at < at):
            at = self._revisit_at
        if self._due is not None and self._due <= self._horizon and (at is None or self._due < at):
            at = self._due
        return at

    def run(self, at: int) -> None:
        """Apply the instant `at`."""
        inputs: list[Input] = []
        while self._inputs and self._inputs[0].record.at <= at:
            inputs.append(self._inputs.popleft())
        if not self._attempt(at, inputs):
            self._one_by_one(at, inputs)
        if self._revisit_at is not None and self._revisit_at <= at:
            self._revisit_at = None

    def _attempt(self, at: int, inputs: list[Input]) -> bool:
        try:
            self._apply(at, inputs)
        except Exception as error:  # noqa: BLE001  (a defect must cost one input, not the batch; it becomes a dead letter below)
            self._failure = error
            return False
        self._done.append((at, inputs))
        return True

    def _apply(self, at: int, inputs: list[Input]) -> None:
        moved = self._customer.identity.moved
        if moved is not None:
            self._forward(moved, inputs)
            self._due = None
            return
        turn = Turn(self._customer, self._around, frame_for(self._customer, self._around, at), self._effects)
        due = run_instant(turn, inputs, afresh=at == self._revisit_at)
        # an instant is applied once: what is due in the past by the customer's clock is due with the next one
        self._due = None if due is None else max(due, at + 1)
        if turn.guard is not None:
            self._guard = turn.guard
        self._erased = self._erased or turn.erased

    def _forward(self, user: str, inputs: list[Input]) -> None:
        """This id was absorbed: its events belong to the user now."""
        for one in inputs:
            if isinstance(one, EventInput) and isinstance(one.event, CustomerEvent):
                self._effects.command(forward(user, one.record.value, one.record.at))

    def _one_by_one(self, at: int, inputs: list[Input]) -> None:
        """Find the inputs that break: go back, then try each on its own."""
        kept: list[Input] = []
        for one in inputs:
            self._back()
            if not self._try(at, [*kept, one]):
                self._broken.append(dead(one.record, DeadLetterReason.ENGINE_ERROR, f"{type(self._failure).__name__}: {self._failure}"))
            else:
                kept.append(one)
        self._back()
        if not self._attempt(at, kept):
            # not an input but what was due by time: leave this customer alone for a while, and say so
            self._back()
            self._effects.count("engine_errors", type(self._failure).__name__)
            self._due = at + PARKED
            self._done.append((at, []))

    def _try(self, at: int, inputs: list[Input]) -> bool:
        try:
            self._apply(at, inputs)
        except Exception as error:  # noqa: BLE001  (see _attempt)
            self._failure = error
            return False
        return True

    def _back(self) -> None:
        """To the state before this instant: start again and apply what went well."""
        self._customer = Customer(self._id, self._start)
        self._effects = Effects()
        self._guard, self._erased = None, False
        for at, inputs in self._done:
            self._apply(at, inputs)

    def _give_up(self, outcome: Outcome, error: Exception) -> None:
        """The profile cannot be stored as these inputs leave it: they are dead letters, and it stays as it was."""
        for _at, inputs in self._done:
            outcome.dead_letters += [dead(one.record, DeadLetterReason.ENGINE_ERROR, f"{type(error).__name__}: {error}") for one in inputs]
        outcome.dead_letters.extend(self._broken)
        start = Customer(self._id, self._start)
        outcome.customers[self._id] = start
        outcome.profiles[self._id] = encode_sections(start.sections())
        outcome.timers[self._id] = None if start.due is None else max(start.due, self._horizon + PARKED)

    def collect(self, outcome: Outcome) -> None:
        """Put what came of this customer into the batch's outcome."""
        customer, effects = self._customer, self._effects
        if customer.has_changed("hist") and len(customer.history) >= SEAL_AT:
            outcome.sealed[customer.id] = seal(customer.history)
            customer.history.clear()
        customer.schedule(self._due)
        try:
            outcome.profiles[customer.id] = encode_sections(customer.sections())
        except (ProfileTooLarge, OverflowError, TypeError) as error:
            self._give_up(outcome, error)
            return
        outcome.customers[customer.id] = customer
        outcome.timers[customer.id] = self._due
        outcome.records.extend(effects.records)
        outcome.decisions.extend(effects.decisions)
        outcome.endings.extend(effects.endings)
        outcome.suppress.extend(effects.suppress)
        outcome.counts.update(effects.counts)
        outcome.dead_letters.extend(self._broken)
        if self._guard is not None:
            outcome.guards[customer.id] = self._guard or None
        if self._erased:
            outcome.erased.add(customer.id)
