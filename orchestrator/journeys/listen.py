"""Runs that listen: goals, exits and waits, in that order, for one event."""

from dataclasses import dataclass
from typing import Literal

from orchestrator.expressions.scope import next_change
from orchestrator.frame import Frame
from orchestrator.journeys.matches import matches
from orchestrator.journeys.names import run_names
from orchestrator.model.event import refs_of
from orchestrator.model.run import EventSnapshot, Heard, Run
from orchestrator.workspace.journey import ExitRule, Journey
from orchestrator.workspace.step import WaitStep


@dataclass(frozen=True, slots=True)
class Answer:
    """What an event means to a run. `goal` may come with any outcome, since a goal need not end the run."""

    outcome: Literal["none", "goal_exit", "exit_on", "wait"] = "none"
    goal: bool = False
    rule: ExitRule | None = None
    alternative: int = 0


def listen(run: Run, journey: Journey, refs: tuple[str, ...], event: EventSnapshot, frame: Frame) -> Answer:
    """Judge one event for one run; remembers it for waits the run has not reached. The run's own entry event answers nothing."""
    if event.sequence == run.sequence:
        return Answer()
    goal = False
    if journey.goal is not None and not run.goal and matches(journey.goal.match, refs, event, run, journey, frame):
        goal = event.timestamp <= run.started_at + journey.goal.within
        if goal and journey.goal.exit:
            return Answer("goal_exit", goal=True)
    for rule in journey.exit_on:
        if matches(rule.match, refs, event, run, journey, frame):
            return Answer("exit_on", goal=goal, rule=rule)
    found: int | None = None
    if run.state == "wait":
        step = journey.steps.get(run.node)
        if isinstance(step, WaitStep):
            found = _alternative(step, run, journey, refs, event, frame)
    if found is not None:
        return Answer("wait", goal=goal, alternative=found)
    _remember(run, journey, refs, event, frame)
    return Answer(goal=goal)


def _alternative(step: WaitStep, run: Run, journey: Journey, refs: tuple[str, ...], event: EventSnapshot, frame: Frame) -> int | None:
    """The first written alternative the event satisfies."""
    for index, alternative in enumerate(step.alternatives):
        if alternative.match is not None and matches(alternative.match, refs, event, run, journey, frame):
            return index
    return None


def _remember(run: Run, journey: Journey, refs: tuple[str, ...], event: EventSnapshot, frame: Frame) -> None:
    """Keep the latest event that matches a wait further on, unless that wait counts only from its own arrival."""
    for name in journey.order:
        step = journey.steps.get(name)
        if not isinstance(step, WaitStep) or step.since == "step" or (run.node == name and run.state == "wait"):
            continue
        if step.since != "entry" and step.since not in run.steps:
            continue
        index = _alternative(step, run, journey, refs, event, frame)
        if index is not None:
            run.heard[name] = Heard(index, event)


def hear_again(run: Run, journey: Journey, frame: Frame) -> None:
    """In another version, whose waits may listen for something else or say it in another order: what was heard for them is judged anew."""
    for name, heard in list(run.heard.items()):
        step = journey.steps.get(name)
        refs = refs_of(heard.event.name, heard.event.type)
        index = _alternative(step, run, journey, refs, heard.event, frame) if isinstance(step, WaitStep) else None
        if index is None:
            del run.heard[name]
        else:
            heard.alternative = index


def heard_before(step: WaitStep, run: Run) -> Heard | None:
    """The event that already answers this wait, if it still counts: not used by another wait, and after `since`."""
    heard = run.heard.get(step.node)
    if heard is None or step.since == "step" or heard.event.sequence in run.used:
        return None
    if step.since != "entry":
        mark = run.steps.get(step.since)
        if mark is None or heard.event.sequence <= mark.sequence:
            return None
    return heard


def true_condition(step: WaitStep, run: Run, journey: Journey, frame: Frame) -> tuple[int | None, int | None]:
    """The first alternative whose condition is true now; else when one may next become true by time alone."""
    change: int | None = None
    for index, alternative in enumerate(step.alternatives):
        if alternative.when is None:
            continue
        scope = frame.scope(run_names(run, journey, frame))
        if alternative.when.true(scope):
            return index, None
        at = next_change(scope)
        if at is not None and (change is None or at < change):
            change = at
    return None, change
