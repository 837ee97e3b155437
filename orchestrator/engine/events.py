"""One event: profile first, membership of audiences with it; then the runs that listen (oldest first), then entries by journey name."""

from collections.abc import Mapping, Sequence

from orchestrator.engine.acts import TurnActs
from orchestrator.engine.audiences import changes
from orchestrator.engine.entries import consider
from orchestrator.engine.runs import end_run, plan, walk_on
from orchestrator.engine.turn import Turn
from orchestrator.journeys.enter import LATE
from orchestrator.journeys.listen import Answer, listen
from orchestrator.journeys.matches import matches
from orchestrator.journeys.names import run_names
from orchestrator.journeys.views import snapshot
from orchestrator.journeys.walk import emit, end_wait, update_profile
from orchestrator.journeys.webhook import call
from orchestrator.model.event import CustomerEvent
from orchestrator.model.run import EventSnapshot, Run, StepRecord, Waited
from orchestrator.workspace.journey import ExitRule, Journey
from orchestrator.workspace.step import EmitStep, SendStep, UpdateProfileStep, WaitStep, WebhookStep


def journeys_see(turn: Turn, event: CustomerEvent) -> None:
    """What an event that is already in the profile means to journeys. Its place is the customer's present sequence."""
    refs = event.refs
    seen = snapshot(event, turn.customer.identity.sequence, with_context=turn.workspace.keeps_context)
    members = changes(turn) if turn.workspace.audience_entries else {}
    _runs_listen(turn, refs, seen)
    _goals_are_watched(turn, refs, seen)
    _entries(turn, refs, seen, members)


def _names(index: Mapping[str, tuple[str, ...]], refs: tuple[str, ...]) -> Sequence[str]:
    """Journeys by any of the refs, in order of their names."""
    if len(refs) == 1:
        return index.get(refs[0], ())
    return sorted({name for ref in refs for name in index.get(ref, ())})


def _runs_listen(turn: Turn, refs: tuple[str, ...], event: EventSnapshot) -> None:
    listening = _names(turn.workspace.listeners, refs)
    if not listening:
        return
    if not turn.customer.has_read_runs and turn.at_rest is not None and turn.at_rest.versions.keys().isdisjoint(listening):
        return
    for run in sorted((run for run in turn.customer.runs if run.journey in listening), key=lambda r: (r.started_at, r.sequence, r.id)):
        journey = turn.journey_of(run)
        if journey is None or run not in turn.customer.runs:
            continue
        answer = listen(run, journey, refs, event, turn.frame)
        turn.customer.changed("runs")
        _act(turn, run, journey, answer, event)


def _act(turn: Turn, run: Run, journey: Journey, answer: Answer, event: EventSnapshot) -> None:
    if answer.goal:
        run.goal = True
        turn.effects.count("goals", run.journey)
    if answer.outcome == "goal_exit":
        end_run(turn, run, "goal")
    elif answer.outcome == "exit_on" and answer.rule is not None:
        run.used.append(event.sequence)
        end_run(turn, run, "exit_on", answer.rule.reason)
        _then(turn, run, journey, answer.rule, event)
    elif answer.outcome == "wait":
        step = journey.steps[run.node]
        assert isinstance(step, WaitStep)
        run.used.append(event.sequence)
        end_wait(step, run, answer.alternative, Waited(by="event", event=event), turn.frame)
        walk_on(turn, run)


def _then(turn: Turn, run: Run, journey: Journey, rule: ExitRule, event: EventSnapshot) -> None:
    """The steps of an exit run at once; their messages are not touched by the exit's cancelling."""
    names = run_names(run, journey, turn.frame, event)
    for step in rule.then:
        record = run.steps.setdefault(step.node, StepRecord())
        record.count += 1
        record.at = turn.now
        match step:
            case SendStep():
                plan(turn, run, journey, step, ending_event=event)
            case UpdateProfileStep():
                update_profile(step, run, journey, turn.frame, TurnActs(turn), names)
            case EmitStep():
                emit(step, run, journey, turn.frame, TurnActs(turn), names, event.depth)
            case WebhookStep():
                call(step, run, turn.frame, TurnActs(turn), names)


def _goals_are_watched(turn: Turn, refs: tuple[str, ...], event: EventSnapshot) -> None:
    """Goals of runs that are over and of the control group: counted once, up to their time."""
    watches = turn.customer.entries.watches if _names(turn.workspace.listeners, refs) else []
    if not watches:
        return
    left = []
    for watch in watches:
        journey = turn.workspace.journeys.get(watch.journey)
        if journey is None or journey.goal is None or turn.now > watch.until + LATE:
            continue
        if event.timestamp > watch.until:
            left.append(watch)
            continue
        run = Run(
            journey=watch.journey, key=watch.key, number=watch.number, version=journey.version,
            started_at=watch.started_at, sequence=watch.entry.sequence, entry=watch.entry,
        )  # fmt: skip
        if event.sequence > watch.entry.sequence and matches(journey.goal.match, refs, event, run, journey, turn.frame):
            turn.effects.count("goals", watch.journey)
        else:
            left.append(watch)
    if len(left) != len(watches):
        turn.customer.entries.watches = left
        turn.customer.changed("entries")


def _entries(turn: Turn, refs: tuple[str, ...], event: EventSnapshot, members: Mapping[str, EventSnapshot]) -> None:
    """`members`: journeys entered by a change of membership that the event has brought."""
    names = _names(turn.workspace.entries, refs)
    for name in sorted({*names, *members}) if members else names:
        consider(turn, name, members.get(name, event))
