"""What a batch means to a world in memory: when people are due, what senders' last check knows, and the records that come of it."""

from collections.abc import Callable

from orchestrator.contracts.call import decode_call, encode_answer
from orchestrator.contracts.message import OutboundMessage, decode_message
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS, OUTBOUND_CALLS, OUTBOUND_TOPICS
from orchestrator.engine.batch import Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.due import Due
from orchestrator.journey_tests.provider import Providers
from orchestrator.journey_tests.services import Services
from orchestrator.state.store import note_address

Record = Callable[[str, str, int, bytes], InputRecord]
"""Makes a record of the world's log: topic, customer, instant (ms), value."""


def keep(outcome: Outcome, due: Due, providers: Providers) -> None:
    """Timers, guards and addresses that are dead, as a store keeps them with the commit."""
    for customer, when in outcome.timers.items():
        due.put(customer, when)
    for customer, guard in outcome.guards.items():
        providers.guards[customer] = guard or b""
    for address, kind in outcome.suppress:
        note_address(providers.suppressed, address, kind)


def brought_about(
    outcome: Outcome, at: int, services: Services, send: Callable[[OutboundMessage], list[InputRecord]], record: Record
) -> list[InputRecord]:
    """What arrives at the same instant because of it: receipts of its messages (`send`), answers to its calls, events it emits."""
    found: list[InputRecord] = []
    for one in outcome.records:
        if one.topic in OUTBOUND_TOPICS:
            found += send(decode_message(one.value))
        elif one.topic == OUTBOUND_CALLS:
            answer = services.answer(decode_call(one.value), at)
            found.append(record(DELIVERY_RECEIPTS, answer.customer, at, encode_answer(answer)))
        elif one.topic == CUSTOMER_EVENTS and one.key is not None:
            found.append(record(CUSTOMER_EVENTS, one.key.decode(), at, one.value))
    return found
