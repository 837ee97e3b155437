"""An occurrence of a schedule as one person meets it: its instant by the right clock, and their own moment where it is spread."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from orchestrator.calendar.recurrence import Occurrence, Schedule, next_occurrence
from orchestrator.calendar.wall_clock import DAY, first_instant
from orchestrator.frame import Frame
from orchestrator.journeys.due import clock
from orchestrator.journeys.views import SCHEDULED
from orchestrator.model.bucket import bucket
from orchestrator.model.run import EventSnapshot
from orchestrator.workspace.journey import Journey


@dataclass(frozen=True, slots=True)
class Coming:
    """The occurrence's name, and the instant (ms) at which this person enters by it."""

    name: str
    at: int


def coming(journey: Journey, frame: Frame, since: int, looked_at: str) -> Coming | None:
    """The next one for this person: not before `since` (ms), and behind the one that was looked at last (empty: none was). What
    they had by another zone's clock does not come again, and what they have not had yet does, also when it is past by now."""
    entry = journey.entry.schedule
    if entry is None:
        return None
    zone = clock(entry.timezone, frame)
    floor = max(since, journey.active.start or 0) - 1
    if looked_at:
        local = datetime.fromisoformat(looked_at)
        floor = max(floor, first_instant(local.date(), local.time(), zone))
    found = _after(entry.schedule, zone, floor)
    if found is None or (journey.active.end is not None and found.instant_ms >= journey.active.end):
        return None
    at = found.instant_ms
    if entry.spread:
        at += int(bucket(frame.workspace.name, "spread", f"{journey.name}/{found.name}", frame.customer.id) * entry.spread)
    return Coming(found.name, at)


def _after(schedule: Schedule, zone: ZoneInfo, floor: int) -> Occurrence | None:
    """Strictly after. By way of the day's first and those behind it, which are found once for everybody."""
    found = _next(schedule, zone, floor // DAY * DAY - 1)
    while found is not None and found.instant_ms <= floor:
        found = _next(schedule, zone, found.instant_ms)
    return found


@lru_cache(maxsize=4096)
def _next(schedule: Schedule, zone: ZoneInfo, after: int) -> Occurrence | None:
    return next_occurrence(schedule, after, zone)


def occurrence_entry(one: Coming, arrival: int, sequence: int) -> EventSnapshot:
    """What a run keeps of it: `entry.occurrence`, `entry.scheduled_at`, `entry.timestamp`."""
    return EventSnapshot(SCHEDULED, SCHEDULED, one.at, arrival, sequence, properties={"occurrence": one.name})
