"""A run meets another version of its journey: it goes on from the step it stands in, under that step's new name and text."""

from orchestrator.frame import Frame
from orchestrator.journeys.due import Timed, due_of
from orchestrator.model.run import Run, RunState
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import END, EXIT, DelayStep, DigestStep, SendStep, Step, ThrottleStep, WaitStep

_STANDS_IN: dict[RunState, type[Step]] = {
    "sending": SendStep,
    "delay": DelayStep,
    "wait": WaitStep,
    "digest": DigestStep,
    "throttle": ThrottleStep,
}


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


def stands(run: Run, journey: Journey) -> bool:
    """The step it stands in is still there: the same name and the same step word."""
    if run.node in (END, EXIT):
        return True
    step = journey.steps.get(run.node)
    return step is not None and (run.state not in _STANDS_IN or isinstance(step, _STANDS_IN[run.state]))


def reschedule(run: Run, journey: Journey, frame: Frame) -> None:
    """The instant that the new text would have given when the run got here, but not earlier than now."""
    step = journey.steps.get(run.node)
    if run.due is None or not isinstance(step, Timed):
        return
    due = due_of(step, run, journey, frame, run.arrived)
    run.due = frame.now if due is None else max(due, frame.now)
