"""What the calls' loop asks of the log: calls, a place for answers, positions to move."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from orchestrator.contracts.call import CallAnswer, OutboundCall, decode_call, encode_answer, encode_call
from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.record import Headers, Record
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, OUTBOUND_CALLS


@dataclass(frozen=True, slots=True)
class CallParcel:
    """A call and its place in the log. `call` None: it could not be read and is only to be moved past."""

    partition: int
    offset: int
    call: OutboundCall | None
    topic: str = OUTBOUND_CALLS


class CallBroker(Protocol):
    """The topic `outbound-calls`."""

    async def poll(self, limit: int) -> list[CallParcel]:
        """The next calls of one partition; empty when there are none now. What cannot be read is a dead letter by then."""
        ...

    async def finish(self, answers: Sequence[CallAnswer], parcels: Sequence[CallParcel]) -> None:
        """Publish answers, durably, and then move past these parcels as far as nothing before them is open."""
        ...

    async def put_back(self, parcels: Sequence[CallParcel]) -> None:
        """Publish these calls again, behind all others, and move past where they stood."""
        ...

    async def wait(self, seconds: float) -> None:
        """Until there may be more, at most so long."""
        ...


class Holder(Protocol):
    """Who makes the calls; told when partitions go to another process."""

    def left(self, partitions: Collection[int]) -> None:
        """Give up what waits for another try: its next owner reads it again."""
        ...

    def is_busy(self, partitions: Collection[int]) -> bool:
        """Is there a request under way for one of these, or an answer not yet published?"""
        ...


def parcel_of(partition: int, offset: int, key: bytes | None, value: bytes, headers: Headers) -> tuple[CallParcel, Record | None]:
    """The parcel, and the dead letter of a record that is no call."""
    try:
        return CallParcel(partition, offset, decode_call(value)), None
    except (msgspec.DecodeError, ValueError) as error:
        letter = DeadLetter(
            reason=DeadLetterReason.BAD_SHAPE, error=str(error), topic=OUTBOUND_CALLS, partition=partition, offset=offset, key=key,
            value=value, headers=headers,
        )  # fmt: skip
        return CallParcel(partition, offset, None), letter.record()


def call_record(call: OutboundCall) -> Record:
    """On the partition of its customer."""
    return Record(topic=OUTBOUND_CALLS, key=call.customer.encode("utf-8", "surrogatepass"), value=encode_call(call))


def answer_record(answer: CallAnswer) -> Record:
    """On the partition of its customer, as receipts are."""
    return Record(topic=DELIVERY_RECEIPTS, key=answer.customer.encode("utf-8", "surrogatepass"), value=encode_answer(answer))
