"""Which names are in scope where: the mapping a scope of a run, an entry or a waited-for event is built from."""

from copy import copy

from orchestrator.frame import Frame
from orchestrator.journeys.views import NOTHING_GATHERED, DigestView, EventView, JourneyView, RunView, StepsView, WaitedView
from orchestrator.model.planned import RunFacts
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.workspace.journey import Journey


def entry_names(event: EventSnapshot, journey: Journey, frame: Frame) -> dict[str, object]:
    """For an entry's `when` and `key`: `event` and `entry` are the same event."""
    view = EventView(event, frame.read)
    return {"event": view, "entry": view, "journey": JourneyView(journey)}


def run_names(run: Run, journey: Journey, frame: Frame, event: EventSnapshot | None = None) -> dict[str, object]:
    """For steps, `only_if`, branches; with `event` also for `match`."""
    names: dict[str, object] = {
        "entry": EventView(run.entry, frame.read),
        "run": RunView(run),
        "steps": StepsView(run.steps, journey),
        "waited": WaitedView(run.waited, frame.read) if run.waited else None,
        "digest": NOTHING_GATHERED if run.digest is None else DigestView(run.digest, frame.read),
        "journey": JourneyView(journey),
        # not to be named in an expression: what `since='entry'` and `since='step'` count from
        "_entry_mark": run.sequence,
        "_step_mark": run.steps[run.node].sequence if run.node in run.steps else run.sequence,
    }
    if event is not None:
        names["event"] = EventView(event, frame.read)
    return names


def facts_names(facts: RunFacts, journey: Journey, frame: Frame) -> dict[str, object]:
    """For a planned message: its run as it was when the message came due, also after the run has ended."""
    run = Run(
        journey=facts.journey, key=facts.key, number=facts.number, version=facts.version,
        started_at=facts.started_at, sequence=facts.sequence, entry=facts.entry, steps=facts.steps, waited=facts.waited, digest=facts.digest,
    )  # fmt: skip
    return run_names(run, journey, frame, facts.event)


def run_facts(run: Run, event: EventSnapshot | None = None) -> RunFacts:
    """What a message keeps of its run; copies, because the run goes on."""
    return RunFacts(
        journey=run.journey, version=run.version, key=run.key, number=run.number, started_at=run.started_at,
        sequence=run.sequence, entry=run.entry, steps={name: copy(record) for name, record in run.steps.items()},
        waited=run.waited, digest=run.digest, event=event, content=run.content,
    )  # fmt: skip
