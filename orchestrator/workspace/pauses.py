"""Journeys that are paused by command, whatever their files say."""

from collections.abc import Collection
from dataclasses import replace

from orchestrator.workspace.earlier import overlaid
from orchestrator.workspace.workspace import Workspace


def with_pauses(workspace: Workspace, paused: Collection[str]) -> Workspace:
    """The strictest of file and command counts: a draft stays one, everything else is paused. Names of no journey mean nothing."""
    held = {
        name: replace(journey, status="paused")
        for name, journey in workspace.journeys.items()
        if name in paused and journey.status in ("live", "draining")
    }
    return overlaid(replace(workspace, journeys={**workspace.journeys, **held})) if held else workspace
