"""Records of the input topics become inputs, or dead letters with their reason."""

import msgspec

from orchestrator.contracts.call import decode_answer, is_answer
from orchestrator.contracts.command import Forwarded, encode_command
from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.event import MAX_EVENT_BYTES
from orchestrator.contracts.receipt import decode_receipt
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.engine.inputs import CallInput, Decoded, EventInput, InputRecord, ReceiptInput
from orchestrator.ingest.decode import Refused, decode
from orchestrator.model.event import CustomerEvent
from orchestrator.workspace.workspace import Workspace


def decode_record(record: InputRecord, workspace: Workspace) -> Decoded:
    """Never raises: what cannot be read is kept whole as a dead letter."""
    if record.topic == DELIVERY_RECEIPTS:
        return _receipt(record)
    found = decode(record.value, record.at, workspace)
    if isinstance(found, Forwarded):
        # a forwarded record keeps its first arrival
        inner = decode(found.event, found.at, workspace)
        found = msgspec.structs.replace(inner, customer=found.customer) if isinstance(inner, CustomerEvent) else inner
    if isinstance(found, Refused):
        return dead(record, found.reason, found.error)
    return EventInput(record, found)


def _receipt(record: InputRecord) -> Decoded:
    if len(record.value) > MAX_EVENT_BYTES:
        return dead(record, DeadLetterReason.TOO_LARGE, f"{len(record.value)} bytes; at most {MAX_EVENT_BYTES}")
    try:
        if is_answer(record.value):
            return CallInput(record, decode_answer(record.value))
        return ReceiptInput(record, decode_receipt(record.value))
    except msgspec.ValidationError as error:
        return dead(record, DeadLetterReason.BAD_SHAPE, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return dead(record, DeadLetterReason.NOT_JSON, str(error))
    except ValueError as error:
        return dead(record, DeadLetterReason.BAD_SHAPE, str(error))


def forwarded(record: InputRecord) -> Record:
    """A record of another partition, on its way there: its key decides. Ours are already where their key belongs, so it goes once."""
    assert record.key is not None
    if record.topic == DELIVERY_RECEIPTS:
        return Record(topic=record.topic, key=record.key, value=record.value, headers=record.headers)
    customer = record.key.decode("utf-8", "surrogateescape")
    try:
        value = encode_command(Forwarded(customer=customer, event=record.value, at=record.at))
    except (UnicodeEncodeError, ValueError):
        value = record.value
    return Record(topic=record.topic, key=record.key, value=value, headers=record.headers)


def dead(record: InputRecord, reason: DeadLetterReason, error: str) -> DeadLetter:
    """The record, kept whole with its reason and place."""
    return DeadLetter(
        reason=reason, error=error, topic=record.topic, partition=record.partition, offset=record.offset,
        key=record.key, value=record.value, headers=record.headers,
    )  # fmt: skip
