"""A broadcast whose time is past when it is applied: a time counts from the moment it is applied, so nobody enters by it."""

from zoneinfo import ZoneInfo

from orchestrator.calendar.wall_clock import first_instant
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.workspace import Workspace

_LAST = "Etc/GMT+12"
"""The zone whose clock shows a local time last."""


def last_entry(was: Journey | None, will_be: Journey | None, workspace: Workspace) -> int | None:
    """The instant (ms) of a `once` that is new or another than before, by the last clock that it follows; None where there is none."""
    entry = None if will_be is None else will_be.entry.schedule
    before = None if was is None else was.entry.schedule
    if entry is None or entry.schedule.once is None or (before is not None and before.version == entry.version):
        return None
    zones = {"customer": ZoneInfo(_LAST), "workspace": workspace.timezone}
    zone = zones.get(entry.timezone) or ZoneInfo(entry.timezone)
    return first_instant(entry.schedule.once.date(), entry.schedule.once.time(), zone)
