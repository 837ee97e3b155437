"""What happens to one customer at one instant, in the order of the language: inputs; waits that are due; the messages
that came due, decided together, until nothing moves; then what ends something; last, expiries."""

from collections.abc import Sequence

from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.engine.audiences import follow, take_note
from orchestrator.engine.calls import apply_answer
from orchestrator.engine.commands import apply_command
from orchestrator.engine.decode import dead
from orchestrator.engine.events import journeys_see
from orchestrator.engine.fallback import give_up
from orchestrator.engine.guards import update_guard
from orchestrator.engine.inputs import CallInput, EventInput, Input, InputRecord, ReceiptInput
from orchestrator.engine.migration import meet_new_versions
from orchestrator.engine.newest_priority import take_priorities
from orchestrator.engine.receipts import apply_receipt
from orchestrator.engine.resting import rest
from orchestrator.engine.schedule import next_due
from orchestrator.engine.scheduled import enter_scheduled, forget_gone
from orchestrator.engine.timers import check_conditions, close_digests, decide_due, end_with_the_period, expire, release, wake_runs
from orchestrator.engine.turn import Turn
from orchestrator.ingest.deduplicate import forget, is_repeat
from orchestrator.model.event import CustomerEvent
from orchestrator.profiles.apply import apply_event
from orchestrator.profiles.fade import fade

ROUNDS = 1_000
"""Rounds at one instant before something is plainly wrong: every round settles a message or ends a run."""


def run_instant(turn: Turn, inputs: Sequence[Input], *, afresh: bool = False) -> int | None:
    """Apply everything of this instant; `afresh`: another version is in force. Returns when the customer is due next.

    Raises nothing for any data; a defect in this program may raise, and the caller then takes back what this instant did.
    """
    customer = turn.customer
    turn.afresh = afresh
    if afresh:
        customer.changed("ids")
    fade(customer, turn.workspace, turn.now - 1)
    if not turn.parked:
        meet_new_versions(turn)
        if afresh:
            take_priorities(turn)
        end_with_the_period(turn)
    if turn.workspace.audience_entries or customer.holds("aud"):
        take_note(turn)
    if customer.holds("sched"):
        forget_gone(turn)
    for left, one in zip(range(len(inputs) - 1, -1, -1), inputs, strict=True):
        _apply(turn, one)
        if left and not turn.parked:  # what the next one may take back has been true
            check_conditions(turn)
    fade(customer, turn.workspace, turn.now)
    if not turn.parked:
        wake_runs(turn)
        give_up(turn)
    if turn.workspace.schedules:
        enter_scheduled(turn)
    _settle(turn)
    guard = update_guard(turn)
    if guard is not None:
        turn.guard = guard
    rest(turn)
    due = next_due(turn)
    customer.schedule(due)
    return due


def _settle(turn: Turn) -> None:
    """Until nothing moves: who joined an audience, what came due, conditions that came true; then holds that end, last expiries.
    Audiences, conditions and rules are asked again whenever something has changed, be it by an input, by a step or by a message
    that was sent."""
    customer = turn.customer
    asked = released = -1
    audiences = bool(turn.workspace.audience_entries)
    for _ in range(ROUNDS):
        if asked != customer.revision and not turn.parked:
            if (audiences and follow(turn)) or check_conditions(turn):
                continue
            asked = customer.revision
        if decide_due(turn):
            continue
        if turn.parked:
            return
        if released != customer.revision:
            if release(turn):
                continue
            if asked != (released := customer.revision):
                continue
        if close_digests(turn):
            continue
        if expire(turn):
            continue
        return
    raise RuntimeError(f"{ROUNDS} rounds at one instant: something in {sorted({r.journey for r in customer.runs})} never settles")


def _apply(turn: Turn, one: Input) -> None:
    turn.caused_at = one.record.at
    match one:
        case ReceiptInput(receipt=receipt):
            apply_receipt(turn, receipt)
        case CallInput(answer=answer):
            apply_answer(turn, answer)
        case EventInput():
            event = one.event
            if isinstance(event, CustomerEvent):
                _event(turn, event, one.record)
            else:
                apply_command(turn, event)


def _event(turn: Turn, event: CustomerEvent, record: InputRecord) -> None:
    customer = turn.customer
    if customer.identity.erased:
        turn.effects.count("events_of_erased")
        return
    if is_repeat(customer, event, turn.workspace.rules.dedupe, turn.now):
        turn.effects.count("events_repeated")
        return
    if event.ahead:
        turn.effects.count("clock_skew")
    customer.identity.sequence += 1
    customer.changed("ids")
    applied = apply_event(customer, event, turn.frame, turn.workspace, turn.now)
    for command in applied.commands:
        turn.effects.command(command)
    for reason in applied.kept_out:
        turn.effects.count("profile_refused", reason)
    turn.effects.suppress.extend(applied.addresses)
    if applied.refused is not None:
        # mended and sent again under the same id it is no repeat
        forget(customer, event, turn.now)
        turn.effects.dead_letters.append(dead(record, DeadLetterReason.BAD_MAPPING, applied.refused))
        return
    journeys_see(turn, event)
