"""Merging an anonymous profile into a user's: newest traits, strictest consents, all history, the run that is further on."""

from dataclasses import dataclass, field

from orchestrator.model.customer import Customer
from orchestrator.model.planned import Planned
from orchestrator.model.run import Run
from orchestrator.model.sections import LEVELS, EntryCount, EventPast, Memberships, Stamped, Standing
from orchestrator.model.seen_ids import add_all
from orchestrator.model.shown_offers import give_back
from orchestrator.profiles.consent_state import add_statement
from orchestrator.profiles.merge_computed import merge_computed
from orchestrator.profiles.past import MOST
from orchestrator.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Merged:
    """Two runs of one journey and key met: `ended` gives way to `goes_on`, and its messages that have not left are `cancelled`."""

    ended: Run
    goes_on: Run
    cancelled: list[Planned] = field(default_factory=list)


def absorb(user: Customer, other: Customer, workspace: Workspace) -> list[Merged]:
    """Change `user`; `other` is used up. Returns the runs that met."""
    for mine, theirs, section in ((user.traits, other.traits, "traits"), (user.context, other.context, "ctx")):
        _newest(mine, theirs)
        user.changed(section)
    _consents(user, other)
    for kind, cases in other.issues.items():
        held = user.issues.setdefault(kind, {})
        for key, case in cases.items():
            if key not in held or (held[key].at, held[key].arrival) < (case.at, case.arrival):
                held[key] = case
    for name, past in other.past.items():
        mine_past = user.past.setdefault(name, type(past)())
        mine_past.totals = counts_of_both(mine_past, past)
        mine_past.total += past.total
        mine_past.items = sorted([*mine_past.items, *past.items], key=lambda item: (item.arrival, item.sequence))[-MOST:]
        mine_past.truncated += past.truncated
    merge_computed(user, other, workspace.profile.computed)
    add_all(user.seen, other.seen)
    _renumber(user, other)
    _entries(user, other)
    _memberships(user, other)
    _occurrences(user, other)
    merged = _runs(user, other, workspace)
    _messages(user, other)
    together = sorted([*other.decisions(), *user.decisions()], key=lambda decision: decision.at)
    user.history.clear()
    user.note(*together)
    mine_id, their_id = user.identity, other.identity
    mine_id.first_seen = min((at for at in (mine_id.first_seen, their_id.first_seen) if at), default=0)
    mine_id.sequence = max(mine_id.sequence, their_id.sequence)
    for channel, at in their_id.inbound.items():
        mine_id.inbound[channel] = max(mine_id.inbound.get(channel, 0), at)
    user.changed("ids", "consents", "issues", "past", "comp", "seen", "entries", "runs", "msgs", "hist")
    return merged


def _newest(mine: dict[str, Stamped], theirs: dict[str, Stamped]) -> None:
    for name, stamped in theirs.items():
        if name not in mine or mine[name].at < stamped.at:
            mine[name] = stamped


def counts_of_both(mine: EventPast, other: EventPast) -> dict[str, int]:
    """By condition; one that only one of two pasts has been asked about is counted again from what is kept."""
    sides = [side for side in (mine, other) if side.total]
    return {
        text: sum(side.totals[text] for side in sides) for text in other.totals | mine.totals if all(text in side.totals for side in sides)
    }


def _consents(user: Customer, other: Customer) -> None:
    """The strictest: of two statements by their own rule, a stop or a flag on either side stands."""
    mine, theirs = user.consents, other.consents
    mine.trail = sorted([*mine.trail, *theirs.trail], key=lambda statement: statement.at)
    for statement in theirs.statements:
        add_statement(mine, statement)
    for channel, at in theirs.stopped.items():
        mine.stopped[channel] = max(mine.stopped.get(channel, 0), at)
    for channel, at in theirs.started.items():
        mine.started[channel] = max(mine.started.get(channel, 0), at)
    for rule, flag in theirs.flags.items():
        if rule not in mine.flags or LEVELS.index(flag.level) > LEVELS.index(mine.flags[rule].level):
            mine.flags[rule] = flag
    for address, kind in theirs.suppressed.items():
        if mine.suppressed.get(address) != "dead":
            mine.suppressed[address] = kind


def _renumber(user: Customer, other: Customer) -> None:
    """Both profiles have counted their runs from 1: the other's go on behind the user's, or a message of a run would pass for one that
    another run of that number has sent."""
    behind = {
        (journey, key): count.number for journey, counts in user.entries.counts.items() for key, count in counts.items()
        if key in other.entries.counts.get(journey, ())
    }  # fmt: skip
    if not behind:
        return
    for run in other.runs:
        by = behind.get((run.journey, run.key), 0)
        if by and run.state == "call":
            run.asked_as = run.asked_as or run.number
        run.number, run.also = run.number + by, [number + by for number in run.also]
    for planned in other.messages.planned:
        planned.facts.number += behind.get((planned.facts.journey, planned.facts.key), 0)
    for sent in other.messages.sent:
        by = behind.get((sent.journey, sent.key), 0)
        if by:
            sent.amend(number=sent.number + by)
    for watch in other.entries.watches:
        watch.number += behind.get((watch.journey, watch.key), 0)


def _entries(user: Customer, other: Customer) -> None:
    for journey, counts in other.entries.counts.items():
        held = user.entries.counts.setdefault(journey, {})
        for key, count in counts.items():
            before = held.get(key, EntryCount(0, 0, 0))
            held[key] = EntryCount(before.count + count.count, max(before.last, count.last), before.number + count.number)
    user.entries.watches.extend(other.entries.watches)
    for throttle, passes in other.entries.passes.items():
        user.entries.passes[throttle] = sorted([*user.entries.passes.get(throttle, ()), *passes])


def _memberships(user: Customer, other: Customer) -> None:
    """Whoever was inside under either id was inside: nobody joins twice by being recognised."""
    mine, theirs = user.memberships or Memberships(), other.memberships
    if theirs is None:
        return
    audiences = dict(mine.audiences)
    for audience, their in theirs.audiences.items():
        held = audiences.get(audience, Standing())
        inside = [*held.inside, *(name for name in their.inside if name not in held.inside)]
        outside = [*held.outside, *(name for name in their.outside if name not in held.outside)]
        audiences[audience] = Standing(inside, [name for name in outside if name not in inside])
    user.remember(Memberships(audiences, min((at for at in (mine.changes_at, theirs.changes_at) if at is not None), default=None)))


def _occurrences(user: Customer, other: Customer) -> None:
    """What came to either has come: of each schedule the later one."""
    if other.occurrences:
        mine, theirs = user.occurrences or {}, other.occurrences
        user.look_past({name: max(mine.get(name, ""), theirs.get(name, "")) for name in {**mine, **theirs}})


def _runs(user: Customer, other: Customer, workspace: Workspace) -> list[Merged]:
    merged: list[Merged] = []
    for run in list(other.runs):
        rival = next((mine for mine in user.runs if mine.journey == run.journey and mine.key == run.key), None)
        journey = workspace.journeys.get(run.journey)
        if rival is None or (journey is not None and journey.entry.reentry.on_repeat == "parallel"):
            user.runs.append(run)
        else:
            order = () if journey is None else journey.order
            further = _place(run, order) > _place(rival, order)
            ended, goes_on = (rival, run) if further else (run, rival)
            merged.append(Merged(ended, goes_on, _cancelled(user if further else other, ended)))
            _join(ended, goes_on, user.identity.sequence + other.identity.sequence)
            if further:
                user.runs[user.runs.index(rival)] = run
    return merged


def _place(run: Run, order: tuple[str, ...]) -> tuple[int, int]:
    """Later in the file is further; ties go to the older run."""
    return (order.index(run.node) if run.node in order else -1, -run.started_at)


def _cancelled(owner: Customer, ended: Run) -> list[Planned]:
    """Take out what the ended run has planned and not sent; no other channel follows what it has sent. Messages of an exit are not
    its own any more."""
    for sent in owner.messages.sent:
        if sent.chain is not None and (sent.journey, sent.key, sent.number) == (ended.journey, ended.key, ended.number):
            plan = sent.plan
            if plan is None or not plan.exit_message:
                sent.end_chain()
                if sent.given_back:
                    give_back(owner.messages, sent)
    gone = [planned for planned in owner.messages.planned if planned.run_id == ended.id and not planned.exit_message]
    owner.messages.planned = [planned for planned in owner.messages.planned if planned not in gone]
    for planned in gone:
        give_back(owner.messages, planned)
    return gone


def _join(ended: Run, goes_on: Run, sequence: int) -> None:
    """What either has sent isn't sent again; what either's waits have seen counts, where it came after the run began."""
    goes_on.also.extend((ended.number, *ended.also))
    goes_on.goal = goes_on.goal or ended.goal
    if ended.state == goes_on.state == "digest" and ended.digest and goes_on.digest and ended.digest.node == goes_on.digest.node:
        goes_on.digest.items.extend(ended.digest.items)
    for name, heard in ended.heard.items():
        known = goes_on.heard.get(name)
        if heard.event.arrival >= goes_on.started_at and (known is None or known.event.arrival < heard.event.arrival):
            # its place among the inputs was counted by the other profile: here it comes after all that was so far
            heard.event.sequence = sequence
            goes_on.heard[name] = heard


def _messages(user: Customer, other: Customer) -> None:
    """Planned ones go on under the user, also those whose run has ended by itself: between two tries."""
    mine, theirs = user.messages, other.messages
    mine.planned.extend(theirs.planned)
    mine.sent = sorted([*mine.sent, *theirs.sent], key=lambda sent: sent.at)
    mine.receipts += theirs.receipts
    mine.falls_at = min((at for at in (mine.falls_at, theirs.falls_at) if at is not None), default=None)
    for offer, shown in theirs.offers.items():
        mine.offers[offer] = sorted([*mine.offers.get(offer, ()), *shown])
    for message, commits in theirs.lately.items():
        held = mine.lately.setdefault(message, {})
        held.update({key: max(at, held.get(key, 0)) for key, at in commits.items()})
