"""What a batch is made of: records of the two input topics. Timers are not among them: a customer's profile knows its own."""

import msgspec

from orchestrator.contracts.call import CallAnswer
from orchestrator.contracts.command import Command
from orchestrator.contracts.dead_letter import DeadLetter
from orchestrator.contracts.receipt import Receipt
from orchestrator.model.event import CustomerEvent


class InputRecord(msgspec.Struct, frozen=True):
    """One record as it was read. `at` is its arrival in milliseconds; `key` the customer it is for."""

    topic: str
    partition: int
    offset: int
    at: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class EventInput(msgspec.Struct, frozen=True):
    """A decoded event or command."""

    record: InputRecord
    event: CustomerEvent | Command


class ReceiptInput(msgspec.Struct, frozen=True):
    """A decoded receipt."""

    record: InputRecord
    receipt: Receipt


class CallInput(msgspec.Struct, frozen=True):
    """A decoded answer of a call."""

    record: InputRecord
    answer: CallAnswer


Input = EventInput | ReceiptInput | CallInput
Decoded = Input | DeadLetter
