"""Until when a run waits in a step."""

from orchestrator.expressions.local_time import milliseconds, read_instant
from orchestrator.frame import Frame
from orchestrator.journeys.names import run_names
from orchestrator.model.run import Run
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import DelayStep, DigestStep, WaitStep


def due_of(step: DelayStep | WaitStep | DigestStep, run: Run, journey: Journey, frame: Frame, arrived: int) -> int | None:
    """The instant in milliseconds, for a run that got there at `arrived`; None where the data gives none."""
    match step:
        case WaitStep():
            return arrived + step.timeout
        case DigestStep():
            return arrived + step.window
        case DelayStep(duration=int() as duration):
            return arrived + duration
        case DelayStep():
            assert step.until is not None
            at = read_instant(step.until.evaluate(frame.scope(run_names(run, journey))), frame.zone)
            return None if at is None else milliseconds(at) + step.offset
