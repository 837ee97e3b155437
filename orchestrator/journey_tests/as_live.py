"""What a journey's tests are about is what it does when it runs, whatever its file says of that just now."""

from collections.abc import Collection
from dataclasses import replace

from orchestrator.workspace.workspace import Workspace


def as_live(workspace: Workspace, but: Collection[str] = ()) -> Workspace:
    """Journeys that are drafts, paused or draining by their file are played as if they were live, so that a journey can be stopped without
    a change of its tests. A test that is about a pause says `pause`, or applies (`but`) the text that has it."""
    stopped = {name: replace(one, status="live") for name, one in workspace.journeys.items() if one.status != "live" and name not in but}
    return replace(workspace, journeys={**workspace.journeys, **stopped}) if stopped else workspace
