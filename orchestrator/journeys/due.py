"""Until when a run waits in a step."""

from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

from orchestrator.calendar.local_day import local_time_on_day, next_local_time
from orchestrator.calendar.opening import next_opening
from orchestrator.expressions.local_time import milliseconds, read_instant
from orchestrator.frame import Frame
from orchestrator.journeys.names import run_names
from orchestrator.model.run import Run
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import DelayStep, DigestStep, Step, TimeWindowStep, WaitStep

_ENDS = ("Etc/GMT+12", "Etc/GMT-14")
"""The zones where a day ends last and begins first."""
Timed = DelayStep | WaitStep | DigestStep | TimeWindowStep
"""Steps that a run leaves at an instant of its own."""


def due_of(step: Timed, run: Run, journey: Journey, frame: Frame, arrived: int) -> int | None:
    """The instant in milliseconds, for a run that got there at `arrived`; None where the data gives none, or a window does not open."""
    match step:
        case WaitStep():
            return arrived + step.timeout
        case DigestStep():
            return arrived + step.window if step.at is None else next_local_time(arrived, step.at, step.days, frame.zone)
        case TimeWindowStep():
            return next_opening(step.opening, max(arrived, frame.now), clock(step.timezone, frame))
        case DelayStep(until=None):
            until = arrived + (step.duration or 0)
            return until if step.at is None else next_local_time(until, step.at, step.days, clock(step.timezone, frame))
        case DelayStep():
            return _until(step, run, journey, frame)


def _until(step: DelayStep, run: Run, journey: Journey, frame: Frame) -> int | None:
    assert step.until is not None
    zone = clock(step.timezone, frame)
    found = read_instant(step.until.evaluate(frame.scope(run_names(run, journey, frame))), frame.zone)
    if found is None:
        return None
    at = milliseconds(found)
    return at + step.offset if step.at is None else local_time_on_day(at, step.offset, step.at, step.days, zone)


def clock(name: str, frame: Frame) -> ZoneInfo:
    """`customer`, `workspace`, or a zone."""
    if name == "customer":
        return frame.zone
    return frame.workspace.timezone if name == "workspace" else ZoneInfo(name)


def follows_customer(step: Step) -> bool:
    """Its instant is a local time of the customer: somebody who moves waits for it there."""
    match step:
        case DelayStep():
            return step.at is not None and step.timezone == "customer"
        case DigestStep():
            return step.at is not None
        case TimeWindowStep():
            return step.timezone == "customer"
        case _:
            return False


def is_local(step: DelayStep, run: Run, journey: Journey, frame: Frame) -> bool:
    """`until` gives a local date or time, as data without an offset are: it is another instant for somebody in another zone."""
    if step.until is None or step.at is not None or step.timezone != "customer":
        return False
    first, last = (_until(step, run, journey, replace(frame, find_zone=partial(ZoneInfo, name))) for name in _ENDS)
    return first != last


def follow_zone(run: Run, journey: Journey, frame: Frame) -> bool:
    """The customer may have moved while the run waits for a local time: the instant is found again, never earlier than now. True
    when it has changed."""
    step = journey.steps.get(run.node)
    if not run.zone or run.due is None or run.zone == frame.zone.key or not isinstance(step, Timed):
        return False
    due = due_of(step, run, journey, frame, run.arrived)
    run.due, run.zone = frame.now if due is None else max(due, frame.now), frame.zone.key
    return True
