"""Journeys that are paused by command or by the reputation guard, whatever their files say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from orchestrator.workspace.earlier import overlaid
from orchestrator.workspace.workspace import Workspace

Cause = Literal["command", "guard"]
Pauses = Mapping[str, Cause]
"""Names of journeys, and who paused them."""


def with_pauses(workspace: Workspace, paused: Pauses) -> Workspace:
    """The strictest of file, command and guard counts: a draft stays one, everything else is paused. Names of no journey mean nothing."""
    held = {
        name: replace(journey, status="paused", paused_by=paused[name])
        for name, journey in workspace.journeys.items()
        if name in paused and journey.status in ("live", "draining")
    }
    return overlaid(replace(workspace, journeys={**workspace.journeys, **held})) if held else workspace
