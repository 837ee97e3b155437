"""Who joins and who leaves: the audiences that journeys are entered by, followed from one change of the profile to the next.

What is kept is, for each of these audiences, which journeys know the person inside and which outside. A journey that knows
neither is new to the person: somebody known is then let in or not by `existing`; somebody never seen before was outside.
"""

from collections.abc import Iterable, Mapping

from orchestrator.engine.entries import consider
from orchestrator.engine.turn import Turn
from orchestrator.journeys.membership import membership_entry
from orchestrator.model.run import EventSnapshot
from orchestrator.model.sections import Memberships, Standing
from orchestrator.workspace.workspace import Workspace

_NOWHERE = Standing()
MOST_FLIPS = 8
"""Of one audience at one instant: journeys that push somebody in and out of it by what they write would never come to rest."""


def followed(workspace: Workspace, held: Memberships | None) -> Mapping[str, tuple[str, ...]]:
    """Audiences that people enter by, each with its journeys. Drafts ask for nothing; one that has been live before goes on knowing where somebody
    stands, so that it does not go live for the first time again."""
    found = {
        audience: tuple(name for name in names if workspace.journeys[name].status != "draft" or (held is not None and held.knows(name)))
        for audience, names in workspace.audience_entries.items()
    }
    return {audience: names for audience, names in found.items() if names}


def take_note(turn: Turn) -> None:
    """Before the inputs of an instant: where does somebody known stand for journeys that are new to them? Those who are in already
    enter where `existing: enter` says so. Nothing is kept for audiences that nobody enters by any more."""
    customer = turn.customer
    held = customer.memberships
    audiences = followed(turn.workspace, held)
    if not audiences or customer.identity.erased:
        if held is not None:
            customer.remember(None)
        return
    if turn.parked or customer.identity.first_seen == 0:
        return
    standings = {} if held is None else dict(held.audiences)
    entering: list[str] = []
    for audience, names in audiences.items():
        before = standings.get(audience, _NOWHERE)
        new = [name for name in names if name not in before.inside and name not in before.outside and not _still_to_come(turn, name)]
        if not new:
            continue
        inside, _change = turn.frame.facts.in_audience(audience)
        standings[audience] = Standing(before.inside + new, before.outside) if inside else Standing(before.inside, before.outside + new)
        entering += [
            name for name in new
            if inside and turn.workspace.journeys[name].entry.existing == "enter" and not (held is not None and held.knows(name))
        ]  # fmt: skip
    if held is None or standings != held.audiences:
        customer.remember(Memberships(standings, None if held is None else held.changes_at))
    for name in sorted(entering):
        entry = turn.workspace.journeys[name].entry
        consider(turn, name, membership_entry(entry, turn.now, turn.now, customer.identity.sequence, existing=True))


def changes(turn: Turn) -> dict[str, EventSnapshot]:
    """Judge membership now and keep it; the journeys that are entered by what has changed, with what they are told of it."""
    customer = turn.customer
    held = customer.memberships or Memberships()
    audiences = followed(turn.workspace, held)
    if not audiences or customer.identity.first_seen == 0 or customer.identity.erased:
        return {}
    at = _instant(turn, held)
    standings: dict[str, Standing] = {}
    entered: dict[str, EventSnapshot] = {}
    due: int | None = None
    for audience, names in audiences.items():
        inside, change = turn.frame.facts.in_audience(audience)
        if change is not None and (due is None or change < due):
            due = change
        due = min((at for at in (due, _opens(turn, names)) if at is not None), default=None)
        known_inside = held.audiences.get(audience, _NOWHERE).inside
        wanted = "joins" if inside else "leaves"
        known = tuple(name for name in names if not _unknown(turn, held, audience, name))
        moved = [name for name in known if turn.workspace.journeys[name].entry.change == wanted and (name in known_inside) != inside]
        if moved and _comes_to_rest(turn, audience):
            for name in moved:
                entered[name] = membership_entry(turn.workspace.journeys[name].entry, at, turn.now, customer.identity.sequence)
        standings[audience] = Standing(list(known), []) if inside else Standing([], list(known))
    if standings != held.audiences or due != held.changes_at:
        customer.remember(Memberships(standings, due))
    return entered


def _still_to_come(turn: Turn, name: str) -> bool:
    """It takes in those who are there when it goes live, and that is not yet: it was applied paused, or its time has not begun. Until then nobody
    is noted for it."""
    journey = turn.workspace.journeys[name]
    if journey.entry.existing != "enter":
        return False
    return (journey.status == "paused" and journey.paused_by == "file") or (journey.active.start or 0) > turn.now


def _opens(turn: Turn, names: Iterable[str]) -> int | None:
    """When the time begins of the first of them that takes in those who are there then."""
    journeys = (turn.workspace.journeys[name] for name in names)
    starts = [one.active.start for one in journeys if one.entry.existing == "enter" and one.active.start is not None]
    return min((start for start in starts if start > turn.now), default=None)


def _unknown(turn: Turn, held: Memberships, audience: str, name: str) -> bool:
    """Nothing is noted of this person for a journey that is still to come."""
    known = held.audiences.get(audience, _NOWHERE)
    return name not in known.inside and name not in known.outside and _still_to_come(turn, name)


def _comes_to_rest(turn: Turn, audience: str) -> bool:
    """One more change. Past the bound it is kept and counted, and nobody enters by it."""
    turn.flips[audience] = turn.flips.get(audience, 0) + 1
    if turn.flips[audience] <= MOST_FLIPS:
        return True
    turn.effects.count("audience_flips", audience)
    return False


def follow(turn: Turn) -> bool:
    """Something has changed, or time has come: who joins and leaves by it enters now. True when there was one."""
    entered = changes(turn)
    for name in sorted(entered):
        consider(turn, name, entered[name])
    return bool(entered)


def _instant(turn: Turn, held: Memberships) -> int:
    """Of a change: of the input that brought it; of the time that was due; else now."""
    if turn.caused_at:
        return turn.caused_at
    return held.changes_at if held.changes_at is not None and held.changes_at <= turn.now else turn.now
