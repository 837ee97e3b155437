"""The role `worker`: sends one channel's messages, as many processes as you like."""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping

from orchestrator.contracts.claim import Claim
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.topics import Channel
from orchestrator.distributed.connections import Connections, connect, public_url, workspace_in_force
from orchestrator.distributed.role import run_until, say_ready, serving, status_app, until
from orchestrator.errors import ConfigurationError
from orchestrator.gateway.routes import Health
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.observation import Observation
from orchestrator.profiles.address import address_hash
from orchestrator.publisher import PatientPublisher
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids
from orchestrator.runtime.metrics import Metrics
from orchestrator.runtime.settings import Settings
from orchestrator.state.redis_rates import RedisRates
from workers.build_provider import build_provider
from workers.delivery import Delivery
from workers.kafka_broker import KafkaLanes
from workers.lookup import LookUps
from workers.loop import SenderLoop
from workers.provider_pool import ProviderPool
from workers.resolver import Resolver
from workers.settings import ProviderSettings, read_providers
from workers.shared_rate import SharedRate
from workers.transport import Transport


def providers_of(channel: Channel, settings: Settings, environment: Mapping[str, str]) -> list[ProviderSettings]:
    """Those of the channel, else the sandbox's. Raises ConfigurationError when there is neither."""
    found = read_providers(settings.tables, environment)[channel]
    if not found and not settings.get("SANDBOX"):
        raise ConfigurationError(
            f"nobody to send {channel} with: name a provider, [[{channel}]] in concierge.toml, or a sandbox with CONCIERGE_SANDBOX=http://HOST:PORT"
        )
    return found or [ProviderSettings(channel=channel, provider="sandbox", name="sandbox", rate=10_000.0)]


def sender_name(instance: str | None, token: str) -> tuple[str, str]:
    """(its name in claims, what the names of its dead predecessors begin with). Without an instance nobody is known to be dead."""
    return (f"{instance}:{token}", f"{instance}:") if instance else (token, "")


async def run_worker(
    channel: Channel, settings: Settings, environment: Mapping[str, str], listen: str, clock: Clock, ids: Ids, stop: asyncio.Event
) -> None:
    """Until `stop`; then what is under way is finished, within ten seconds. Raises what broke it."""
    chosen, url = providers_of(channel, settings, environment), public_url(settings)
    instance = settings.get("INSTANCE")
    connections = await connect(settings, ids)
    publisher = KafkaPublisher(connections.kafka)
    try:
        workspace = await workspace_in_force(connections.versions, environment)
        await publisher.start()
        lanes = KafkaLanes(connections.kafka, channel, PatientPublisher(publisher).publish, instance, clock.monotonic)
        metrics = Metrics()
        metrics.ask("consumer_lag_records", lambda: [((topic,), float(number)) for topic, number in lanes.broker.lag().items()])
        sandbox = (settings.get("SANDBOX") or "").rstrip("/")
        providers = [build_provider(one, sandbox_url=sandbox, public_url=url) for one in chosen]
        rates = RedisRates(connections.store.connection)
        shared = {one.name: SharedRate(rates, f"{channel}:{one.name}", one.rate) for one in providers}
        pool = ProviderPool(providers, clock.now(), shared)
        metrics.ask("provider_circuit_open", lambda: [((channel, name), float(is_open)) for name, is_open in pool.open_circuits().items()])
        health = Health(lambda: None if lanes.broker.joined.is_set() else "not a member of the consumer groups yet", metrics.text)
        async with (
            Transport(timeout=max(one.timeout for one in chosen)) as transport,
            serving(status_app(health), listen) as address,
            contextlib.AsyncExitStack() as stack,
        ):
            for one in providers:
                if one.transport is not None:
                    await stack.enter_async_context(one.transport)
            delivery = _delivery(
                connections, workspace.name, transport, pool, Observation(metrics), sender_name(instance, ids.token()), clock
            )
            said = say_ready(
                lanes.broker.joined, f"worker {channel}: {', '.join(one.name for one in chosen)}, status on http://{address}/readyz"
            )
            failure: list[BaseException] = []

            def failed(error: BaseException) -> None:
                failure.append(error)
                stop.set()

            lanes.start()
            try:
                loop = SenderLoop(lanes.broker, delivery, connections.store, failed)
                await run_until(stop, lambda: loop.run(stop), lambda: until(stop, said))
            finally:
                await lanes.stop()
            if failure:
                raise failure[0]
    finally:
        with contextlib.suppress(Exception):
            await publisher.stop()
        await connections.store.close()


def _delivery(
    connections: Connections,
    workspace: str,
    transport: Transport,
    pool: ProviderPool,
    observation: Observation,
    name: tuple[str, str],
    clock: Clock,
) -> Delivery:
    own, predecessors = name

    def hashed(message: OutboundMessage) -> str:
        return address_hash(workspace, message.channel, message.to)

    def is_dead(claim: Claim) -> bool:
        # a static member of the group is fenced by its successor: it does not send any more
        return bool(predecessors) and claim.sender != own and claim.sender.startswith(predecessors)

    resolver = Resolver(connections.store, LookUps(connections.store, transport.ask, clock), pool, hashed)
    return Delivery(
        connections.store, transport, pool, resolver, clock, own, observation, hashed, is_dead, secrets.SystemRandom().random
    )  # fmt: skip
