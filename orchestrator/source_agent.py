"""What becomes of a batch of one source's records: mapped, published, and only then done with."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.event import Event, encode_event
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, dead_letters
from orchestrator.errors import ConciergeError, ConfigurationError, TooManyDeadLetters
from orchestrator.event_judge import setting_of
from orchestrator.partition_loop import Active
from orchestrator.publisher import Publisher
from orchestrator.sources.map_record import Setting, map_record
from orchestrator.sources.source_record import SourceRecord
from orchestrator.workspace.source import Source

RUN = "dlq-run"
"""Header of a source's dead letter: how many records in a row of its partition it is the last of."""
_log = logging.getLogger(__name__)


class SourcesChanged(ConciergeError):  # noqa: N818  (says what happened)
    """The version in force reads other topics than this app was made for: make it anew."""


@dataclass(frozen=True, slots=True)
class SourceBatch:
    """What became of a batch that is published: `events` made, `dead` letters by reason, records `ignored`."""

    source: str
    topic: str
    events: int
    ignored: int
    dead: Mapping[DeadLetterReason, int] = field(default_factory=dict)


class Lookup(Protocol):
    """Raises ServiceUnavailable."""

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        """How many each topic has; one that does not exist is left out. Topics are named in full."""
        ...

    async def last(self, topic: str, partition: int) -> Record | None:
        """The last record of a partition."""
        ...


class SourceAgent:
    """Of one source and all partitions of its topic that this process owns.

    The dead letters of one partition stand on one partition of theirs: the last of them tells the next owner how many came in a row.
    """

    def __init__(
        self, source: Source, prefix: str, active: Active, publisher: Publisher, lookup: Lookup,
        observe: Callable[[SourceBatch], None], dead_letter_limit: int = 0,
    ) -> None:  # fmt: skip
        """`prefix` is of our own topics, as the dead letters' is; a backend's keeps its name. `dead_letter_limit`: so many in a
        row of one partition stop it (0: never)."""
        assert source.topic is not None
        self.name, self.topic = source.name, source.topic
        self.dead_topic = prefix + dead_letters(source.topic)
        self._dead_partitions = 1
        self._active = active
        self._publisher = publisher
        self._lookup = lookup
        self._observe = observe
        self._limit = dead_letter_limit
        self._setting: tuple[str, Setting] | None = None
        self._runs: dict[int, int] = {}

    async def begin(self) -> None:
        """Raises ConfigurationError when there is nowhere to keep dead letters, ServiceUnavailable."""
        found = await self._lookup.partitions([self.topic, self.dead_topic])
        if self.dead_topic not in found:
            raise ConfigurationError(
                f"source {self.name}: there is no topic {self.dead_topic} to keep what cannot be mapped, or we may not see it; `concierge topics create` makes it"
            )
        if self.topic not in found:
            _log.warning("source %s: there is no topic %s yet; its records are read when there is", self.name, self.topic)
        self._dead_partitions = found[self.dead_topic]

    def assigned(self) -> None:
        """Partitions have come and gone: others may have written dead letters meanwhile."""
        self._runs.clear()

    async def take(self, records: Sequence[SourceRecord]) -> None:
        """Map and publish, in order; durable on return. What it publishes is the same however often a record comes.

        Raises ServiceUnavailable (what is published is not known), TooManyDeadLetters (nothing of the batch is), SourcesChanged
        (nothing either).
        """
        source, setting = self._in_force()
        outgoing: list[Record] = []
        dead: Counter[DeadLetterReason] = Counter()
        events = ignored = 0
        runs = dict(self._runs)
        for record in records:
            found = map_record(source, record, setting)
            if isinstance(found, DeadLetter):
                run = await self._run_before(record, runs) + 1
                if self._limit and run > self._limit:
                    raise self._too_many(found, run)
                runs[record.partition] = run
                dead[found.reason] += 1
                outgoing.append(self._kept(found, run))
                continue
            runs[record.partition] = 0
            events += len(found)
            ignored += not found
            outgoing += [_published(event) for event in found]
        if outgoing:
            await self._publisher.publish(outgoing)
        self._runs = runs
        self._observe(SourceBatch(self.name, self.topic, events, ignored, dead))

    def _in_force(self) -> tuple[Source, Setting]:
        """The mapping as the version in force has it: between two batches."""
        workspace = self._active.workspace
        source = workspace.sources.get(self.name)
        if source is None or source.topic != self.topic:
            raise SourcesChanged(f"source {self.name} no longer reads {self.topic}")
        if self._setting is None or self._setting[0] != workspace.version:
            self._setting = workspace.version, setting_of(workspace)
        return source, self._setting[1]

    async def _run_before(self, record: SourceRecord, runs: dict[int, int]) -> int:
        """Dead letters in a row right before this record; after a start or a rebalance as the last of them says."""
        known = runs.get(record.partition)
        if known is not None or not self._limit:
            return known or 0
        last = await self._lookup.last(self.dead_topic, record.partition % self._dead_partitions)
        headers = dict(last.headers) if last is not None else {}
        before = (record.topic.encode(), b"%d" % record.partition, b"%d" % (record.offset - 1))
        if (headers.get("dlq-topic"), headers.get("dlq-partition"), headers.get("dlq-offset")) != before:
            return 0
        return int(headers[RUN]) if headers.get(RUN, b"").isdigit() else 0

    def _kept(self, letter: DeadLetter, run: int) -> Record:
        record = letter.record()
        return Record(
            topic=record.topic, key=record.key, value=record.value, headers=(*record.headers, (RUN, b"%d" % run)),
            partition=letter.partition % self._dead_partitions,
        )  # fmt: skip

    def _too_many(self, letter: DeadLetter, run: int) -> TooManyDeadLetters:
        return TooManyDeadLetters(
            f"source {self.name}: the last {run} records of {letter.topic} partition {letter.partition} cannot be mapped, the latest at offset "
            f"{letter.offset}: {letter.reason.value}; mend config/sources or the backend, or raise CONCIERGE_DEAD_LETTER_LIMIT to let them pass"
        )


def _published(event: Event) -> Record:
    customer = event.user_id or event.anonymous_id or event.previous_id
    return Record(topic=CUSTOMER_EVENTS, key=str(customer).encode(), value=encode_event(event))
