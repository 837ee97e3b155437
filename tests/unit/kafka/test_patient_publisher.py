"""What Kafka has not acknowledged is published again, all of it, until it is or time is up."""

from collections.abc import Sequence

import pytest

from orchestrator.contracts.record import Record
from orchestrator.errors import ServiceUnavailable
from orchestrator.publisher import PatientPublisher

RECORDS = [Record(topic="decisions", key=b"ada", value=b"1"), Record(topic="decisions", key=b"ben", value=b"2")]


class Kafka:
    """Takes nothing for so many tries."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.tries: list[Sequence[Record]] = []

    async def publish(self, records: Sequence[Record]) -> None:
        self.tries.append(records)
        if len(self.tries) <= self.failures:
            raise ServiceUnavailable("not in step")


async def test_it_is_published_again_until_it_is_taken() -> None:
    kafka = Kafka(3)
    await PatientPublisher(kafka, pause=0).publish(RECORDS)
    assert kafka.tries == [RECORDS] * 4


async def test_after_the_last_try_it_says_so() -> None:
    kafka = Kafka(9)
    with pytest.raises(ServiceUnavailable, match="has not taken 2 records"):
        await PatientPublisher(kafka, tries=3, pause=0).publish(RECORDS)
    assert len(kafka.tries) == 3


async def test_another_error_is_not_waited_out() -> None:
    class Broken:
        async def publish(self, records: Sequence[Record]) -> None:
            raise TypeError(f"a defect with {len(records)} records")

    with pytest.raises(TypeError):
        await PatientPublisher(Broken(), pause=0).publish(RECORDS)
