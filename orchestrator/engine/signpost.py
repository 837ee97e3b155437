"""What comes for an id that was absorbed: it belongs to the user now, and goes there."""

from collections.abc import Sequence

import msgspec

from orchestrator.contracts.call import encode_answer
from orchestrator.contracts.command import Erase, Handover, Readmit
from orchestrator.contracts.receipt import encode_receipt
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.engine.effects import Effects
from orchestrator.engine.inputs import CallInput, Input, ReceiptInput
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.profiles.handover import forward, link_again


def at_signpost(customer: Customer, inputs: Sequence[Input], effects: Effects) -> None:
    """Events, receipts and answers of what was sent before the merge, and an erasure follow the person; a device that is somebody else's
    from now on gets a new signpost, and what went before stays where it is."""
    for one in inputs:
        user = customer.identity.moved
        assert user is not None
        if isinstance(one, ReceiptInput):
            receipt = msgspec.structs.replace(one.receipt, customer=user)
            effects.records.append(Record(topic=DELIVERY_RECEIPTS, key=user.encode(), value=encode_receipt(receipt)))
            continue
        if isinstance(one, CallInput):
            moved = msgspec.structs.replace(one.answer, customer=user)
            effects.records.append(Record(topic=DELIVERY_RECEIPTS, key=user.encode(), value=encode_answer(moved)))
            continue
        match one.event:
            case CustomerEvent():
                effects.command(forward(user, one.record.value, one.record.at))
            case Erase() | Readmit() as command:
                effects.command(msgspec.structs.replace(command, customer=user))
            case Handover() as command:
                for answer in link_again(customer, command):
                    effects.command(answer)
            case _:
                pass
