"""Line 11: what everybody shares: turns of a smoothed release, places of a limit, of a throttle. Kept by each partition."""

import msgspec

from orchestrator.contracts.topics import Channel
from orchestrator.model.queue import Kept
from orchestrator.policies.turns import EARLIER, Lane, Lanes
from orchestrator.policies.turns import settle as settled


class Lease(msgspec.Struct, array_like=True):
    """A partition's part of a limit, for one day (as ISO 8601): places it got and has used. `full_at`: the limit at which there were no
    more to get."""

    day: str
    got: int = 0
    used: int = 0
    full_at: int = 0


class Pace(msgspec.Struct, omit_defaults=True):
    """Per channel the turns of a smoothed release (`free`: as an earlier program version kept them); by name leases of limits; by name, where
    a partition is the only one, the places taken in a throttle's queue. State of a partition, part of its commits."""

    free: dict[Channel, float] = {}
    leases: dict[str, Lease] = {}
    slots: dict[str, Kept] = {}
    lanes: dict[Channel, Lanes] = {}


def lanes_of(pace: Pace, channel: Channel, now: int) -> Lanes:
    """Promises of a channel that have not passed, with those that an earlier program version gave."""
    before = pace.free.get(channel, 0.0)
    lanes = pace.lanes.get(channel, ())
    return lanes if before <= now or any(lane.priority == EARLIER for lane in lanes) else (Lane(EARLIER, before), *lanes)


def settle(pace: Pace, now: int) -> Pace:
    """Without the turns that have passed, so that idle channels take no space."""
    lanes = {channel: kept for channel, found in pace.lanes.items() if (kept := settled(found, now))}
    return Pace({channel: free for channel, free in pace.free.items() if free > now}, pace.leases, pace.slots, lanes)
