"""The role `orchestrator`: maps backends' records, owns partitions, applies events, receipts and timers, publishes what comes of them."""

import asyncio
from collections.abc import Mapping

from orchestrator.active import ActiveVersion, SignedLinks
from orchestrator.customer_stream import CustomerStream
from orchestrator.distributed.connections import connect, public_url, signer_of, workspace_in_force
from orchestrator.distributed.follow import follow
from orchestrator.distributed.follow_pauses import follow_pauses
from orchestrator.distributed.role import run_until, say_ready, serving, status_app, until
from orchestrator.engine.batch import Outcome
from orchestrator.errors import ConfigurationError
from orchestrator.gateway.routes import Health
from orchestrator.observation import Observation
from orchestrator.reputation_watch import ReputationWatch
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids
from orchestrator.runtime.metrics import Metrics
from orchestrator.runtime.settings import Settings
from orchestrator.source_reader import SourceReader
from orchestrator.state.redis_reputation import RedisReputation

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
        active.pause(await connections.versions.pauses())
        metrics = Metrics()
        streams: list[CustomerStream] = []

        def fresh() -> CustomerStream:
            made = CustomerStream(connections.kafka, connections.store, connections.store.id, active, clock, ids, observe, limit)
            streams[:] = [made]
            return made

        def wake() -> None:
            for stream in streams:
                stream.wake()

        ledger = RedisReputation(connections.store.connection, connections.versions)
        reputation, observation = ReputationWatch(ledger, active, clock, wake), Observation(metrics)

        def observe(outcome: Outcome, partition: int, seconds: float) -> None:
            observation.batch(outcome, partition, seconds)
            reputation.batch(outcome)

        sources = SourceReader(
            connections.kafka, active, clock, metrics, customer_stream=fresh, dead_letter_limit=limit, instance=settings.get("INSTANCE")
        )
        _gauges(metrics, streams, sources)
        metrics.ask("journey_paused", active.standing_still)
        metrics.ask("reputation_level_ratio", reputation.ratios)
        joined = asyncio.Event()
        health = Health(lambda: None if joined.is_set() else "not a member of the consumer group yet", metrics.text)
        async with serving(status_app(health), listen) as address:
            follows = follow(connections.versions, active, environment, wake)
            who = f"orchestrator: workspace {workspace.name}, version {workspace.version[:8]}, status on http://{address}/readyz"
            pauses = follow_pauses(connections.versions, active, wake)
            said = _say_ready(streams, sources, joined, who)
            await run_until(
                stop,
                lambda: sources.run(stop),
                lambda: until(stop, follows),
                lambda: until(stop, pauses),
                lambda: until(stop, reputation.run()),
                lambda: until(stop, said),
            )
    finally:
        await connections.store.close()


async def _say_ready(streams: list[CustomerStream], sources: SourceReader, joined: asyncio.Event, who: str) -> None:
    await sources.joined.wait()
    await streams[0].joined.wait()
    joined.set()
    await say_ready(joined, who)


def _gauges(metrics: Metrics, streams: list[CustomerStream], sources: SourceReader) -> None:
    def by_partition() -> list[tuple[tuple[str, ...], float]]:
        return [((str(p),), float(number)) for stream in streams for p, number in stream.unpublished().items()]

    def standing() -> list[tuple[tuple[str, ...], float]]:
        return [((journey,), float(number)) for stream in streams for journey, number in sorted(stream.waiting().items())]

    def lag() -> list[tuple[tuple[str, ...], float]]:
        found = sum((stream.lag() for stream in streams), sources.lag())
        return [((topic,), float(number)) for topic, number in sorted(found.items())]

    metrics.ask("outbox_depth", by_partition)
    metrics.ask("partitions_torn", lambda: [((), float(sum(len(stream.torn) for stream in streams)))])
    metrics.ask("runs_waiting", standing)
    metrics.ask("consumer_lag_records", lag)
