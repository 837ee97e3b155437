"""The role `orchestrator`: owns partitions, applies events, receipts and timers, publishes what comes of them."""

import asyncio
from collections.abc import Mapping

from orchestrator.active import ActiveVersion, SignedLinks
from orchestrator.customer_stream import CustomerStream
from orchestrator.distributed.connections import connect, public_url, signer_of, workspace_in_force
from orchestrator.distributed.follow import follow
from orchestrator.distributed.role import run_until, say_ready, serving, status_app, until
from orchestrator.errors import ConfigurationError
from orchestrator.gateway.routes import Health
from orchestrator.observation import Observation
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids
from orchestrator.runtime.metrics import Metrics
from orchestrator.runtime.settings import Settings

DEAD_LETTER_LIMIT = 1000


def dead_letter_limit(settings: Settings) -> int:
    """Raises ConfigurationError."""
    text = settings.get("DEAD_LETTER_LIMIT") or str(DEAD_LETTER_LIMIT)
    if not text.isdigit():
        raise ConfigurationError(
            f"CONCIERGE_DEAD_LETTER_LIMIT={text!r}: so many records in a row that cannot be read stop a partition; 0 is never"
        )
    return int(text)


async def run_orchestrator(
    settings: Settings, environment: Mapping[str, str], listen: str, clock: Clock, ids: Ids, stop: asyncio.Event
) -> None:
    """Until `stop`. Raises what broke it: ConfigurationError, ServiceUnavailable, StoreRefused, NoProgress, TooManyDeadLetters."""
    url, signer, limit = public_url(settings), signer_of(settings), dead_letter_limit(settings)
    connections = await connect(settings, ids)
    try:
        workspace = await workspace_in_force(connections.versions, environment)
        active = ActiveVersion(workspace, SignedLinks(url, signer))
        metrics = Metrics()
        stream = CustomerStream(
            connections.kafka, connections.store, connections.store.id, active, clock, ids, Observation(metrics).batch, limit
        )
        _gauges(metrics, stream)
        health = Health(lambda: None if stream.joined.is_set() else "not a member of the consumer group yet", metrics.text)
        async with serving(status_app(health), listen) as address:
            follows = follow(connections.versions, active, environment, stream.wake)
            said = say_ready(
                stream.joined,
                f"orchestrator: workspace {workspace.name}, version {workspace.version[:8]}, status on http://{address}/readyz",
            )
            await run_until(stop, lambda: stream.run(stop), lambda: until(stop, follows), lambda: until(stop, said))
    finally:
        await connections.store.close()


def _gauges(metrics: Metrics, stream: CustomerStream) -> None:
    metrics.ask("outbox_depth", lambda: [((str(p),), float(number)) for p, number in stream.unpublished().items()])
    metrics.ask("runs_waiting", lambda: [((journey,), float(number)) for journey, number in sorted(stream.waiting().items())])
    metrics.ask("consumer_lag_records", lambda: [((topic,), float(number)) for topic, number in sorted(stream.lag().items())])
