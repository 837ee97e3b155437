"""Places in a queue that everybody shares: so many in any stretch of so much time, first come first served."""

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

GRACE, EACH = 1_000, 2
"""Milliseconds, and for each who waits: how long after a text that gives them new places the first of these is. Until then everybody should
have been told."""


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """Somebody asks at instant `at` (ms) for a place where at most `most` pass in any `per` milliseconds. `only_now`: or none. `edition`: of
    the text that asks, where whoever waits gets a new place by it; 0: nobody does. Who waits, and asks when its turn is by that text, has the
    place of the number `place`, until now at the instant `since`."""

    at: int
    per: int
    most: int
    only_now: bool = False
    edition: int = 0
    place: int = 0
    since: int = 0


class Slot(NamedTuple):
    """When somebody may pass (ms), and the number of the place, from 1 on."""

    at: int
    place: int


Stretch = tuple[int, int, list[int]]
"""Places that were given out by one text: per, how many, the last slots."""
EARLIER = 10
"""Stretches that are remembered while somebody waits who has a place in them."""


class Queue(msgspec.Struct, omit_defaults=True):
    """`slots`: the last places given out, in order, at most `most`: instants in milliseconds. `own`: how many of the last ones were given out by `per`
    and `most`; `earlier` those before, where somebody waits for these. `issued`: how many were ever given out. `edition`: the latest text that gave those
    who waited new places: `number` of them behind the place `first`, the first ones at `begin`, and as many again each `begin_per`."""

    slots: list[int] = []
    per: int = 0
    most: int = 0
    own: int = 0
    earlier: list[Stretch] = []
    issued: int = 0
    edition: int = 0
    first: int = 0
    number: int = 0
    begin: list[int] = []
    begin_per: int = 0
    begin_most: int = 0


Kept = Queue | list[int]
"""As it is stored; an earlier program version kept the slots alone."""


def as_queue(kept: Kept | None) -> Queue:
    """The queue, empty where nothing is kept."""
    return kept if isinstance(kept, Queue) else Queue(kept or [])


def take_slot(queue: Queue, wanted: SlotRequest) -> Slot | None:
    """Whoever asks gets the next place, noted in `queue`. None, and nothing noted, where that is later than now and must not be. A later edition
    than the queue has gives those who wait new places, in the order of the old ones; they ask for these with the number they have."""
    at, per, most = wanted.at, wanted.per, wanted.most
    if wanted.edition > queue.edition:
        stretches = [*queue.earlier, (queue.per, queue.own, queue.slots)]
        begin_anew(queue, wanted, *_standing(stretches, at))
    rank = wanted.place - queue.first - 1
    if wanted.place and (wanted.edition != queue.edition or rank >= queue.number):
        return Slot(wanted.since, wanted.place)  # another text will say it, or it came behind all those
    if wanted.place and rank >= 0:
        return Slot(queue.begin[rank % queue.begin_most] + rank // queue.begin_most * queue.begin_per, wanted.place)
    slot = _next(queue.slots, at, per, most)
    if wanted.only_now and slot > max([at, *queue.slots[-1:]]):
        return None
    if (queue.per, queue.most) != (per, most):
        if queue.own and queue.slots[-1] > at:
            queue.earlier = [*queue.earlier[1 - EARLIER :], (queue.per, queue.own, list(queue.slots))]
        queue.per, queue.most, queue.own = per, most, 0
    queue.slots.append(slot)
    del queue.slots[:-most]
    queue.own += 1
    queue.issued += 1
    return Slot(slot, queue.issued)


def _next(slots: list[int], at: int, per: int, most: int) -> int:
    last = max(at, slots[-1]) if slots else at
    return max(last, slots[-most] + per) if len(slots) >= most else last


def begin_anew(queue: Queue, wanted: SlotRequest, waiting: int, passed: list[int]) -> None:
    """The last places that were given out, `waiting` of them, are others by the text that asks. `passed`: who went before those (ms)."""
    at, per, most = wanted.at, wanted.per, wanted.most
    slots, start, number = sorted(passed), at + GRACE + EACH * waiting, len(passed)
    for _ in range(min(waiting, most)):
        slots.append(_next(slots, start, per, most))
    begin = slots[number:]
    slots += [begin[rank % most] + rank // most * per for rank in range(max(most, waiting - most), waiting)]
    queue.slots, queue.per, queue.most, queue.own, queue.earlier = slots[-most:], per, most, number + waiting, []
    queue.edition, queue.first, queue.number = wanted.edition, queue.issued - waiting, waiting
    queue.begin, queue.begin_per, queue.begin_most = begin, per, most


def _standing(stretches: list[Stretch], at: int) -> tuple[int, list[int]]:
    """How many wait at an instant, and who was the last to pass. A place that somebody waits for is exactly `per` behind the one that is as many
    places before it as there are slots: the last ones tell all others. What was before the first stretch may have passed just now."""
    waiting, passed = 0, list[int]()
    for number, (per, own, slots) in enumerate(stretches):
        for ahead, slot in enumerate(reversed(slots)):
            if ahead >= own:
                passed += [min(slot, at)] if number == 0 else []
                continue
            back, known = -(-max(slot - at, 0) // per), -(-(own - ahead) // len(slots))
            waiting += min(back, known)
            passed += [slot - back * per] if back < known else []
    return waiting, passed
