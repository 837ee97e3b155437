"""All instants of one customer in a batch, with a way back: an input that breaks the engine is set aside as a dead letter,
and what the others did stands."""

import logging
from collections import deque
from collections.abc import Sequence

from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.engine.applying import Applying, Instant
from orchestrator.engine.batch import Outcome
from orchestrator.engine.decode import dead
from orchestrator.engine.inputs import EventInput, Input
from orchestrator.engine.turn import Surroundings
from orchestrator.model.customer import Customer, DamagedProfile
from orchestrator.state.history import seal
from orchestrator.state.value import encode_sections

_log = logging.getLogger(__name__)
PARKED = 3_600_000
"""How long, in milliseconds, what time brings about is left alone for a customer with whom it breaks the engine."""
SEAL_AT = 8
"""Decisions to a block of the sealed history; what is left over stays in the profile, so that batches make no difference."""
LARGE = 64 * 1024
"""Bytes of a profile, and of its inputs four times, from which every instant is tried for size: a quarter of the bound."""


def _order(one: Input) -> tuple[int, int, int]:
    return (one.record.at, 0 if isinstance(one, EventInput) else 1, one.record.offset)


class CustomerTurns:
    """One customer's inputs of a batch, in order, and the working copy they are applied to."""

    def __init__(self, customer: Customer, inputs: Sequence[Input], around: Surroundings, horizon: int, due: int | None) -> None:
        """`due`: of the timer that is due in this batch; the profile knows its own otherwise."""
        self._id = customer.id
        self._damage = customer.damage
        self._around = around
        self._horizon = horizon
        self._inputs = deque(sorted(inputs, key=_order))
        self._broken: list[DeadLetter] = []
        self._errors: list[str] = []
        self._revisit_at: int | None = None
        self._due = due
        if due is None and self._damage is None:
            try:
                self._due = customer.due
            except DamagedProfile as error:
                self._damage = str(error)
        large = customer.size + 4 * sum(len(one.record.value) for one in inputs) > LARGE
        self._applying = Applying(customer, around, careful=large)

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
        instant = Instant(at, inputs, afresh=self._revisit_at is not None and self._revisit_at <= at)
        if instant.afresh:
            self._revisit_at = None
        if self._damage is not None:
            self._refuse(inputs, self._damage)
            self._due = max(at, self._horizon) + PARKED
            return
        if not self._applying.careful:
            if self._applying.attempt(instant):
                self._due = self._applying.due
                return
            self._from_the_start()
        self._carefully(instant)

    def _from_the_start(self) -> None:
        """Again what went well, instant by instant, each tried for whether it can be stored."""
        for instant in self._applying.restart():
            self._carefully(instant)

    def _carefully(self, instant: Instant) -> None:
        if self._applying.attempt(instant):
            self._applying.keep()
        else:
            self._find_broken(instant)
        self._due = self._applying.due

    def _refuse(self, inputs: Sequence[Input], why: str) -> None:
        """These inputs are dead letters; metrics get the kind of error, once for each."""
        self._broken += [dead(one.record, DeadLetterReason.ENGINE_ERROR, why) for one in inputs]
        self._errors += [why.partition(":")[0] if self._damage is None else "DamagedProfile"] * len(inputs)

    def _find_broken(self, instant: Instant) -> None:
        """Go back to before this instant, then try each input on its own."""
        applying = self._applying
        applying.rewind()
        if not applying.attempt(Instant(instant.at, [], afresh=instant.afresh)):
            # not an input but what is due by time: leave that alone for a while, and still listen
            self._errors.append(applying.failure.partition(":")[0])
            _log.error("what is due for a customer breaks the engine, and is left alone for an hour: %s", applying.failure)
            applying.rewind()
            applying.park(instant.at + PARKED)
        kept: list[Input] = []
        for one in instant.inputs:
            applying.rewind()
            if applying.attempt(Instant(instant.at, [*kept, one], afresh=instant.afresh)):
                kept.append(one)
            else:
                self._refuse([one], applying.failure)
        applying.rewind()
        if not applying.attempt(Instant(instant.at, kept, afresh=instant.afresh)):
            applying.rewind()
            applying.due = instant.at + PARKED
        applying.keep()

    def collect(self, outcome: Outcome) -> None:
        """Put what came of this customer into the batch's outcome."""
        for error in self._errors:
            outcome.counts["engine_errors", error] += 1
        if self._damage is not None:
            outcome.dead_letters.extend(self._broken)
            outcome.timers[self._id] = self._due
            return
        try:
            sealed, value = self._stored()
        except Exception:  # noqa: BLE001  (it cannot be stored as these inputs leave it: find out which of them it is)
            self._from_the_start()
            sealed, value = self._stored()
        customer, effects = self._applying.customer, self._applying.effects
        if sealed is not None:
            outcome.sealed[customer.id] = sealed
        outcome.profiles[customer.id] = value
        outcome.customers[customer.id] = customer
        outcome.timers[customer.id] = self._due
        outcome.records.extend(effects.records)
        outcome.decisions.extend(effects.decisions)
        outcome.endings.extend(effects.endings)
        outcome.suppress.extend(effects.suppress)
        outcome.counts.update(effects.counts)
        outcome.dead_letters.extend(effects.dead_letters)
        outcome.dead_letters.extend(self._broken)
        if self._applying.guard is not None:
            outcome.guards[customer.id] = self._applying.guard or None
        if self._applying.erased:
            outcome.erased.add(customer.id)

    def _stored(self) -> tuple[bytes | None, bytes]:
        """The block of history that is full, and the profile's value without it. Raises what encoding raises."""
        customer = self._applying.customer
        history = customer.history if customer.has_changed("hist") else []
        full = len(history) // SEAL_AT * SEAL_AT
        sealed = seal(history[:full]) if full else None
        if full:
            del history[:full]
            customer.changed("hist")
        customer.schedule(self._due)
        return sealed, encode_sections(customer.sections())
