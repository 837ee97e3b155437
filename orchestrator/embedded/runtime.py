"""The embedded runtime: gateway, engine, senders, sandbox and metrics in one process, on one folder."""

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from orchestrator.active import ActiveVersion, SignedLinks
from orchestrator.contracts.claim import Claim
from orchestrator.contracts.link_token import Signer
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.topics import CHANNELS, CUSTOMER_EVENTS, DECISIONS, DELIVERY_RECEIPTS, INPUT_TOPICS, LANES, Channel, outbound
from orchestrator.embedded.broker import LogBroker
from orchestrator.embedded.calls import READ_BY, embedded_calls
from orchestrator.embedded.command_spool import take_for_ever
from orchestrator.embedded.front_page import FrontPage
from orchestrator.embedded.partitions import fixed_partitions
from orchestrator.embedded.pauses import follow_for_ever, read_pauses
from orchestrator.embedded.publisher import LogPublisher
from orchestrator.embedded.reputation import EmbeddedReputation
from orchestrator.embedded.signing_key import signing_key
from orchestrator.embedded.source import GROUP, LogSource
from orchestrator.embedded.versions import Versions
from orchestrator.engine.batch import Outcome
from orchestrator.errors import ConfigurationError
from orchestrator.gateway.customer_pages import CustomerPages
from orchestrator.gateway.errors_are_problems import errors_are_problems
from orchestrator.gateway.route import Route
from orchestrator.gateway.routes import Health, add_gateway_routes, routes
from orchestrator.gateway.segment_api import SegmentApi
from orchestrator.gateway.webhooks_api import WebhooksApi, WebhookSettings
from orchestrator.observation import Observation
from orchestrator.partition_loop import PartitionLoop
from orchestrator.profiles.address import address_hash
from orchestrator.reputation_watch import ReputationWatch
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.ids import Ids
from orchestrator.runtime.logs import HTTP
from orchestrator.runtime.metrics import Metrics
from orchestrator.runtime.settings import Settings
from orchestrator.runtime.version import VERSION
from orchestrator.runtime.webhook_key import public_key
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.store_directory import StoreDirectory
from orchestrator.workspace.workspace import Workspace
from workers.build_provider import SANDBOX_TOKEN, build_provider
from workers.calls.hosts import read_private
from workers.delivery import Delivery
from workers.lookup import LookUps
from workers.loop import SenderLoop
from workers.provider_pool import ProviderPool
from workers.resolver import Resolver
from workers.sandbox.description import sandbox_paths
from workers.sandbox.routes import add_sandbox_routes
from workers.sandbox.sandbox import KEY_FILE, Sandbox, SandboxSettings
from workers.sandbox.sandbox import signing_key as signing_key_of
from workers.settings import ProviderSettings, read_providers
from workers.transport import Transport

DAY = 24 * 3_600_000
KEEP_LOG = DAY
TRIM_EVERY = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where it runs. `sandbox_url` empty: the sandbox is in this process."""

    folder: Path
    host: str
    port: int
    public_url: str
    sandbox_url: str = ""


class EmbeddedRuntime:
    """Everything `concierge up` runs. Raises ConfigurationError (settings, a locked folder) when it is made."""

    def __init__(
        self, workspace: Workspace, place: Place, settings: Settings, environment: Mapping[str, str], clock: Clock, ids: Ids
    ) -> None:
        self.place, self._settings, self._clock, self._ids = place, settings, clock, ids
        self._private, self._environment = read_private(settings.get("CALLS_ALLOW_PRIVATE")), environment
        self.database = SqliteDatabase(place.folder)
        self._partitions = fixed_partitions(self.database, settings)
        self.log = SqliteLog(self.database, clock, self._partitions)
        self.store = SqliteStore(self.database, self.log, ids.token())
        self.versions = Versions(self.database)
        signer = Signer(*signing_key(place.folder, settings))
        self.active = ActiveVersion(workspace, SignedLinks(place.public_url, signer))
        self.active.pause(read_pauses(self.database))
        self.metrics = Metrics()
        self.observation = Observation(self.metrics)
        self.reputation = ReputationWatch(EmbeddedReputation(self.database), self.active, clock, self._look_at_pauses)
        self.sandbox: Sandbox | None = None
        if not place.sandbox_url:
            sandbox_settings = SandboxSettings(place.folder, place.public_url)
            self.sandbox = Sandbox(sandbox_settings, clock.now, lambda: ids.token() + ids.token())
        self._providers = read_providers(settings.tables, environment)
        self.publisher = LogPublisher(self.log, settings.backlog())
        self._gateway(signer)
        self._stop = asyncio.Event()
        self.failure: BaseException | None = None
        self._token = ids.token()
        self._pools: dict[Channel, ProviderPool] = {}
        self._owners: list[PartitionLoop] = []
        self._gauges()

    def _gateway(self, signer: Signer) -> None:
        keys = self._settings.write_keys() or {"demo": "demo"}
        webhook_keys = [public_key(p.secrets["webhook_public_key"]) for p in self._providers["email"] if "webhook_public_key" in p.secrets]
        if self.sandbox is not None:
            webhook_keys.append(public_key(self.sandbox.public_key()))
        elif (self.place.folder / KEY_FILE).exists():
            # a sandbox process that shares this folder signs with this key
            webhook_keys.append(signing_key_of(self.place.folder).public_key())
        texting = [provider for c in ("sms", "whatsapp") for provider in self._providers[c]]
        tokens = [p.secrets[key] for p in texting for key in ("auth_token", "auth_token_secondary") if key in p.secrets]
        directory = StoreDirectory(self.store, self.active, self._partitions)
        webhooks = WebhooksApi(
            self.publisher, directory,
            WebhookSettings(webhook_keys, [*tokens, SANDBOX_TOKEN], lambda: self.place.public_url, lambda *labels: self.metrics.add("webhooks_total", *labels)), self._clock,
        )  # fmt: skip
        self.segment = SegmentApi(self.publisher, keys, self._clock, self._ids, self.observation.received)
        health = Health(lambda: None if self.failure is None else f"stopping: {self.failure}", self.metrics.text)
        self.app = web.Application(middlewares=[errors_are_problems], client_max_size=32 * 1024 * 1024)
        pages = CustomerPages(webhooks.publish, directory, signer, self._clock)
        described = sandbox_paths() if self.sandbox is not None else {}
        front = Route(
            "GET",
            "/",
            FrontPage(self.active, self.observation, self.place.public_url, sandbox=self.sandbox is not None).answer,
            "Where everything is",
            gives=("text/html", ""),
        )
        add_gateway_routes(self.app, [*routes(self.segment, webhooks, pages, health), front], VERSION, described)
        if self.sandbox is not None:
            add_sandbox_routes(self.app, self.sandbox)

    def _gauges(self) -> None:
        self.metrics.ask(
            "provider_circuit_open",
            lambda: [
                ((channel, name), float(is_open)) for channel, pool in self._pools.items() for name, is_open in pool.open_circuits().items()
            ],
        )
        self.metrics.ask("timers_pending", lambda: [((), float(self.store.timers()))])
        self.metrics.ask("outbox_depth", lambda: [((str(owner.partition),), float(owner.unpublished)) for owner in self._owners])
        self.metrics.ask("runs_waiting", self._runs_waiting)
        self.metrics.ask("journey_paused", self.active.standing_still)
        self.metrics.ask("reputation_level_ratio", self.reputation.ratios)
        topics = {
            CUSTOMER_EVENTS: GROUP,
            DELIVERY_RECEIPTS: GROUP,
            **READ_BY,
            **{outbound(c, lane): f"senders-{c}" for c in CHANNELS for lane in LANES},
        }
        self.metrics.ask(
            "consumer_lag_records", lambda: [((topic,), float(self.log.depth(group, topic))) for topic, group in topics.items()]
        )

    def _runs_waiting(self) -> list[tuple[tuple[str, ...], float]]:
        standing: Counter[str] = Counter()
        for owner in self._owners:
            standing.update(owner.state.running)
        return [((journey,), float(number)) for journey, number in sorted(standing.items())]

    def _providers_of(self, channel: Channel) -> list[ProviderSettings]:
        found = self._providers[channel]
        return found or [ProviderSettings(channel=channel, provider="sandbox", name="sandbox", rate=10_000.0)]

    def _hash(self, message: OutboundMessage) -> str:
        return address_hash(self.active.workspace.name, message.channel, message.to)

    async def apply(self, workspace: Workspace, files: Mapping[str, bytes]) -> None:
        """Put another version in force, from the next batch of each partition on. Everybody in flight is looked at under it."""
        await self.versions.apply(workspace.version, files, self._clock.now())
        self.active.take_up(workspace)
        self.log.wake()

    def _observe(self, outcome: Outcome, partition: int, seconds: float) -> None:
        self.observation.batch(outcome, partition, seconds)
        self.reputation.batch(outcome)

    def _look_at_pauses(self) -> None:
        if self.active.pause(read_pauses(self.database)):
            self.log.wake()

    def fail(self, error: BaseException) -> None:
        """Something is broken that no retry mends: stop, and say why."""
        if self.failure is None:
            self.failure = error
        self._stop.set()

    def stop(self) -> None:
        """Begin a graceful stop."""
        self._stop.set()

    async def run(self, ready: asyncio.Event) -> None:
        """Until `stop`. Raises what broke it."""
        # bodies are unpacked within bounds by who reads them
        runner = web.AppRunner(self.app, access_log=None, auto_decompress=False, logger=logging.getLogger(HTTP))
        await runner.setup()
        try:
            site = web.TCPSite(runner, self.place.host, self.place.port)
            try:
                await site.start()
            except OSError as error:
                raise ConfigurationError(
                    f"cannot listen on {self.place.host}:{self.place.port}: {error.strerror}; choose another with --listen"
                ) from error
            await self._work(ready)
        finally:
            await runner.cleanup()
            self.database.close()
        if self.failure is not None:
            raise self.failure

    async def _work(self, ready: asyncio.Event) -> None:
        sandbox_url = self.place.sandbox_url or self.place.public_url
        async with contextlib.AsyncExitStack() as stack:
            self._owners = [
                PartitionLoop(p, self._partitions, self.store, LogSource(self.log, p), self.active, self._clock, self._ids, self._observe)
                for p in range(self._partitions)
            ]
            loops = [owner.run(self._stop) for owner in self._owners]
            for channel in CHANNELS:
                settings = self._providers_of(channel)
                transport = await stack.enter_async_context(Transport(timeout=max(p.timeout for p in settings)))
                providers = [build_provider(p, sandbox_url=sandbox_url, public_url=self.place.public_url) for p in settings]
                for provider in providers:
                    if provider.transport is not None:
                        await stack.enter_async_context(provider.transport)
                pool = self._pools[channel] = ProviderPool(providers, self._clock.now())
                resolver = Resolver(self.store, LookUps(self.store, transport.ask, self._clock), pool, self._hash)
                delivery = Delivery(
                    self.store, transport, pool, resolver, self._clock, self._token, self.observation, self._hash, self._is_dead, _random
                )
                loops.append(SenderLoop(LogBroker(self.log, channel), delivery, self.store, self.fail).run(self._stop))
            calls = await stack.enter_async_context(
                embedded_calls(self.log, self.active, self._private, self._environment, self._clock, self.observation, self.fail)
            )
            loops.append(calls.run(self._stop))
            tasks = [
                asyncio.create_task(self._guarded(loop))
                for loop in (
                    *loops, follow_for_ever(self.database, self.active, self.log.wake), take_for_ever(self.place.folder, self.log), self.reputation.run(), self._trim()
                )
            ]  # fmt: skip
            ready.set()
            await self._stop.wait()
            self.log.wake()
            await asyncio.wait(tasks[:-4], timeout=15)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _guarded(self, loop: Coroutine[None, None, None]) -> None:
        try:
            await loop
        except Exception as error:  # noqa: BLE001  (nothing is swallowed: the process stops with it)
            self.fail(error)

    def _is_dead(self, claim: Claim) -> bool:
        """One process sends: a claim of another token is of one that died."""
        return claim.sender != self._token

    async def _trim(self) -> None:
        """Take out of the log what everybody has finished with."""
        while True:
            await asyncio.sleep(TRIM_EVERY)
            before = self._clock.now() - KEEP_LOG
            await self.log.trim(INPUT_TOPICS, [GROUP], before)
            for channel in CHANNELS:
                await self.log.trim([outbound(channel, lane) for lane in LANES], [f"senders-{channel}"], before)
            for topic, group in READ_BY.items():
                await self.log.trim([topic], [group], before)
            await self.log.trim_by_age(DECISIONS, self._clock.now() - 400 * DAY)
            await self.store.forget_claims(self._clock.now() - 30 * DAY, self._clock.now() - 400 * DAY)


_random = secrets.SystemRandom().random
