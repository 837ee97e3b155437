"""Entry: may this event start a run? The checks in their order; the first that fails gives the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from orchestrator.contracts.reason import Reason
from orchestrator.expressions.values import canonical_text
from orchestrator.frame import Frame
from orchestrator.journeys.digest import joins
from orchestrator.journeys.names import entry_names
from orchestrator.model.bucket import bucket
from orchestrator.model.customer import Customer
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.model.sections import EntryCount, GoalWatch
from orchestrator.workspace.journey import Journey

MAX_RUNS = 100
"""Runs of one customer in one journey at a time."""
LATE = 86_400_000
"""How long, in milliseconds, goals that were reached in time may come in after their time: events of a day before arrive beside newer ones."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No entry, and why."""

    reason: Reason
    key: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entered:
    """A new run; `restarted` is the one it takes the place of."""

    run: Run
    restarted: Run | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """No new run: the event became part of the digest that a run stands in."""


def _always() -> bool:
    return True


def consider_entry(journey: Journey, event: EventSnapshot, frame: Frame, place: Callable[[], bool] = _always) -> Entered | Refused | Joined:
    """Judge one entry event. Changes the customer's entry counts and goal watches, not its runs: the caller adds the run.
    `place` is asked last, and takes one of the day's entries where there is one left."""
    entry = journey.entry
    scope = frame.scope(entry_names(event, journey, frame))
    named = None if entry.schedule is None else str(event.properties["occurrence"])
    if entry.when is not None and not entry.when.true(scope):
        return Refused(Reason.ENTRY_FILTER, named, {"when": entry.when.text})
    if frame.now - event.timestamp > entry.expires:
        return Refused(Reason.ENTRY_EXPIRED, named, {"age_ms": frame.now - event.timestamp, "expires_ms": entry.expires})
    if journey.status == "paused":
        return Refused(Reason.JOURNEY_PAUSED, named, {"cause": journey.paused_by})
    if journey.status == "draining" or not journey.active.holds(frame.now):
        return Refused(Reason.JOURNEY_NOT_ACTIVE, named, {"status": journey.status})
    key = named or ""
    if entry.key is not None:
        value = entry.key.evaluate(scope)
        key = "" if value is None else canonical_text(value).strip()
        if not key:
            return Refused(Reason.ENTRY_KEY_MISSING, values={"key": entry.key.text})
    return _with_key(journey, event, frame, key, place)


def _with_key(journey: Journey, event: EventSnapshot, frame: Frame, key: str, place: Callable[[], bool]) -> Entered | Refused | Joined:
    customer = frame.customer
    reentry = journey.entry.reentry
    runs = [run for run in customer.runs if run.journey == journey.name]
    active = next((run for run in runs if run.key == key), None)
    counts = customer.entries.counts.get(journey.name, {})
    if active is not None:
        if reentry.on_repeat == "ignore":
            if joins(event, active, frame.workspace.journey_at(active.journey, active.version) or journey, frame):
                return Joined()
            return Refused(Reason.ALREADY_RUNNING, key)
        if reentry.on_repeat == "restart":
            run = _start(journey, event, frame, key, is_entry=False)
            return Entered(run, restarted=active)
    refused = _reentry(journey, key, counts, frame.now)
    if refused is not None:
        return refused
    if len(runs) >= MAX_RUNS:
        return Refused(Reason.TOO_MANY_RUNS, key, {"runs": len(runs)})
    if not place():
        return Refused(Reason.JOURNEY_LIMIT, key, {"entries_per_day": journey.limits.entries})
    held_out = _held_out(journey, frame)
    run = _start(journey, event, frame, key, is_entry=True)
    if held_out:
        if journey.goal is not None:
            watch_goal(customer, run, journey, held_out=True)
        return Refused(Reason.HELD_OUT, key)
    return Entered(run)


def _held_out(journey: Journey, frame: Frame) -> bool:
    if frame.held_out is not None:
        return frame.customer.id in frame.held_out
    return journey.holdout > 0 and bucket(frame.workspace.name, "holdout", journey.name, frame.customer.id) < journey.holdout


def _reentry(journey: Journey, key: str, counts: Mapping[str, EntryCount], now: int) -> Refused | None:
    reentry = journey.entry.reentry
    by = _counted_by(journey, key)
    counted = ([counts[by]] if by in counts else []) if reentry.per == "key" else list(counts.values())
    entries = sum(count.count for count in counted)
    if not entries:
        return None
    last = max(count.last for count in counted)
    if reentry.never:
        return Refused(Reason.REENTRY_NEVER, key, {"entries": entries})
    if reentry.after is not None and now < last + reentry.after:
        return Refused(Reason.REENTRY_TOO_SOON, key, {"last_entry": last, "after_ms": reentry.after})
    if reentry.max is not None and entries >= reentry.max:
        return Refused(Reason.REENTRY_MAX, key, {"entries": entries, "max": reentry.max})
    return None


def _counted_by(journey: Journey, key: str) -> str:
    """An occurrence never comes again: a person's entries by a schedule are counted together, so that they take no space each."""
    return "" if journey.entry.schedule is not None else key


def _start(journey: Journey, event: EventSnapshot, frame: Frame, key: str, *, is_entry: bool) -> Run:
    """Every start gives the key its next number; a restart is no entry and leaves count and last as they are."""
    counts = frame.customer.entries.counts.setdefault(journey.name, {})
    counted = _counted_by(journey, key)
    before = counts.get(counted, EntryCount(0, frame.now, 0))
    counts[counted] = EntryCount(before.count + 1 if is_entry else before.count, frame.now if is_entry else before.last, before.number + 1)
    number = before.number + 1 if counted == key else 1
    frame.customer.changed("entries")
    return Run(
        journey=journey.name, key=key, number=number, version=journey.version,
        started_at=frame.now, sequence=event.sequence, entry=event, node=journey.first, arrived=frame.now,
        content=frame.workspace.content if journey.in_flight.content == "pinned" else "",
    )  # fmt: skip


def watch_goal(customer: Customer, run: Run, journey: Journey, *, held_out: bool = False) -> None:
    """The goal goes on counting after a run has ended, and for people in the control group. Those that were over long before this run
    began are forgotten: only events that some journey listens for look at them."""
    within = journey.goal.within if journey.goal else 0
    watched = GoalWatch(
        journey=run.journey, key=run.key, number=run.number, until=run.started_at + within,
        started_at=run.started_at, entry=run.entry, held_out=held_out,
    )  # fmt: skip
    customer.entries.watches = [*(one for one in customer.entries.watches if one.until + LATE >= run.started_at), watched]
    customer.changed("entries")
