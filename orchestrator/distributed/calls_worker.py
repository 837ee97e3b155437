"""The role `worker calls`: makes the calls that steps ask for, as many processes as you like."""

import asyncio
import contextlib
from collections.abc import Mapping

from orchestrator.contracts.topics import OUTBOUND_CALLS
from orchestrator.distributed.connections import connect, workspace_in_force
from orchestrator.distributed.follow import follow
from orchestrator.distributed.role import run_until, say_ready, serving, status_app, until
from orchestrator.gateway.routes import Health
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.observation import Observation
from orchestrator.publisher import PatientPublisher
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids
from orchestrator.runtime.metrics import Metrics
from orchestrator.runtime.settings import Settings
from orchestrator.workspace.workspace import Workspace
from workers.calls.build_caller import calling
from workers.calls.call_loop import CallLoop
from workers.calls.hosts import read_private
from workers.calls.kafka_calls import KafkaCalls


class HostsInForce:
    """Takes up another version of the workspace: which hosts may be called follows what was applied last, within seconds."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def take_up(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def hosts(self) -> tuple[str, ...]:
        return self.workspace.webhook_hosts


async def run_calls_worker(
    settings: Settings, environment: Mapping[str, str], listen: str, clock: Clock, ids: Ids, stop: asyncio.Event
) -> None:
    """Until `stop`; then requests under way have five seconds, and what has no answer is read again by another. Raises what broke it."""
    private = read_private(settings.get("CALLS_ALLOW_PRIVATE"))
    connections = await connect(settings, ids)
    publisher = KafkaPublisher(connections.kafka)
    try:
        workspace = await workspace_in_force(connections.versions, environment)
        await publisher.start()
        active = HostsInForce(workspace)
        calls = KafkaCalls(connections.kafka, PatientPublisher(publisher).publish, settings.get("INSTANCE"), clock.monotonic)
        queue = calls.queue
        metrics = Metrics()
        metrics.ask("consumer_lag_records", lambda: [((OUTBOUND_CALLS,), float(queue.lag()))])
        health = Health(lambda: None if queue.joined.is_set() else "not a member of the consumer group yet", metrics.text)
        async with (
            serving(status_app(health), listen) as address,
            calling(active.hosts, private, environment, clock, Observation(metrics)) as caller,
        ):
            failure: list[BaseException] = []

            def failed(error: BaseException) -> None:
                failure.append(error)
                stop.set()

            loop = CallLoop(queue, caller, failed)
            queue.holder = loop
            metrics.ask("calls_in_flight", lambda: [((), float(loop.trying()))])
            metrics.ask("calls_waiting", lambda: [((), float(loop.waiting()))])
            said = say_ready(queue.joined, f"worker calls: {_told(active)}, status on http://{address}/readyz")
            follows = follow(connections.versions, active, environment, lambda: None)
            calls.start()
            try:
                await run_until(stop, lambda: loop.run(stop), lambda: until(stop, follows), lambda: until(stop, said))
            finally:
                await calls.stop()
            if failure:
                raise failure[0]
    finally:
        with contextlib.suppress(Exception):
            await publisher.stop()
        await connections.store.close()


def _told(active: HostsInForce) -> str:
    return f"may call {', '.join(active.hosts())}" if active.hosts() else "no host is listed in webhooks.hosts, so nobody is called"
