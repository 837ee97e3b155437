"""Does an event answer what a goal, an exit or a wait is looking for?"""

from orchestrator.expressions.comparison import equal
from orchestrator.frame import Frame
from orchestrator.journeys.names import run_names
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import EventMatch


def matches(wanted: EventMatch, refs: tuple[str, ...], event: EventSnapshot, run: Run, journey: Journey, frame: Frame) -> bool:
    """True when the event's name is wanted, each `same` property equals the entry's, and `match` is true.

    A property missing on either side equals nothing.
    """
    if not any(ref in wanted.events for ref in refs):
        return False
    for name in wanted.same:
        found, entered = (frame.read(one.name, name, one.properties.get(name)) for one in (event, run.entry))
        if not equal(found, entered):
            return False
    return wanted.match is None or wanted.match.true(frame.scope(run_names(run, journey, frame, event)))
