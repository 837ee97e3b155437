"""Where a replicated partition's log ends at its leader, which lies beyond what consumers are shown yet.

A record is shown once every copy in step has it; its arrival was stamped before. While a broker that died still counts as in step
(9 s by default) nothing is shown at all, and an idle partition looks just like one with records on their way.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Int16, Int32, Int64, Schema, String

from orchestrator.errors import ServiceUnavailable
from orchestrator.runtime.kafka_address import KafkaAddress

ANSWER_WITHIN = 1.0
"""Seconds; one that is silent must not keep us from asking the others for long."""
METADATA_MAX_AGE = 5_000
"""Milliseconds after which leaders are looked up again at the latest."""
_log = logging.getLogger(__name__)


class _Answer(Response):  # type: ignore[misc]  # aiokafka is untyped here
    """OffsetForLeaderEpoch, version 2, of Kafka's protocol guide."""

    API_KEY = 23
    API_VERSION = 2
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("topics", Array(
            ("topic", String("utf-8")),
            ("partitions", Array(("error_code", Int16), ("partition", Int32), ("leader_epoch", Int32), ("end_offset", Int64))),
        )),
    )  # fmt: skip


class _Question(RequestStruct):  # type: ignore[misc]  # aiokafka is untyped here
    API_KEY = 23
    API_VERSION = 2
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        ("topics", Array(
            ("topic", String("utf-8")),
            ("partitions", Array(("partition", Int32), ("current_leader_epoch", Int32), ("leader_epoch", Int32))),
        )),
    )  # fmt: skip


class _OffsetForLeaderEpoch(Request[_Question]):  # type: ignore[misc]  # aiokafka is untyped here
    API_KEY = 23

    def __init__(self, topics: list[Any]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_Question]) -> _Question:
        return request_struct_class(self._topics)


class EpochSearch:
    """A leader's epoch, found by its answers to guesses: it says whether one is too old or too new."""

    def __init__(self, guess: int = 0) -> None:
        self.guess = guess
        self._old = guess - 1
        self._new: int | None = None
        self._step = 1

    def found(self) -> "EpochSearch":
        """The search for the one after this."""
        return EpochSearch(self.guess)

    def too_old(self) -> "EpochSearch":
        """Twice as far each time, then halfway to what was too new."""
        self._old = self.guess
        if self._new is None or self._new - self._old < 2:  # where both were said, it has changed meanwhile
            self._new = None
            self.guess += self._step
            self._step *= 2
        else:
            self.guess = (self._old + self._new) // 2
        return self

    def too_new(self) -> "EpochSearch":
        """Halfway to what was too old; from the beginning when even that is too new: the topic was made anew."""
        self._new = self.guess
        if self._new - self._old < 2:
            return EpochSearch()
        self.guess = (self._old + self._new) // 2
        return self


class KafkaLogEnds:
    """Asks the leaders, on connections of its own: on the consumer's a question would wait behind a fetch that waits."""

    def __init__(self, address: KafkaAddress) -> None:
        self._client = AIOKafkaClient(**address.options, metadata_max_age_ms=METADATA_MAX_AGE)
        self._epochs: defaultdict[TopicPartition, EpochSearch] = defaultdict(EpochSearch)

    async def start(self, topics: Iterable[str]) -> None:
        """Raises ServiceUnavailable."""
        try:
            await self._client.bootstrap()
            await self._client.set_topics(list(topics))
        except KafkaError as error:
            raise ServiceUnavailable(f"Kafka cannot be reached: {error}") from error

    async def stop(self) -> None:
        await self._client.close()

    def is_replicated(self, topic: str) -> bool:
        """Has a partition of it more than one copy?"""
        known = self._client.cluster._partitions.get(topic, {})  # noqa: SLF001  (it names leaders in public, copies not)
        return any(len(one.replicas) > 1 for one in known.values())

    async def ask(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The offset the next record will get, of those whose leader answers now."""
        by_leader: dict[int, dict[str, list[tuple[int, int, int]]]] = defaultdict(lambda: defaultdict(list))
        for tp in partitions:
            leader = self._client.cluster.leader_for_partition(tp)
            if leader is not None and leader >= 0:
                epoch = self._epochs[tp].guess
                by_leader[leader][tp.topic].append((tp.partition, epoch, epoch))
        found: dict[TopicPartition, int] = {}
        for one in await asyncio.gather(*(self._ask(leader, topics) for leader, topics in by_leader.items())):
            found |= one
        return found

    async def _ask(self, leader: int, topics: Mapping[str, list[tuple[int, int, int]]]) -> dict[TopicPartition, int]:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = await self._client.send(leader, _OffsetForLeaderEpoch(list(topics.items())))
        except (KafkaError, TimeoutError) as error:
            _log.debug("node %s does not say where logs end: %s", leader, error)
            self._client.force_metadata_update()
            return {}
        found: dict[TopicPartition, int] = {}
        for topic, partitions in answer.topics:
            for code, partition, _epoch, end in partitions:
                tp = TopicPartition(topic, partition)
                search = self._epochs[tp]
                match code:
                    case 0:
                        self._epochs[tp] = search.found()
                        found[tp] = end
                    case 74:  # fenced leader epoch
                        self._epochs[tp] = search.too_old()
                    case 75:  # unknown leader epoch
                        self._epochs[tp] = search.too_new()
                    case _:
                        self._client.force_metadata_update()
        return found
