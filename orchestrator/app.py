"""The Faust app of one orchestrator process: an agent for every source with a topic, and the customer stream as a service of it.

Faust acknowledges what an agent has dropped, by an exception or at a stop, unless it is kept from it. Here a record is acknowledged
by one line alone, after everything made of it is in the log; an agent that fails stands still, and the process ends.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

import faust
import mode

from orchestrator.customer_stream import NoProgress
from orchestrator.errors import ConciergeError, ConfigurationError
from orchestrator.kafka_access import in_our_words
from orchestrator.partition_loop import Active
from orchestrator.publisher import PUBLISH_FOR, PatientPublisher
from orchestrator.publisher import Publisher as Publishing
from orchestrator.runtime.clock import Clock
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.source_agent import Lookup, SourceAgent, SourceBatch, SourcesChanged
from orchestrator.sources.source_record import SourceRecord

GROUP = "concierge-sources"
"""The app's id and its agents' consumer group; the customer stream's has another name."""
MOST_RECORDS, WITHIN = 500, 0.02
SESSION = 8
"""Seconds after which a process that fell silent is taken for dead. With Faust's 60 a stop waits for a dead member as long."""
NEW_TOPICS_WITHIN = 30_000
"""Milliseconds until a backend's topic that did not exist at the start is read."""
LOOK_EVERY, ASK_EVERY = 1.0, 15
"""Seconds between looks at ourselves; every so many looks Kafka is asked too."""
STUCK_AFTER = 60.0 + PUBLISH_FOR
"""Seconds without a finished batch, while records wait, after which the process ends rather than look alive."""
STOP_WITHIN = 30.0
_log = logging.getLogger(__name__)


class Publisher(Publishing, Protocol):
    """Started before the first record and stopped after the last. `start` raises ServiceUnavailable."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Stream(Protocol):
    """The customer stream. Raises what broke it."""

    async def run(self, stop: asyncio.Event) -> None: ...


class _Event(faust.Event):  # type: ignore[misc]  # Faust is untyped here
    """Faust acknowledges what its streams skip; of ours nothing is but by the agent."""

    def ack(self) -> bool:
        return False

    def acknowledge(self) -> None:
        super().ack()


class _App(faust.App):  # type: ignore[misc]  # Faust is untyped here
    async def on_first_start(self) -> None:
        """No folders: there are no tables."""


class _StreamService(faust.Service):  # type: ignore[misc]  # Faust is untyped here
    """Runs the customer stream beside the agents; a stop waits for its batches."""

    def __init__(self, stream: Stream, fail: Callable[[BaseException], None], **options: Any) -> None:
        super().__init__(**options)
        self._stream, self._fail = stream, fail
        self._stop_stream = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def on_start(self) -> None:
        self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            await self._stream.run(self._stop_stream)
        except Exception as error:  # noqa: BLE001  (kept, and raised by the app's `run`)
            self._fail(error)

    async def on_stop(self) -> None:
        self._stop_stream.set()
        if self._running is not None:
            await self._running


class OrchestratorApp:
    """Made by `build_app`. Runs once; another version that reads other topics needs another one."""

    def __init__(
        self, app: Any, agents: list[SourceAgent], active: Active, publisher: Publisher, stream: Stream | None, clock: Clock
    ) -> None:
        self.faust = app
        self.agents = agents
        self.failure: BaseException | None = None
        """What broke it; `over` is set with it."""
        self.over = asyncio.Event()
        self._active = active
        self._publisher = publisher
        self._clock = clock
        self._moved_at = clock.monotonic()
        self._done: dict[Any, int] = {}
        for agent in agents:
            self._agent(agent)
        if stream is not None:
            app.service(_StreamService(stream, self.fail, beacon=app.beacon))
        app.producer_only = not agents
        app.on_partitions_assigned.connect(self._assigned, weak=False)

    def lag(self) -> Counter[str]:
        """Records of the backends' topics that are not done with, of the partitions this process has read from."""
        found: Counter[str] = Counter()
        ends = self.faust.monitor.tp_end_offsets
        for tp, done in self._done.items():
            found[tp.topic] += max((ends.get(tp) or done) - done, 0)
        return found

    def fail(self, error: BaseException) -> None:
        """Something no retry mends. Nothing more is acknowledged."""
        if self.failure is None:
            self.failure = in_our_words(error)
        self.over.set()

    async def run(self, stop: asyncio.Event, ready: asyncio.Event | None = None) -> None:
        """Until `stop`; `ready` is set when records are read. Raises what broke it: ServiceUnavailable, ConfigurationError,
        TooManyDeadLetters, NoProgress, what the customer stream raises, or a defect's own error; SourcesChanged: build another app.

        After an error leave the process by `os._exit`: Faust's consumer thread may not end by itself.
        """
        await self._publisher.start()
        try:
            living = asyncio.create_task(self._live(ready))
            waiting = [asyncio.create_task(one.wait()) for one in (stop, self.over)]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            await self._end()
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
        finally:
            await self._publisher.stop()
        if self.failure is not None:
            raise self.failure

    async def _live(self, ready: asyncio.Event | None) -> None:
        try:
            for agent in self.agents:
                await agent.begin()
            if not self.over.is_set():
                await self.faust.start()
            if ready is not None and not self.faust.should_stop:
                ready.set()
            await self._watch()
        except Exception as error:  # noqa: BLE001  (kept, and raised by `run`)
            self.fail(error)

    async def _end(self) -> None:
        """Gracefully: what the agents have in hand is finished and committed. After a failure it is left for the next process."""
        if self.failure is not None:
            self.faust.conf.stream_wait_empty = False
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await self.faust.stop()
        except TimeoutError:
            self.fail(ConciergeError(f"the agents did not finish within {STOP_WITHIN:.0f} s; what they have in hand is read again"))

    def _agent(self, agent: SourceAgent) -> None:
        topic = self.faust.topic(agent.topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

        async def consume(stream: Any) -> None:
            async for events in stream.noack_take(MOST_RECORDS, within=WITHIN):
                try:
                    await agent.take([_record(event.message) for event in events])
                except Exception as error:  # noqa: BLE001  (an exception that left the loop would have Faust acknowledge what comes next)
                    self.fail(error)
                    await asyncio.Event().wait()
                for event in events:
                    event.acknowledge()
                    self._done[event.message.tp] = event.message.offset + 1
                self._moved_at = self._clock.monotonic()

        self.faust.agent(topic, name=f"source-{agent.name}", concurrency=1, supervisor_strategy=mode.CrashingSupervisor)(consume)

    async def _assigned(self, _app: Any, assigned: set[Any], **_options: Any) -> None:
        self._done = {tp: done for tp, done in self._done.items() if tp in assigned}
        for agent in self.agents:
            agent.assigned()

    async def _watch(self) -> None:
        """What Faust only logs: that it crashed, that records wait and nothing is done with them. And what it cannot know: that the
        version in force reads other topics."""
        topics = {agent.topic for agent in self.agents}
        looks = 0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self.faust.crashed:
                raise self.faust.crash_reason or ConciergeError("Faust crashed and does not say why")
            wanted = self._active.workspace.source_topics
            if wanted != topics:
                raise SourcesChanged(f"the version in force reads {_listed(wanted)} instead of {_listed(topics)}")
            looks += 1
            if self.agents and looks % ASK_EVERY == 0 and not await self._waiting():
                self._moved_at = self._clock.monotonic()
            if self.agents and self._clock.monotonic() - self._moved_at > STUCK_AFTER:
                raise NoProgress(f"records of {_listed(topics)} wait and nothing was done with one for {STUCK_AFTER:.0f} s")

    async def _waiting(self) -> bool:
        """Are there records in hand, or such that were not even fetched? False when Kafka does not answer: that is not for us to mend."""
        consumer = self.faust.consumer
        if consumer.unacked:
            return True
        assigned = consumer.assignment()
        try:
            async with asyncio.timeout(ASK_EVERY):
                ends = await consumer.highwaters(*assigned) if assigned else {}
                return any([end > (await consumer.position(tp) or 0) for tp, end in ends.items()])
        except Exception as error:  # noqa: BLE001  (of whatever kind: another look follows)
            _log.info("Kafka was asked for the ends of the sources' topics and did not say: %s", error)
            return False


def _listed(topics: AbstractSet[str]) -> str:
    return ", ".join(sorted(topics)) or "no topic"


def _record(message: Any) -> SourceRecord:
    at = None if message.timestamp is None else round(message.timestamp * 1000)
    headers = tuple((name, value or b"") for name, value in message.headers or ())
    return SourceRecord(message.topic, message.partition, message.offset, at, message.key, message.value, headers)


def build_app(
    address: KafkaAddress, active: Active, publisher: Publisher, lookup: Lookup, clock: Clock, *, customer_stream: Stream | None = None,
    observe: Callable[[SourceBatch], None] = lambda _batch: None, dead_letter_limit: int = 0, instance: str | None = None,
    publish_for: int = PUBLISH_FOR,
) -> OrchestratorApp:  # fmt: skip
    """The app for the sources of the version in force. `publisher` publishes on our own topics; `instance` names this process among
    its group's members for ever, so that a quick restart moves no partitions. Raises ConfigurationError."""
    sources = [source for source in active.workspace.sources.values() if source.topic is not None]
    app = _App(
        address.prefix + GROUP, broker=[f"kafka://{one}" for one in address.brokers], broker_credentials=_credentials(address), autodiscover=False, store="memory://", cache="memory://",
        Event=_Event, web_enabled=False, topic_allow_declare=False, topic_disable_leader=True, table_standby_replicas=0,
        consumer_auto_offset_reset="earliest", consumer_metadata_max_age_ms=NEW_TOPICS_WITHIN, consumer_group_instance_id=instance, stream_wait_empty=True, stream_buffer_maxsize=1000,
        broker_commit_interval=1.0, broker_commit_every=1000, broker_max_poll_interval=300, broker_session_timeout=SESSION,
        broker_heartbeat_interval=1, broker_request_timeout=40, broker_rebalance_timeout=60, producer_acks=-1, producer_linger=0.005,
        producer_request_timeout=60,
    )  # fmt: skip
    patient = PatientPublisher(publisher, publish_for)
    agents = [SourceAgent(source, address.prefix, active, patient, lookup, observe, dead_letter_limit) for source in sources]
    return OrchestratorApp(app, agents, active, publisher, customer_stream, clock)


def _credentials(address: KafkaAddress) -> Any:
    """Of the options that all our Kafka clients are given, Faust's. Raises ConfigurationError."""
    options = address.options
    protocol, context = str(options.get("security_protocol", "PLAINTEXT")), options.get("ssl_context")
    if protocol in ("SSL", "SASL_SSL") and context is None:
        raise ConfigurationError(f"Kafka's security protocol is {protocol}, and there is no TLS context")
    match protocol:
        case "PLAINTEXT":
            return None
        case "SSL":
            return faust.SSLCredentials(context)
        case "SASL_PLAINTEXT" | "SASL_SSL":
            mechanism = str(options.get("sasl_mechanism", "PLAIN"))
            if mechanism not in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
                raise ConfigurationError(f"Kafka's SASL mechanism {mechanism!r}: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
            return faust.SASLCredentials(
                username=options.get("sasl_plain_username"), password=options.get("sasl_plain_password"), mechanism=mechanism,
                ssl_context=context if protocol == "SASL_SSL" else None,
            )  # fmt: skip
        case _:
            raise ConfigurationError(f"Kafka's security protocol {protocol!r}: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
