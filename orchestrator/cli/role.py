"""How a role is run from the command line: logs, loop, signals, and the last line."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine

from orchestrator.cli.context import FINDINGS, UNREACHABLE, USAGE, Invocation, Stop
from orchestrator.distributed.role import stop_on_signals
from orchestrator.errors import ConciergeError, ConfigurationError, ServiceUnavailable, StoreRefused, TooManyDeadLetters
from orchestrator.runtime.logs import set_up_logs
from orchestrator.runtime.serving import serve
from orchestrator.runtime.settings import Settings

DEFAULT_METRICS = "127.0.0.1:9100"
Work = Callable[[Settings, asyncio.Event], Coroutine[None, None, None]]
_log = logging.getLogger(__name__)


def status_listen(call: Invocation, given: str | None) -> str:
    """Where a role without a gateway shows its status."""
    return given or call.settings().get("METRICS_LISTEN") or DEFAULT_METRICS


def run_role(call: Invocation, work: Work) -> None:
    """Until SIGTERM or Ctrl-C. What breaks it is the last line, and the process ends with its exit code."""
    settings = call.settings()
    set_up_logs(settings.get("LOG") or "info", sys.stderr)
    try:
        serve(_until_stopped(settings, work))
    except (ConfigurationError, ConciergeError) as error:
        # the last line of the log, and what a person reads; a defect's own traceback is not caught
        _log.error("stopped: %s", error)
        Stop(str(error)).show()
        sys.stderr.flush()
        os._exit(_code(error))  # Faust's thread may not end by itself
    _log.info("stopped cleanly")


async def _until_stopped(settings: Settings, work: Work) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    await work(settings, stop)


def _code(error: Exception) -> int:
    match error:
        case TooManyDeadLetters():
            return FINDINGS
        case StoreRefused() | ConfigurationError():
            return USAGE
        case ServiceUnavailable():
            return UNREACHABLE
        case _:
            return UNREACHABLE
