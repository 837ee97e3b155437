"""Throttles: how many of a customer's runs, or of everybody's, pass a step in a rolling window; the others queue, first come first served."""

from collections.abc import Sequence

from orchestrator.expressions.values import canonical_text
from orchestrator.frame import Frame
from orchestrator.journeys.halt import Halt, Waiting
from orchestrator.journeys.names import run_names
from orchestrator.model.queue import Slot, SlotRequest
from orchestrator.model.run import Run
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import ThrottleStep


def queue(step: ThrottleStep, run: Run, journey: Journey, frame: Frame) -> Halt | None:
    """A run gets to a throttle."""
    if step.everybody:
        return _queue_of_all(step, run, journey, frame)
    if _passes(step, run, journey, frame):
        return None
    if step.over is not None:
        frame.took(run.journey, step.node, "over")
        run.node = step.over
        return None
    run.state = "throttle"
    return Waiting()


def leave_queue(step: ThrottleStep, run: Run, journey: Journey, frame: Frame) -> bool:
    """Whether there is a place now for a run that waits; else it knows when to ask again."""
    if step.everybody:
        # whoever was kept from its turn, by a pause or an outage, queues again: or all of them would pass at once
        if run.due is not None and run.due < frame.now and (slot := _slot(step, run, journey, frame)) is not None and slot.at > frame.now:
            run.due, run.place = slot
            return False
        run.node, run.place = step.next, 0
    elif not _passes(step, run, journey, frame):
        return False
    run.state, run.due = "ready", None
    return True


def _queue_of_all(step: ThrottleStep, run: Run, journey: Journey, frame: Frame) -> Halt | None:
    slot = _slot(step, run, journey, frame)
    if slot is not None and slot.at > frame.now:
        run.state, run.due, run.place = "throttle", *slot
        return Waiting()
    if slot is None and step.over is not None:
        frame.took(run.journey, step.node, "over")
        run.node = step.over
    else:
        run.node = step.next
    return None


def _slot(step: ThrottleStep, run: Run, journey: Journey, frame: Frame, place: int = 0) -> Slot | None:
    """Its place in the queue: one that leaves before its turn leaves it empty. `place`: what this one is by the text, where that gives all who wait
    new places."""
    assert frame.shared is not None
    waits = run.state == "throttle"
    asker = f"{frame.customer.id}/{run.id}/{step.node}/{run.steps[step.node].count}/{run.due if waits else ''}/{place}"
    only_now = step.over is not None and not waits
    wanted = SlotRequest(frame.now, step.per, step.max, only_now, _edition(journey, frame), place, run.due or 0)
    return frame.shared.slot(asker, queue_name(step, journey), wanted)


def queue_name(step: ThrottleStep, journey: Journey) -> str:
    """By the step's oldest name, so that one that is renamed counts on."""
    return f"{journey.name}/{journey.origin(step.node)}"


def _edition(journey: Journey, frame: Frame) -> int:
    """0 where nobody gets another place by this text: those who go on in an earlier one keep theirs."""
    current = frame.workspace.journeys.get(journey.name)
    anew = journey.in_flight.reschedules and current is not None and current.version == journey.version
    return frame.workspace.editions.get(journey.name, 0) if anew else 0


def _passes(step: ThrottleStep, run: Run, journey: Journey, frame: Frame) -> bool:
    """Take a place where there is one; else note when one may be free."""
    name = _name(step, run, journey, frame)
    recent = _recent(step, name, frame)
    later = _later(step, run, journey, frame, name, recent)
    if later is None:
        passes = frame.customer.entries.passes
        passes[name] = [*recent, frame.now]
        if step.key is not None:
            _forget(passes, _stem(step, journey), frame.now - step.per)
        frame.customer.changed("entries")
        run.node = step.next
        return True
    run.due = later
    return False


def _forget(passes: dict[str, list[int]], stem: str, before: int) -> None:
    """Other values of the key that nothing has passed with lately: nobody may ever come with these again."""
    for name in [name for name, instants in passes.items() if instants[-1] <= before and name.startswith(stem)]:
        del passes[name]


def place_anew(step: ThrottleStep, run: Run, journey: Journey, frame: Frame) -> None:
    """A run that waits for a place may have it when this text says. Where everybody shares the queue and there is none to ask, a plan finds it for
    all of them together; who was kept from its turn, or queued by another text than this one's own, queues again when it goes on."""
    assert run.due is not None
    if not step.everybody:
        run.due, run.place = _place_at(step, run, journey, frame), 0
    elif frame.shared is not None and run.due > frame.now and _edition(journey, frame):
        slot = _slot(step, run, journey, frame, run.place)
        run.due, run.place = (run.due, run.place) if slot is None else slot


def _place_at(step: ThrottleStep, run: Run, journey: Journey, frame: Frame) -> int:
    name = _name(step, run, journey, frame)
    later = _later(step, run, journey, frame, name, _recent(step, name, frame))
    return frame.now if later is None else later


def _recent(step: ThrottleStep, name: str, frame: Frame) -> list[int]:
    return [at for at in frame.customer.entries.passes.get(name, ()) if at > frame.now - step.per]


def _later(step: ThrottleStep, run: Run, journey: Journey, frame: Frame, name: str, recent: Sequence[int]) -> int | None:
    """When to ask again; None where there is a place now."""
    ahead = sum(1 for other in frame.customer.runs if other.id != run.id and _before(other, run, step, name, journey, frame))
    if len(recent) + ahead < step.max:
        return None
    # of those that passed, the one whose place this run gets; with more runs ahead than places it asks again with the last of them
    place = min(len(recent) - step.max + ahead, len(recent) - 1)
    return recent[place] + step.per if 0 <= place < len(recent) else frame.now + step.per


def _name(step: ThrottleStep, run: Run, journey: Journey, frame: Frame) -> str:
    key = "" if step.key is None else canonical_text(step.key.evaluate(frame.scope(run_names(run, journey, frame))))
    return f"{_stem(step, journey)}{key}"


def _stem(step: ThrottleStep, journey: Journey) -> str:
    """Of the names of its places."""
    return f"{queue_name(step, journey)}/"


def _before(other: Run, run: Run, step: ThrottleStep, name: str, journey: Journey, frame: Frame) -> bool:
    """`other` waits for the same, and came first."""
    if other.state != "throttle" or other.journey != run.journey or other.node != step.node:
        return False
    return (other.arrived, other.sequence, other.id) < (run.arrived, run.sequence, run.id) and _name(step, other, journey, frame) == name
