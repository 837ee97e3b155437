"""Line 11: what everybody shares. `release_paced`: held messages leave one every 1/rate, so that a backlog does not go out as a burst;
`journey_limit`: so many messages and entries of a journey a day."""

import msgspec

from orchestrator.contracts.topics import Channel
from orchestrator.workspace.policies import DEFAULT_RATES, Policies


class Lease(msgspec.Struct, array_like=True):
    """A partition's part of a limit, for one day (as ISO 8601): places it got and has used. `full_at`: the limit at which there were no
    more to get."""

    day: str
    got: int = 0
    used: int = 0
    full_at: int = 0


class Pace(msgspec.Struct, omit_defaults=True):
    """Per channel the first free instant, in milliseconds with fractions; by name leases of limits; by name, where a partition is the only
    one, the places taken in a throttle's queue. State of a partition, part of its commits."""

    free: dict[Channel, float] = {}
    leases: dict[str, Lease] = {}
    slots: dict[str, list[int]] = {}


def turn(pace: Pace, channel: Channel, now: int, policies: Policies, share: int) -> int | None:
    """Take the next turn of a channel: None when it is now, else the instant to come back.

    `share` is the number of partitions the channel's rate is divided by.
    """
    limit = policies.limits.get(channel)
    gap = share * 1000.0 / (limit.rate if limit else DEFAULT_RATES[channel])
    free = pace.free.get(channel, 0.0)
    if free <= now:
        pace.free[channel] = now + gap
        return None
    pace.free[channel] = free + gap
    return int(free) + 1


def settle(pace: Pace, now: int) -> Pace:
    """Without the turns that have passed, so that idle channels take no space."""
    return Pace({channel: free for channel, free in pace.free.items() if free > now}, pace.leases, pace.slots)
