"""What all customers share: how many messages and entries of a journey a day, how many runs through a throttle.

A partition that is the only one counts by itself, exactly. Of many, each asks the store; the engine asks nobody: it answers from what the
partition holds and notes what it would have needed. The loop gets that and applies the same batch again, before anything is committed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from orchestrator.calendar.wall_clock import first_instant, wall_time
from orchestrator.model.queue import Slot, SlotRequest, as_queue, take_slot
from orchestrator.policies.pace import Lease, Pace


@dataclass(slots=True)
class PlaceWant:
    """Places of a limit of `most` that were missing, by who would have taken them."""

    day: str
    most: int
    askers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Shared:
    """Of one batch. `answers`: places in queues that the store has given, by who asked."""

    pace: Pace
    alone: bool
    answers: Mapping[str, Slot | None] = field(default_factory=dict)
    places: dict[str, PlaceWant] = field(default_factory=dict)
    slots: dict[str, tuple[str, SlotRequest]] = field(default_factory=dict)
    """By who asks: the throttle's name, and what is asked."""
    _taken: set[str] = field(default_factory=set)
    _slots: dict[str, Slot | None] = field(default_factory=dict)

    @property
    def wants(self) -> bool:
        """Whether something was missing."""
        return bool(self.places or self.slots)

    def has_place(self, name: str, most: int, now: int, zone: ZoneInfo, asker: str) -> bool:
        """Is there one left on the day of `now` (ms) in `zone`? `asker` names who asks, the same when a batch is applied again."""
        if asker in self._taken:
            return True
        lease = self._lease(name, now, zone)
        if self.alone:
            return lease.used < most
        if lease.used < min(lease.got, most):
            return True
        if lease.full_at < most:
            self.places.setdefault(name, PlaceWant(lease.day, most)).askers.add(asker)
        return False

    def take_place(self, name: str, now: int, zone: ZoneInfo, asker: str) -> None:
        """Once for each asker, however often an instant is tried."""
        if asker not in self._taken:
            self._taken.add(asker)
            self._lease(name, now, zone).used += 1

    def next_day(self, name: str, now: int, zone: ZoneInfo) -> int:
        """When the limit counts anew, in milliseconds."""
        day = date.fromisoformat(self._lease(name, now, zone).day)
        return max(first_instant(day + timedelta(days=1), time(), zone), now + 1)

    def slot(self, asker: str, name: str, wanted: SlotRequest) -> Slot | None:
        """The place of a run that stands before a throttle; None where it would have to wait and does not want to."""
        if asker in self.answers:
            return self.answers[asker]
        if not self.alone:
            self.slots[asker] = (name, wanted)
            return Slot(wanted.at + wanted.per, 0)
        if asker not in self._slots:
            queue = self.pace.slots[name] = as_queue(self.pace.slots.get(name))
            self._slots[asker] = take_slot(queue, wanted)
        return self._slots[asker]

    def _lease(self, name: str, now: int, zone: ZoneInfo) -> Lease:
        """Of today; of a later day where that has begun for somebody else. Those that nobody has asked for since the day before yesterday, say
        because their journey is gone, are forgotten."""
        day, leases = _day(now // 60_000, zone), self.pace.leases
        lease = leases.get(name)
        if lease is None or lease.day < day:
            before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
            for other in [other for other, held in leases.items() if held.day < before]:
                del leases[other]
            lease = leases[name] = Lease(day)
        return lease


@lru_cache(maxsize=256)
def _day(minute: int, zone: ZoneInfo) -> str:
    """Of a minute since 1970: asked for each message."""
    return wall_time(minute * 60_000, zone).date().isoformat()
