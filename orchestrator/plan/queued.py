"""Places in a queue that everybody shares, as a version with `waits: reschedule` gives them anew: found for all who wait together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.model.queue import Queue, SlotRequest, begin_anew, take_slot
from orchestrator.workspace.step import ThrottleStep


@dataclass(frozen=True, slots=True)
class Queued:
    """A run that waits in the queue `name` until `due` (milliseconds), with the number of its place. `was`: the text that gave it that, None
    where it is not known."""

    name: str
    due: int
    place: int
    customer: str
    run: str
    was: ThrottleStep | None
    step: ThrottleStep


def places_anew(waiting: Iterable[Queued], now: int) -> dict[tuple[str, str], int]:
    """(Customer, run) to its new instant, as the queue gives it, as far as those who wait tell who passed last."""
    queues: defaultdict[str, list[Queued]] = defaultdict(list)
    for one in waiting:
        queues[one.name].append(one)
    found: dict[tuple[str, str], int] = {}
    for asking in queues.values():
        asking.sort(key=lambda one: one.place)
        first, last, was = asking[0], asking[-1], asking[0].was
        passed = [] if was is None else [one.due - was.per for one in asking[: was.max] if one.due - was.per <= now]
        queue = Queue(issued=last.place)
        begin_anew(queue, SlotRequest(now, first.step.per, first.step.max, edition=1), last.place - first.place + 1, passed)
        for one in asking:
            slot = take_slot(queue, SlotRequest(now, one.step.per, one.step.max, False, 1, one.place, one.due))
            found[one.customer, one.run] = now if slot is None else slot.at
    return found
