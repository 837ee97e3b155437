"""Taking up which journeys are paused by command or by the reputation guard, while running: between two batches."""

import asyncio
import logging
from collections.abc import Callable

from orchestrator.active import ActiveVersion
from orchestrator.distributed.follow import EVERY
from orchestrator.errors import ServiceUnavailable
from orchestrator.state.redis_versions import RedisVersions

_log = logging.getLogger(__name__)


async def follow_pauses(versions: RedisVersions, active: ActiveVersion, changed: Callable[[], None]) -> None:
    """Until cancelled."""
    while True:
        await asyncio.sleep(EVERY)
        try:
            paused = await versions.pauses()
        except ServiceUnavailable as error:
            _log.warning("cannot look for pauses: %s", error)
            continue
        if active.pause(paused):
            changed()
            _log.info("paused: %s", ", ".join(f"{name} (by {cause})" for name, cause in sorted(paused.items())) or "none")
