"""Entry by the clock. Each person's timer stands at the next occurrence of every schedule that is live, by their own clock; whoever is
due is judged then, with everything else of the instant.

A million people with one timer each is what the timer index is made for: pages of them go between the events, in order, across
restarts and hand-overs, and nothing else needs to know where a broadcast has got to. What is remembered of a person is the name of
the occurrence they were looked at for last: names grow with local time, so that one is enough for "each once", in every zone. Since
when a schedule counts is the partition's to know (`in_force_since`): whoever is reached late by a new version misses nothing, and
whoever comes later is not entered for what was before them.
"""

from collections.abc import Iterator, Mapping

from orchestrator.engine.entries import consider
from orchestrator.engine.turn import Turn
from orchestrator.journeys.occurrence import Coming, coming, occurrence_entry
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.workspace import Workspace

FOLLOWED = ("live", "draining", "paused")
"""Statuses in which occurrences count: those that fall into a pause wait for its end, those of a journey that takes nobody in any more are
refused."""

_JUDGED = ("live", "draining")
"""Statuses in which each is judged at its moment."""


def in_force_since(held: Mapping[str, tuple[str, int]], workspace: Workspace, now: int) -> dict[str, tuple[str, int]]:
    """By journey the version of its schedule, and the instant (ms) from which on its occurrences count: when that came into force."""
    found: dict[str, tuple[str, int]] = {}
    for name in workspace.schedules:
        journey = workspace.journeys[name]
        if journey.entry.schedule is None or journey.status not in FOLLOWED:
            continue
        version, at = held.get(name, ("", now))
        found[name] = (version, at) if version == journey.entry.schedule.version else (journey.entry.schedule.version, now)
    return found


def forget_gone(turn: Turn) -> None:
    """Nothing is kept of schedules that nobody enters by any more."""
    customer = turn.customer
    held = customer.occurrences
    left = {name: last for name, last in (held or {}).items() if _counts(turn, name)}
    if left != held:
        customer.look_past(left or None)


def enter_scheduled(turn: Turn) -> None:
    """Everybody whose time has come, at their own instant. Of several that expired meanwhile (a pause, a standstill) the last is
    judged, and refused; those before it leave no trace."""
    customer = turn.customer
    if turn.parked or customer.identity.erased or customer.identity.first_seen == 0:
        return
    for name in turn.workspace.schedules:
        journey = turn.workspace.journeys[name]
        if journey.status not in _JUDGED:
            continue
        one = _coming(turn, journey)
        while one is not None and one.at <= turn.now:
            customer.look_past({**(customer.occurrences or {}), name: one.name})
            following = _coming(turn, journey)
            if not (_expired(turn, journey, one) and following is not None and _expired(turn, journey, following)):
                _enter(turn, journey, one)
            one = following


def occurrences_due(turn: Turn) -> Iterator[int]:
    """When the next one of each schedule comes for this person; of a paused journey none does until a version ends the pause."""
    if turn.customer.identity.erased or turn.customer.identity.first_seen == 0:
        return
    for name in turn.workspace.schedules:
        journey = turn.workspace.journeys[name]
        one = _coming(turn, journey) if journey.status in _JUDGED else None
        if one is not None:
            yield one.at


def _counts(turn: Turn, name: str) -> bool:
    journey = turn.workspace.journeys.get(name)
    return journey is not None and journey.entry.schedule is not None and journey.status in FOLLOWED


def _coming(turn: Turn, journey: Journey) -> Coming | None:
    customer = turn.customer
    _version, since = turn.around.scheduled.get(journey.name, ("", 0))
    return coming(journey, turn.frame, max(since, customer.identity.first_seen), (customer.occurrences or {}).get(journey.name, ""))


def _expired(turn: Turn, journey: Journey, one: Coming) -> bool:
    return turn.now - one.at > journey.entry.expires


def _enter(turn: Turn, journey: Journey, one: Coming) -> None:
    """Whoever is not in the audience was not meant: of them no trace is left either."""
    schedule = journey.entry.schedule
    if schedule is not None and schedule.audience is not None and not turn.frame.facts.in_audience(schedule.audience)[0]:
        return
    consider(turn, journey.name, occurrence_entry(one, turn.now, turn.customer.identity.sequence))
