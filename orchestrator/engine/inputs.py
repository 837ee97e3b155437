"""What a batch is made of: records of the two input topics. Timers are not among them: a customer's profile knows its own."""

from dataclasses import dataclass

from orchestrator.contracts.command import Command
from orchestrator.contracts.dead_letter import DeadLetter
from orchestrator.contracts.receipt import Receipt
from orchestrator.model.event import CustomerEvent


@dataclass(frozen=True, slots=True)
class InputRecord:
    """One record as it was read. `at` is its arrival in milliseconds; `key` the customer it is for."""

    topic: str
    partition: int
    offset: int
    at: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class EventInput:
    """A decoded event or command."""

    record: InputRecord
    event: CustomerEvent | Command


@dataclass(frozen=True, slots=True)
class ReceiptInput:
    """A decoded receipt."""

    record: InputRecord
    receipt: Receipt


Input = EventInput | ReceiptInput
Decoded = Input | DeadLetter
