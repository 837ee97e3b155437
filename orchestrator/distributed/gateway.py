"""The role `gateway`: events and webhooks over HTTP into Kafka. Nothing is accepted that Kafka has not acknowledged."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import aiohttp
import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from orchestrator.active import ActiveVersion, SignedLinks
from orchestrator.contracts.record import Record
from orchestrator.distributed.connections import connect, signer_of, workspace_in_force
from orchestrator.distributed.follow import follow
from orchestrator.distributed.role import run_until, serving, until
from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.gateway.customer_pages import CustomerPages
from orchestrator.gateway.errors_are_problems import errors_are_problems
from orchestrator.gateway.publisher import Overloaded
from orchestrator.gateway.routes import Health, add_gateway_routes, routes
from orchestrator.gateway.segment_api import SegmentApi
from orchestrator.gateway.webhooks_api import WebhooksApi, WebhookSettings
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.observation import Observation
from orchestrator.publisher import Publisher
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids
from orchestrator.runtime.metrics import Metrics
from orchestrator.runtime.settings import Settings
from orchestrator.runtime.version import VERSION
from orchestrator.runtime.webhook_key import public_key
from orchestrator.store_directory import StoreDirectory
from workers.build_provider import SANDBOX_TOKEN
from workers.settings import ProviderSettings, read_providers

MOST, PATIENCE = 20_000, 10.0
"""Records that wait for Kafka's acknowledgement at most; seconds a request waits for its own."""
_log = logging.getLogger(__name__)


class BoundedPublisher:
    """Answers Overloaded when too much waits for Kafka, ServiceUnavailable when Kafka takes too long. What was refused so may have
    been written all the same: the client sends it again, and its messageId makes it one event."""

    def __init__(self, publisher: Publisher, most: int = MOST, patience: float = PATIENCE) -> None:
        self._publisher = publisher
        self._most = most
        self._patience = patience
        self.waiting = 0
        self.away: str | None = None
        """Why Kafka took nothing the last time; None when it did."""

    async def publish(self, records: Sequence[Record]) -> None:
        if self.waiting and self.waiting + len(records) > self._most:
            raise Overloaded(2)
        self.waiting += len(records)
        try:
            async with asyncio.timeout(self._patience):
                await self._publisher.publish(records)
        except TimeoutError as error:
            self.away = f"Kafka has not acknowledged for {self._patience:.0f} s"
            raise ServiceUnavailable(self.away) from error
        except ServiceUnavailable as error:
            self.away = str(error)
            raise
        finally:
            self.waiting -= len(records)
        self.away = None


def webhook_settings(
    settings: Settings, environment: Mapping[str, str], sandbox_keys: Sequence[ec.EllipticCurvePublicKey], metrics: Metrics, address: str
) -> WebhookSettings:
    """Keys and tokens of the providers in concierge.toml, and the sandbox's where there is one."""
    providers: list[ProviderSettings] = [one for found in read_providers(settings.tables, environment).values() for one in found]
    keys: list[ec.EllipticCurvePublicKey] = list(sandbox_keys)
    for one in providers:
        if "webhook_public_key" in one.secrets:
            try:
                keys.append(public_key(one.secrets["webhook_public_key"]))
            except ValueError as error:
                raise ConfigurationError(
                    f"concierge.toml: [[{one.channel}]] {one.name}: webhook_public_key is no ECDSA key: {error}"
                ) from error
    tokens = [one.secrets[key] for one in providers for key in ("auth_token", "auth_token_secondary") if key in one.secrets]
    if settings.get("SANDBOX"):
        tokens.append(SANDBOX_TOKEN)
    url = (settings.get("PUBLIC_URL") or f"http://{address}").rstrip("/")
    return WebhookSettings(keys, tokens, lambda: url, lambda *labels: metrics.add("webhooks_total", *labels))


async def sandbox_key(url: str, seconds: float = 10.0) -> list[ec.EllipticCurvePublicKey]:
    """The key the sandbox signs its webhooks with, asked as one would ask SendGrid; none when it does not answer in time."""
    path = f"{url}/sandbox/sendgrid/v3/user/webhooks/event/settings/signed"
    loop = asyncio.get_running_loop()
    until_ = loop.time() + seconds
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        while loop.time() < until_:
            try:
                async with session.get(path) as response:
                    if response.status == 200:
                        return [public_key(msgspec.json.decode(await response.read(), type=dict[str, str])["public_key"])]
            except (aiohttp.ClientError, TimeoutError, msgspec.DecodeError, KeyError, ValueError) as error:
                _log.debug("the sandbox's key: %s", error)
            await asyncio.sleep(0.5)
    _log.warning("the sandbox at %s does not answer: its SendGrid webhooks will be refused until this process is started again", url)
    return []


async def run_gateway(settings: Settings, environment: Mapping[str, str], listen: str, clock: Clock, ids: Ids, stop: asyncio.Event) -> None:
    """Until `stop`. Raises what broke it."""
    signer, write_keys = signer_of(settings), settings.write_keys()
    if not write_keys:
        raise ConfigurationError("CONCIERGE_WRITE_KEYS is not set: sources authenticate with a key each, as name:key,name:key")
    connections = await connect(settings, ids)
    publisher = KafkaPublisher(connections.kafka)
    try:
        workspace = await workspace_in_force(connections.versions, environment)
        await publisher.start()
        active = ActiveVersion(workspace, SignedLinks((settings.get("PUBLIC_URL") or f"http://{listen}").rstrip("/"), signer))
        metrics = Metrics()
        bounded = BoundedPublisher(publisher)
        sandbox = (settings.get("SANDBOX") or "").rstrip("/")
        hooks = webhook_settings(settings, environment, await sandbox_key(sandbox) if sandbox else [], metrics, listen)
        directory = StoreDirectory(connections.store, active, connections.kafka.partitions)
        segment = SegmentApi(bounded, write_keys, clock, ids, Observation(metrics).received)
        webhooks = WebhooksApi(bounded, directory, hooks, clock)
        pages = CustomerPages(webhooks.publish, directory, signer, clock)
        app = web.Application(middlewares=[errors_are_problems], client_max_size=32 * 1024 * 1024)
        add_gateway_routes(app, routes(segment, webhooks, pages, Health(lambda: bounded.away, metrics.text)), VERSION)
        async with serving(app, listen) as address:
            _log.info("ready: gateway on http://%s, workspace %s, version %s", address, workspace.name, workspace.version[:8])
            follows = follow(connections.versions, active, environment, lambda: None)
            await run_until(stop, lambda: until(stop, follows))
    finally:
        await publisher.stop()
        await connections.store.close()
