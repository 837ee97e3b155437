"""What happens to one customer at one instant, in the order of the language: inputs; waits that are due; the messages
that came due, decided together, until nothing moves; then what ends something; last, expiries."""

from collections.abc import Sequence

from orchestrator.engine.commands import apply_command
from orchestrator.engine.events import journeys_see
from orchestrator.engine.guards import update_guard
from orchestrator.engine.inputs import EventInput, Input, ReceiptInput
from orchestrator.engine.receipts import apply_receipt
from orchestrator.engine.schedule import next_due
from orchestrator.engine.timers import check_conditions, decide_due, expire, release, wake_runs
from orchestrator.engine.turn import Turn
from orchestrator.ingest.deduplicate import is_repeat
from orchestrator.model.event import CustomerEvent
from orchestrator.profiles.apply import apply_event

ROUNDS = 1_000
"""Rounds at one instant before something is plainly wrong: every round settles a message or ends a run."""


def run_instant(turn: Turn, inputs: Sequence[Input], *, afresh: bool = False) -> int | None:
    """Apply everything of this instant; `afresh`: whatever may have changed is looked at again. Returns when the customer is
    due next. Raises nothing for any data; a defect in this program may raise, and the caller then takes back what this instant did."""
    for one in inputs:
        _apply(turn, one)
    wake_runs(turn)
    if inputs or afresh or _conditions_due(turn):
        check_conditions(turn)
    facts_changed = bool(inputs) or afresh or _guard_due(turn)
    for _ in range(ROUNDS):
        if decide_due(turn):
            continue
        if release(turn, facts_changed=facts_changed):
            continue
        facts_changed = False
        if expire(turn):
            continue
        break
    else:
        raise RuntimeError(f"{ROUNDS} rounds at one instant: something in {sorted({r.journey for r in turn.customer.runs})} never settles")
    guard = update_guard(turn) if inputs or afresh or _guard_due(turn) else None
    if guard is not None:
        turn.guard = guard
    due = next_due(turn)
    turn.customer.schedule(due)
    return due


def _apply(turn: Turn, one: Input) -> None:
    turn.caused_at = one.record.at
    match one:
        case ReceiptInput(receipt=receipt):
            apply_receipt(turn, receipt)
        case EventInput():
            event = one.event
            if isinstance(event, CustomerEvent):
                _event(turn, event)
            else:
                apply_command(turn, event)


def _event(turn: Turn, event: CustomerEvent) -> None:
    customer = turn.customer
    if customer.identity.erased:
        turn.effects.count("events_of_erased")
        return
    if is_repeat(customer, event, turn.workspace.rules.dedupe, turn.now):
        turn.effects.count("events_repeated")
        return
    customer.identity.sequence += 1
    customer.changed("ids")
    applied = apply_event(customer, event, turn.frame, turn.workspace, turn.now)
    for command in applied.commands:
        turn.effects.command(command)
    for reason in applied.refused:
        turn.effects.count("profile_refused", reason)
    journeys_see(turn, event)


def _conditions_due(turn: Turn) -> bool:
    return any(run.check_at is not None and run.check_at <= turn.now for run in turn.customer.runs)


def _guard_due(turn: Turn) -> bool:
    at = turn.customer.identity.guard_at
    return at is not None and at <= turn.now
