"""A run meets another version of its journey: it goes on from the step it stands in, under that step's new name and text."""

from dataclasses import dataclass

from orchestrator.frame import Frame
from orchestrator.journeys.digest import key_of
from orchestrator.journeys.due import Timed, due_of
from orchestrator.journeys.throttle import place_anew
from orchestrator.model.run import Run, RunState
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import (
    END,
    EXIT,
    DelayStep,
    DigestStep,
    SendStep,
    Step,
    ThrottleStep,
    TimeWindowStep,
    WaitStep,
    WebhookStep,
)
from orchestrator.workspace.unnamed_step import speaks_of

_STANDS_IN: dict[RunState, type[Step]] = {
    "sending": SendStep,
    "delay": DelayStep,
    "wait": WaitStep,
    "digest": DigestStep,
    "throttle": ThrottleStep,
    "window": TimeWindowStep,
    "call": WebhookStep,
}
"""What a run stands in by what it does there. One that is `ready` has not begun its step (its journey is paused): any will do."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a run goes on: `stays` in the same step, which is called `to` now; or its step is gone and `to` is where `removed` sends it,
    None where nothing says it."""

    stays: bool
    to: str | None


def way_of(node: str, state: RunState, journey: Journey) -> Way:
    """Of a run that stands in the step `node` of an earlier version. The same step is the same name, or its `was`, and the same step word;
    `removed` goes by the name that people stand under, also where another kind of step is called so now; of a step without an id (they were on
    their way to it when the journey was paused) by that of the step before it."""
    name = journey.was.get(node, node)
    if node in (END, EXIT):
        return Way(stays=True, to=node)
    step, kind = journey.steps.get(name), _STANDS_IN.get(state)
    if step is not None and (kind is None or isinstance(step, kind)):
        return Way(stays=True, to=name)
    return Way(stays=False, to=journey.in_flight.removed.get(speaks_of(node) or node))


def rename(run: Run, journey: Journey) -> None:
    """Steps that have another name now keep what is known of them."""
    for old, new in journey.was.items():
        if old in run.steps and new not in run.steps:
            run.steps[new] = run.steps.pop(old)
        if old in run.heard:
            run.heard[new] = run.heard.pop(old)
        if run.node == old:
            run.node = new
        if run.digest is not None and run.digest.node == old:
            run.digest.node = new


def meet_step(run: Run, journey: Journey, frame: Frame) -> None:
    """It stays in its step, by that one's new text. A digest gathers by its new `key`, and one that has its new `max` already closes now."""
    step = journey.steps.get(run.node)
    if run.digest is not None and isinstance(step, DigestStep) and run.state == "digest":
        run.digest.key = key_of(step, run, journey, frame)
    if journey.in_flight.reschedules:
        reschedule(run, journey, frame)
    if run.digest is not None and isinstance(step, DigestStep) and run.state == "digest" and len(run.digest.items) >= step.max:
        run.due = frame.now


def reschedule(run: Run, journey: Journey, frame: Frame) -> None:
    """The instant that the new text would have given when the run got here, but not earlier than now."""
    step = journey.steps.get(run.node)
    if run.due is not None and isinstance(step, ThrottleStep):
        place_anew(step, run, journey, frame)
    if run.due is None or not isinstance(step, Timed):
        return
    due = due_of(step, run, journey, frame, run.arrived)
    run.due = frame.now if due is None else max(due, frame.now)
