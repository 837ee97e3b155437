"""Smoothed release: what is held, and what a whole audience is sent at once, leaves a channel one every 1/rate, by priority, then in the
order in which it came. A message is promised an instant; one of a higher priority takes the first that only lower ones were
promised, and every one of these moves on by one place."""

import math
from typing import NamedTuple

import msgspec

from orchestrator.contracts.topics import Channel
from orchestrator.workspace.policies import DEFAULT_RATES, Policies

EARLIER = 100
"""The priority of a backlog that an earlier program version promised instants to: nothing goes before it."""


class Lane(msgspec.Struct, array_like=True, frozen=True):
    """Of one priority: the first instant that nobody of it was promised, and how far those who were have `moved` on since the lane began.
    Higher ones took their instants from `since` to `until` last (one after the other); whose turn comes before that has moved only as far
    as `before`. All in milliseconds with fractions."""

    priority: int
    free: float
    moved: float = 0.0
    since: float = 0.0
    until: float = 0.0
    before: float = 0.0


Lanes = tuple[Lane, ...]
"""Of a channel, the highest priority first."""


class Promise(NamedTuple):
    """`at`: the instant to come back, None for now. `moved`: how far its lane had moved on when it was promised."""

    at: int | None
    moved: float = 0.0


def gap(channel: Channel, policies: Policies, share: int) -> float:
    """Milliseconds between two messages of a partition. `share`: the number of partitions the channel's rate is divided by."""
    limit = policies.limits.get(channel)
    return share * 1000.0 / (limit.rate if limit else DEFAULT_RATES[channel])


def take(lanes: Lanes, priority: int, now: int, step: float) -> tuple[Lanes, Promise]:
    """The next turn for a message of this priority. `step`: milliseconds between two."""
    waiting = [lane for lane in lanes if lane.free > now]
    if not waiting:
        return (Lane(priority, now + step),), Promise(None)
    last = max(lane.free for lane in waiting)
    first = last - (math.ceil((last - now) / step) - 1) * step  # of the instants one gap from another, the first after now
    slot = max([first, *(lane.free for lane in waiting if lane.priority >= priority)])
    mine = next((lane for lane in waiting if lane.priority == priority), Lane(priority, 0.0))
    others = [
        _passed(lane, slot, step) if lane.priority < priority and lane.free > slot else lane
        for lane in waiting if lane.priority != priority
    ]  # fmt: skip
    found = sorted([*others, msgspec.structs.replace(mine, free=slot + step)], key=lambda lane: -lane.priority)
    return tuple(found), Promise(int(slot) + 1, mine.moved)


def _passed(lane: Lane, slot: float, step: float) -> Lane:
    """A higher one has taken an instant that this lane was promised."""
    since, until, before = (lane.since, lane.until, lane.before) if lane.since <= slot <= lane.until else (slot, slot, lane.moved)
    return Lane(lane.priority, lane.free + step, lane.moved + step, since, until + step, before)


def moved_since(lanes: Lanes, priority: int, at: int, promised: float) -> float:
    """How far a message that was promised the instant `at`, when its lane had moved as far as `promised`, has moved on since."""
    lane = next((lane for lane in lanes if lane.priority == priority), None)
    if lane is None:
        return 0.0
    until_then = max(lane.before - promised, 0.0)
    return max(lane.moved - promised, 0.0) if at + until_then > lane.since else until_then


def settle(lanes: Lanes, now: int) -> Lanes:
    """Without those whose promises have all passed."""
    return tuple(lane for lane in lanes if lane.free > now)
