"""Places in a queue that everybody shares, as a version with `waits: reschedule` gives them anew: found for all who wait together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.model.queue import Queue, SlotRequest, take_slot
from orchestrator.workspace.step import ThrottleStep


@dataclass(frozen=True, slots=True)
class Queued:
    """A run that waits in the queue `name` until `due` (milliseconds) and asks anew. `was`: the text that gave it that place, None where
    that is not known."""

    name: str
    due: int
    customer: str
    run: str
    was: ThrottleStep | None
    step: ThrottleStep


def places_anew(waiting: Iterable[Queued], now: int) -> dict[tuple[str, str], int]:
    """(Customer, run) to its new instant, in the order of the old ones, as far as these tell who passed last."""
    queues: defaultdict[str, list[Queued]] = defaultdict(list)
    for one in waiting:
        queues[one.name].append(one)
    found: dict[tuple[str, str], int] = {}
    for asking in queues.values():
        asking.sort(key=lambda one: (one.due, one.customer, one.run))
        was = asking[-1].was
        queue = Queue()
        if was is not None:
            queue = Queue([one.due for one in asking[-was.max :]], was.per, was.max, len(asking) + was.max)
        for one in asking:
            slot = take_slot(queue, SlotRequest(now, one.step.per, one.step.max, edition=1))
            found[one.customer, one.run] = now if slot is None else slot
    return found
