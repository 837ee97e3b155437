"""What Kafka's clients raise while they run reaches the last line as a sentence and an exit code, never as a traceback."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, TopicAuthorizationFailedError

from orchestrator.active import ActiveVersion
from orchestrator.app import build_app
from orchestrator.contracts.record import Record
from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.journey_tests.world import NoLinks
from orchestrator.kafka_access import check_access, in_our_words
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.workspace.workspace import Workspace


@pytest.mark.parametrize(("error", "kind", "says"), [
    (KafkaConnectionError("Unable to bootstrap"), ServiceUnavailable, "Kafka: KafkaConnectionError: .*Unable to bootstrap"),
    (GroupAuthorizationFailedError("g1"), ConfigurationError, "Kafka does not allow it: .*g1; .* CONCIERGE_KAFKA_SASL_USERNAME"),
    (TopicAuthorizationFailedError("t1"), ConfigurationError, "Kafka does not allow it: .*t1; .* CONCIERGE_KAFKA_SASL_USERNAME"),
])  # fmt: skip
def test_an_error_of_a_client(error: Exception, kind: type[Exception], says: str) -> None:
    told = in_our_words(error)
    assert told.__cause__ is error
    with pytest.raises(kind, match=says):
        raise told


def test_any_other_error_stays_what_it_is() -> None:
    defect = ZeroDivisionError()
    assert in_our_words(defect) is defect


class Quiet:
    """Publishes nothing, and knows all topics."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def publish(self, records: Sequence[Record]) -> None: ...

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        return dict.fromkeys(topics, 1)

    async def last(self, topic: str, partition: int) -> Record | None:
        return None


async def test_what_faust_finds_out_by_itself(example: Workspace) -> None:
    app = build_app(
        KafkaAddress({"bootstrap_servers": "127.0.0.1:1"}, "", 1), ActiveVersion(example, NoLinks()), Quiet(), Quiet(), SystemClock()
    )
    app.fail(KafkaConnectionError("Unable to bootstrap"))
    app.fail(ZeroDivisionError())
    assert isinstance(app.failure, ServiceUnavailable), "the first one counts"
    assert app.over.is_set()


async def test_a_broker_that_never_answers_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.kafka_access.ANSWER_WITHIN", 0.2)

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    left = asyncio.Event()
    mute = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = mute.sockets[0].getsockname()[1]
    async with mute:
        with pytest.raises(ServiceUnavailable, match=f"Kafka cannot be reached: Kafka at 127.0.0.1:{port} does not answer within"):
            await check_access(KafkaAddress({"bootstrap_servers": f"127.0.0.1:{port}"}, "", 1))
        await asyncio.wait_for(left.wait(), 10)


async def test_what_is_no_kafka_is_said_to_hang_up() -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    other = await asyncio.start_server(http, "127.0.0.1", 0)
    async with other:
        with pytest.raises(
            ConfigurationError, match="hangs up: is it Kafka, and does it speak CONCIERGE_KAFKA_SECURITY_PROTOCOL=PLAINTEXT"
        ):
            await check_access(KafkaAddress({"bootstrap_servers": f"127.0.0.1:{other.sockets[0].getsockname()[1]}"}, "", 1))
