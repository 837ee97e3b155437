"""The calls of the embedded runtime: made in its process, over its log."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping

from orchestrator.active import ActiveVersion
from orchestrator.contracts.topics import CALLERS, OUTBOUND_CALLS
from orchestrator.embedded.call_broker import LogCalls
from orchestrator.observation import Observation
from orchestrator.runtime.clock import Clock
from orchestrator.state.sqlite_log import SqliteLog
from workers.calls.build_caller import calling
from workers.calls.call_loop import CallLoop

READ_BY = {OUTBOUND_CALLS: CALLERS}
"""Topic to group, for lag and trimming."""


@contextlib.asynccontextmanager
async def embedded_calls(
    log: SqliteLog, active: ActiveVersion, private: frozenset[tuple[str, int]], environment: Mapping[str, str], clock: Clock, observation: Observation,
    failed: Callable[[BaseException], None],
) -> AsyncIterator[CallLoop]:  # fmt: skip
    """A loop that is ready to run."""

    def hosts() -> tuple[str, ...]:
        return active.workspace.webhook_hosts

    async with calling(hosts, private, environment, clock, observation) as caller:
        loop = CallLoop(LogCalls(log), caller, failed)
        observation.metrics.ask("calls_in_flight", lambda: [((), float(loop.trying()))])
        observation.metrics.ask("calls_waiting", lambda: [((), float(loop.waiting()))])
        yield loop
