"""Merging an anonymous profile into a user's: newest traits, strictest consents, all history, the run that is further on."""

from orchestrator.model.customer import Customer
from orchestrator.model.run import Run
from orchestrator.model.sections import EntryCount, Stamped
from orchestrator.profiles.consent_state import add_statement
from orchestrator.profiles.past import MOST
from orchestrator.workspace.workspace import Workspace


def absorb(user: Customer, other: Customer, workspace: Workspace) -> None:
    """Change `user`; `other` is read only."""
    for mine, theirs, section in ((user.traits, other.traits, "traits"), (user.context, other.context, "ctx")):
        _newest(mine, theirs)
        user.changed(section)
    for statement in other.consents.statements:
        add_statement(user.consents, statement)
    for channel, at in other.consents.stopped.items():
        user.consents.stopped.setdefault(channel, at)
    levels = ("", "marketing", "all")
    if levels.index(other.consents.do_not_contact) > levels.index(user.consents.do_not_contact):
        user.consents.do_not_contact = other.consents.do_not_contact
    user.consents.suppressed = {**other.consents.suppressed, **user.consents.suppressed}
    for kind, cases in other.issues.items():
        held = user.issues.setdefault(kind, {})
        for key, case in cases.items():
            if key not in held or held[key].at < case.at:
                held[key] = case
    for name, past in other.past.items():
        mine_past = user.past.setdefault(name, type(past)())
        mine_past.total += past.total
        mine_past.items = sorted([*mine_past.items, *past.items], key=lambda item: (item.arrival, item.sequence))[-MOST:]
    for name, computed in other.computed.items():
        if name not in user.computed:
            user.computed[name] = computed
        else:
            user.computed[name].points = sorted([*user.computed[name].points, *computed.points], key=lambda p: p[0])[-MOST:]
    for day, marks in other.seen.days.items():
        user.seen.days[day] = user.seen.days.get(day, b"") + marks
    _entries(user, other)
    _runs(user, other, workspace)
    user.messages.planned.extend(p for p in other.messages.planned if any(r.id == p.run_id for r in user.runs))
    user.messages.sent = sorted([*user.messages.sent, *other.messages.sent], key=lambda sent: sent.at)
    identity = user.identity
    identity.first_seen = (
        min(x for x in (identity.first_seen, other.identity.first_seen) if x) if identity.first_seen or other.identity.first_seen else 0
    )
    identity.sequence = max(identity.sequence, other.identity.sequence)
    user.changed("ids", "consents", "issues", "past", "comp", "seen", "entries", "runs", "msgs")


def _newest(mine: dict[str, Stamped], theirs: dict[str, Stamped]) -> None:
    for name, stamped in theirs.items():
        if name not in mine or mine[name].at < stamped.at:
            mine[name] = stamped


def _entries(user: Customer, other: Customer) -> None:
    for journey, counts in other.entries.counts.items():
        held = user.entries.counts.setdefault(journey, {})
        for key, count in counts.items():
            before = held.get(key, EntryCount(0, 0, 0))
            held[key] = EntryCount(before.count + count.count, max(before.last, count.last), max(before.number, count.number))
    user.entries.watches.extend(other.entries.watches)


def _runs(user: Customer, other: Customer, workspace: Workspace) -> None:
    for run in other.runs:
        rival = next((mine for mine in user.runs if mine.journey == run.journey and mine.key == run.key), None)
        if rival is None:
            user.runs.append(run)
            continue
        order = workspace.journeys[run.journey].order if run.journey in workspace.journeys else ()
        if _place(run, order) > _place(rival, order):
            user.runs[user.runs.index(rival)] = run


def _place(run: Run, order: tuple[str, ...]) -> tuple[int, int]:
    """Later in the file is further; ties go to the older run."""
    return (order.index(run.node) if run.node in order else -1, -run.started_at)
