"""A workspace whose only errors are missing tests: enough to write those tests from."""

from orchestrator.content.check import check_message
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.load import Loaded, load_files
from orchestrator.workspace.workspace import Workspace


def draft_journey(loaded: Loaded, name: str) -> tuple[Workspace, Journey] | None:
    """The workspace and the journey, as if every journey had its tests."""
    import os

    workspace = load_files(loaded.files, dict(os.environ), check_message, tests=False).workspace
    journey = workspace.journeys.get(name) if workspace is not None else None
    return None if workspace is None or journey is None else (workspace, journey)
