"""Entry by the clock as the engine runs it: when it occurs, for whom, and how it is spread."""

from dataclasses import dataclass

from orchestrator.calendar.recurrence import Schedule

BY_SCHEDULE = "\0schedule"
"""Stands among the events of an entry for an occurrence of a schedule: what `entry` holds then."""


@dataclass(frozen=True, slots=True)
class ScheduledEntry:
    """`timezone` is `customer`, `workspace` or a zone; `audience` None means everyone; `spread` in milliseconds. `version` names
    when it occurs (its rule, time and zone): what is changed there counts from then on only."""

    schedule: Schedule
    timezone: str = "workspace"
    audience: str | None = None
    spread: int = 0
    version: str = ""
