"""Digests: the first run opens a window and waits; later entry events join it until it closes."""

from orchestrator.expressions.values import canonical_text
from orchestrator.frame import Frame
from orchestrator.journeys.due import due_of
from orchestrator.journeys.halt import Ended, Halt, Waiting
from orchestrator.journeys.names import entry_names, run_names
from orchestrator.model.run import EventSnapshot, Gathered, Run
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import DigestStep


def collect(step: DigestStep, run: Run, journey: Journey, frame: Frame) -> Halt | None:
    """A run gets to a digest: it joins the open window with its key and ends, or opens one and waits. A run that comes round again
    brings nothing new: its entry event was in the window before."""
    key = key_of(step, run, journey, frame)
    is_open = _open(step, run.journey, key, frame)
    if is_open is not None:
        _join(is_open, step, run.entry, frame)
        frame.took(run.journey, step.node, "joined")
        return Ended("digested")
    first = run.steps[step.node].count == 1
    run.digest = Gathered(step.node, key, [run.entry] if first else [])
    due = frame.now if len(run.digest.items) >= step.max else due_of(step, run, journey, frame, frame.now)
    run.state, run.due = "digest", due
    return Waiting()


def key_of(step: DigestStep, run: Run, journey: Journey, frame: Frame) -> str:
    """By which a run's event is gathered."""
    return run.key if step.key is None else canonical_text(step.key.evaluate(frame.scope(run_names(run, journey, frame))))


def joins(event: EventSnapshot, run: Run, journey: Journey, frame: Frame) -> bool:
    """A repeated entry event joins the digest that the run with its key stands in, and starts nothing."""
    step = journey.steps.get(run.node)
    if run.state != "digest" or not isinstance(step, DigestStep) or run.digest is None or len(run.digest.items) >= step.max:
        return False
    names = {**run_names(run, journey, frame), **entry_names(event, journey, frame)}
    if step.key is not None and canonical_text(step.key.evaluate(frame.scope(names))) != run.digest.key:
        return False
    _join(run, step, event, frame)
    return True


def close(run: Run) -> None:
    """The window closes: its events in order of their timestamps, then of arrival."""
    assert run.digest is not None
    run.digest.items.sort(key=lambda event: (event.timestamp, event.sequence))


def _open(step: DigestStep, journey: str, key: str, frame: Frame) -> Run | None:
    """Of a window that is full and closes at this instant nobody is a part any more."""
    standing = (run for run in frame.customer.runs if run.journey == journey and run.node == step.node and run.state == "digest")
    return next((run for run in standing if run.digest is not None and run.digest.key == key and len(run.digest.items) < step.max), None)


def _join(run: Run, step: DigestStep, event: EventSnapshot, frame: Frame) -> None:
    assert run.digest is not None
    run.digest.items.append(event)
    if len(run.digest.items) >= step.max:
        run.due = frame.now
    frame.customer.changed("runs")
