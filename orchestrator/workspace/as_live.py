"""Journeys that stand still by their files, played as if they were live: by tests (what a journey does is not what its status is just now)
and by simulations (what a draft would do is what is asked for)."""

from collections.abc import Collection
from dataclasses import replace

from orchestrator.workspace.workspace import Workspace

STOPPED = ("draft", "paused", "draining")


def as_live(workspace: Workspace, statuses: Collection[str] = STOPPED, but: Collection[str] = ()) -> Workspace:
    """Journeys of these statuses are live, except those of these names (`but`)."""
    stopped = {name: replace(one, status="live") for name, one in workspace.journeys.items() if one.status in statuses and name not in but}
    return replace(workspace, journeys={**workspace.journeys, **stopped}) if stopped else workspace
