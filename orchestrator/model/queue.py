"""Places in a queue that everybody shares: so many in any stretch of so much time, first come first served."""

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """Somebody asks at instant `at` (ms) for a place where at most `most` pass in any `per` milliseconds. `only_now`: or none. `edition`: of the
    text that asks, where whoever waited for an earlier one asks anew. `since`: who has the earlier one is first of those who ask together."""

    at: int
    per: int
    most: int
    only_now: bool = False
    edition: int = 0
    since: int = 0


class Queue(msgspec.Struct, omit_defaults=True):
    """`slots`: the last places given out, in order, at most `most`: instants in milliseconds. `own`: how many of the last ones follow from each
    other by `per` and `most`, and none of those before. `edition`: the text of the throttle for which everybody who waited has asked anew."""

    slots: list[int] = []
    per: int = 0
    most: int = 0
    own: int = 0
    edition: int = 0


Kept = Queue | list[int]
"""As it is stored; an earlier program version kept the slots alone."""


def as_queue(kept: Kept | None) -> Queue:
    """The queue, empty where nothing is kept."""
    return kept if isinstance(kept, Queue) else Queue(kept or [])


def take_slot(queue: Queue, wanted: SlotRequest) -> int | None:
    """The instant at which whoever asks may pass, noted in `queue`. None, and nothing noted, where that is later than now and must not be. A
    later edition than the queue has gives up all places that are to come."""
    at, per, most = wanted.at, wanted.per, wanted.most
    if wanted.edition > queue.edition:
        _begin_anew(queue, at)
        queue.edition, queue.per, queue.most = wanted.edition, per, most
    slots = queue.slots
    last = max(at, slots[-1]) if slots else at
    slot = max(last, slots[-most] + per) if len(slots) >= most else last
    if wanted.only_now and slot > last:
        return None
    if (queue.per, queue.most) != (per, most):
        queue.per, queue.most, queue.own = per, most, 0
    slots.append(slot)
    queue.own += 1
    del slots[:-most]
    return slot


def _begin_anew(queue: Queue, at: int) -> None:
    """Only who has passed by `at` counts on. A place that somebody waits for is exactly `per` behind the one `most` before it: from the last
    ones follows which were the last to pass. Where that was by another text they may all have passed just now."""
    number, passed = len(queue.slots), []
    for ahead, slot in enumerate(reversed(queue.slots)):
        back = -(-max(slot - at, 0) // queue.per) if queue.per else 0
        if slot <= at or (back and ahead + back * number < queue.own):
            passed.append(slot - back * queue.per)
        else:
            passed.append(at)
    queue.slots, queue.own = sorted(passed), number
