"""Taking up another version of the workspace while running: between two batches, and never a bad one."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from orchestrator.distributed.connections import workspace_in_force
from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.state.redis_versions import RedisVersions
from orchestrator.workspace.workspace import Workspace

EVERY = 2.0
_log = logging.getLogger(__name__)


class Follower(Protocol):
    """Whoever keeps the version in force."""

    @property
    def workspace(self) -> Workspace: ...

    def take_up(self, workspace: Workspace) -> None: ...


async def follow(versions: RedisVersions, active: Follower, environment: Mapping[str, str], changed: Callable[[], None]) -> None:
    """Until cancelled."""
    refused = ""
    while True:
        await asyncio.sleep(EVERY)
        try:
            now = await versions.in_force()
            if now is None or now in (active.workspace.version, refused):
                continue
            active.take_up(await workspace_in_force(versions, environment))
        except ConfigurationError as error:
            refused = now or ""
            _log.error("version %s is not taken up, %s stays in force here: %s", refused[:8], active.workspace.version[:8], error)
        except ServiceUnavailable as error:
            _log.warning("cannot look for another version: %s", error)
        else:
            changed()
            _log.info("version %s is in force", active.workspace.version[:8])
