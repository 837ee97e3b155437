"""Many runs of one customer: while none of them has anything to do they are not even read, so that an event costs the same with a hundred
of them as with none."""

from collections.abc import Iterator

from orchestrator.engine.turn import Turn
from orchestrator.model.run import Run
from orchestrator.model.sections import Resting
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import WaitStep

MANY = 8
"""From so many runs on it is worth a section of its own."""


def rest(turn: Turn) -> None:
    """After an instant that changed runs: note what must be known to leave them unread. Nothing is noted of few runs, or where one of
    them is to be asked at every change: it waits for a condition, for the customer's clock, for its message, or for the end of a pause."""
    customer = turn.customer
    if not customer.has_changed("runs"):
        return
    found = _resting(turn) if len(customer.runs) >= MANY else None
    if found != customer.resting:
        customer.lay_down(found)


def _resting(turn: Turn) -> Resting | None:
    versions: dict[str, str] = {}
    due: int | None = None
    for run in turn.customer.runs:
        journey = turn.workspace.journeys.get(run.journey)
        if journey is None or journey.status == "paused" or run.version != journey.version or _restless(run, journey):
            return None
        versions[run.journey] = run.version
        first = min(instants(run, journey))
        due = first if due is None else min(due, first)
    return None if due is None else Resting(due, versions)


def _restless(run: Run, journey: Journey) -> bool:
    if run.state in ("ready", "sending") or run.zone or run.check_at is not None:
        return True
    step = journey.steps.get(run.node)
    return step is None or (isinstance(step, WaitStep) and any(alternative.when is not None for alternative in step.alternatives))


def instants(run: Run, journey: Journey | None) -> Iterator[int]:
    """When time moves this run: its delay or wait ends, its condition may change, it is too old, its journey's period is over. Of a
    paused journey nothing is due but the end."""
    if journey is None or journey.status != "paused":  # a pause ends with a version, which everybody is told of
        if run.due is not None:
            yield run.due
        if run.check_at is not None:
            yield run.check_at
    if journey is not None:
        yield run.started_at + journey.max_age
        if journey.active.exits and journey.active.end is not None:
            yield journey.active.end
