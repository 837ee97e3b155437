"""Moving one run: from step to step until it comes to a send, has to wait, or ends."""

from collections.abc import Mapping
from typing import assert_never

from orchestrator.frame import Frame
from orchestrator.journeys.digest import collect
from orchestrator.journeys.due import due_of, follows_customer, is_local
from orchestrator.journeys.halt import Acts, AtSend, Ended, Halt, Waiting
from orchestrator.journeys.listen import heard_before, true_condition
from orchestrator.journeys.names import run_names
from orchestrator.journeys.split import draw
from orchestrator.journeys.throttle import leave_queue, queue
from orchestrator.journeys.webhook import ask
from orchestrator.model.run import Run, StepRecord, Waited
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import (
    END,
    EXIT,
    BranchStep,
    DelayStep,
    DigestStep,
    EmitStep,
    ExitStep,
    JumpStep,
    SendStep,
    SplitStep,
    Step,
    ThrottleStep,
    TimeWindowStep,
    UpdateProfileStep,
    WaitStep,
    WebhookStep,
)

STEP_LIMIT = 500
"""Steps without a wait at one instant."""
LONGEST = 400 * 86_400_000
"""A delay further ahead than this is taken for missing data."""


def walk(run: Run, journey: Journey, frame: Frame, acts: Acts) -> Halt:
    """Run on from `run.node`. Pure but for the run and what it does through `acts`."""
    for _ in range(STEP_LIMIT):
        if run.node == END:
            return Ended("end")
        if run.node == EXIT:
            return Ended("exit")
        step = journey.steps[run.node]
        halt = _arrive(step, run, journey, frame, acts)
        if halt is not None:
            return halt
    return Ended("step_limit")


def _arrive(step: Step, run: Run, journey: Journey, frame: Frame, acts: Acts) -> Halt | None:
    """None: the run has moved on to `run.node`."""
    record = run.steps.get(step.node)
    if record is None:
        record = run.steps[step.node] = StepRecord()
    frame.took(run.journey, step.node, "reached")
    record.count += 1
    record.at = frame.now
    record.sequence = frame.customer.identity.sequence
    run.arrived = frame.now
    run.zone = frame.zone.key if follows_customer(step) else ""
    match step:
        case SendStep():
            run.state = "sending"
            run.due = None
            return AtSend(step)
        case DelayStep():
            return _delay(step, run, journey, frame)
        case WaitStep():
            return _wait(step, run, journey, frame)
        case BranchStep():
            scope = frame.scope(run_names(run, journey, frame))
            index, run.node = next(
                ((n, arm.target) for n, arm in enumerate(step.arms, 1) if arm.when is None or arm.when.true(scope)), (0, step.next)
            )
            frame.took(run.journey, step.node, f"path {index}" if index else "no path")
            return None
        case UpdateProfileStep():
            update_profile(step, run, journey, frame, acts)
            run.node = step.next
            return None
        case TimeWindowStep():
            return _window(step, run, journey, frame)
        case SplitStep():
            arm = draw(step, run, record, frame)
            record.path, run.node = arm.name, arm.target
            frame.took(run.journey, step.node, arm.name)
            if frame.drawn is not None:
                frame.drawn.add((run.journey, step.node, arm.name, frame.customer.id))
            return None
        case DigestStep():
            return collect(step, run, journey, frame)
        case ThrottleStep():
            return queue(step, run, journey, frame)
        case EmitStep():
            emit(step, run, journey, frame, acts)
            run.node = step.next
            return None
        case WebhookStep():
            return ask(step, run, journey, frame, acts)
        case JumpStep():
            taken = step.max is None or record.count <= step.max
            run.node = step.target if taken else step.next
            frame.took(run.journey, step.node, "taken" if taken else "fell through")
            return None
        case ExitStep():
            return Ended("exit", step.label)
        case _:
            assert_never(step)


def _delay(step: DelayStep, run: Run, journey: Journey, frame: Frame) -> Halt | None:
    due = due_of(step, run, journey, frame, frame.now)
    if due is None or due > frame.now + LONGEST:
        frame.took(run.journey, step.node, "missing")
        if step.missing == EXIT:
            return Ended("missing_data")
        run.node = step.missing
        return None
    if due < frame.now:
        frame.took(run.journey, step.node, "past")
        run.node = step.past
        return None
    if due == frame.now:
        run.node = step.next
        return None
    run.state, run.due = "delay", due
    if not run.zone and is_local(step, run, journey, frame):
        run.zone = frame.zone.key
    return Waiting()


def _window(step: TimeWindowStep, run: Run, journey: Journey, frame: Frame) -> Halt | None:
    due = due_of(step, run, journey, frame, frame.now)
    if due is None:
        frame.took(run.journey, step.node, "missing")
        return Ended("missing_data")
    if due == frame.now:
        run.node = step.next
        return None
    run.state, run.due = "window", due
    return Waiting()


def _wait(step: WaitStep, run: Run, journey: Journey, frame: Frame) -> Halt | None:
    earlier = heard_before(step, run)
    if earlier is not None:
        end_wait(step, run, earlier.alternative, Waited(by="event", event=earlier.event), frame)
        run.used.append(earlier.event.sequence)
        return None
    index, check_at = true_condition(step, run, journey, frame)
    if index is not None:
        end_wait(step, run, index, Waited(by="condition"), frame)
        return None
    run.state, run.due, run.check_at = "wait", frame.now + step.timeout, check_at
    return Waiting()


def end_wait(step: WaitStep, run: Run, alternative: int, waited: Waited, frame: Frame) -> None:
    """One of the alternatives has come true; the run goes where that one says."""
    chosen = step.alternatives[alternative]
    frame.took(run.journey, step.node, chosen.name)
    waited.name = chosen.name
    _leave(run, waited, chosen.target)


def _leave(run: Run, waited: Waited, target: str) -> None:
    run.waited = waited
    run.state, run.due, run.check_at = "ready", None, None
    run.heard.pop(run.node, None)
    run.node = target


def wake(run: Run, journey: Journey, frame: Frame) -> bool:
    """The run's delay or wait is over by time: set it on its way. False when it waits on, with another instant."""
    step = journey.steps[run.node]
    match step:
        case WaitStep():
            frame.took(run.journey, step.node, "timeout")
            _leave(run, Waited(by="timeout"), step.on_timeout)
        case ThrottleStep():
            return leave_queue(step, run, journey, frame)
        case _:
            run.state, run.due, run.node = "ready", None, step.next
    return True


def update_profile(
    step: UpdateProfileStep, run: Run, journey: Journey, frame: Frame, acts: Acts, names: Mapping[str, object] | None = None
) -> None:
    """Write the step's values; each is read with what the ones before it have written."""
    scope = frame.scope(names if names is not None else run_names(run, journey, frame))
    for trait, value in step.assign.items():
        acts.write_trait("set", trait, value.evaluate(scope))
    for trait in step.unset:
        acts.write_trait("unset", trait, None)
    for operation, values in (("add", step.add), ("remove", step.remove), ("increment", step.increment)):
        for trait, value in values.items():
            acts.write_trait(operation, trait, value.evaluate(scope))


def emit(
    step: EmitStep, run: Run, journey: Journey, frame: Frame, acts: Acts, names: Mapping[str, object] | None = None, depth: int = 0
) -> None:
    """Publish the step's event. `depth`: of an event that it answers at once."""
    scope = frame.scope(names if names is not None else run_names(run, journey, frame))
    waited = 0 if run.waited is None or run.waited.event is None else run.waited.event.depth
    acts.emit(run, step, {name: value.evaluate(scope) for name, value in step.properties.items()}, max(run.entry.depth, waited, depth))
