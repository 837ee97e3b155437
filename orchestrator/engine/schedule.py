"""When a customer must be looked at next: one instant for everything that waits for time."""

from collections.abc import Iterator

from orchestrator.engine.resting import instants
from orchestrator.engine.scheduled import occurrences_due
from orchestrator.engine.turn import Turn
from orchestrator.profiles.fade import next_fade


def next_due(turn: Turn) -> int | None:
    """The earliest of all delays, waits, conditions, holds, expiries and changes of the profile, its guard and its audiences; None when nothing
    waits for time."""
    due = min(_instants(turn), default=None)
    return max(due, turn.customer.identity.parked_until) if due is not None and turn.parked else due


def _instants(turn: Turn) -> Iterator[int]:
    customer = turn.customer
    if not customer.has_read_runs and turn.at_rest is not None:
        yield turn.at_rest.due
    else:
        for run in customer.runs:
            yield from instants(run, turn.journey_of(run))
    for planned in customer.messages.planned:
        if planned.held:
            for at in (planned.until, planned.expires_at, planned.limit_at):
                if at is not None:
                    yield at
    if customer.messages.falls_at is not None:
        yield customer.messages.falls_at
    if customer.identity.guard_at is not None:
        yield customer.identity.guard_at
    if turn.workspace.audience_entries:
        memberships = customer.memberships
        if memberships is not None and memberships.changes_at is not None:
            yield memberships.changes_at
    if turn.workspace.schedules:
        yield from occurrences_due(turn)
    fades_at = next_fade(customer, turn.workspace)
    if fades_at is not None:
        yield fades_at
