"""The path of one batch through the engine, as one forward list: decode → gather by customer → apply instant by instant →
collect. Pure: no I/O, no clock; the same inputs in the same order give the same bytes."""

import heapq
from collections.abc import Callable, Mapping, Sequence

from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.partition import partition_of
from orchestrator.engine.batch import Batch, Outcome
from orchestrator.engine.customer_turns import CustomerTurns
from orchestrator.engine.decode import dead, decode_record, forwarded
from orchestrator.engine.inputs import Input, InputRecord
from orchestrator.engine.turn import Surroundings
from orchestrator.model.customer import Customer

Load = Callable[[str], Customer]


def decode_batch(records: Sequence[InputRecord], around: Surroundings, outcome: Outcome) -> dict[str, list[Input]]:
    """1. Bytes to inputs, by the customer whose key they carry. What cannot be read is a dead letter; the rest goes on."""
    by_customer: dict[str, list[Input]] = {}
    for record in records:
        if around.strays and record.key and partition_of(record.key, around.partitions) != around.partition:
            outcome.records.append(forwarded(record))
            continue
        found = decode_record(record, around.workspace)
        if isinstance(found, DeadLetter):
            outcome.dead_letters.append(found)
            continue
        key = None if record.key is None else record.key.decode("utf-8", "surrogateescape")
        if not key:
            outcome.dead_letters.append(
                dead(record, DeadLetterReason.NO_CUSTOMER, "the record has no key; key it by userId, else anonymousId")
            )
            continue
        by_customer.setdefault(key, []).append(found)
    return by_customer


def customers_of(batch: Batch) -> list[str]:
    """The profiles a batch touches: to be loaded in one read before it is applied."""
    keys = {record.key.decode("utf-8", "surrogateescape"): None for record in batch.records if record.key}
    keys.update((customer, None) for customer, _due in batch.due)
    keys.update((customer, None) for customer in sorted(batch.revisited))
    return list(keys)


def apply_batch(batch: Batch, profiles: Mapping[str, Customer], around: Surroundings) -> Outcome:
    """2. Every customer's instants in the order of time (ties: by customer id), each up to the horizon."""
    outcome = Outcome()
    by_customer = decode_batch(batch.records, around, outcome)
    turns: dict[str, CustomerTurns] = {}
    heap: list[tuple[int, str]] = []
    for customer_id, due in batch.due:
        turns[customer_id] = CustomerTurns(profiles[customer_id], by_customer.get(customer_id, []), around, batch.horizon, due)
    for customer_id in (*by_customer, *sorted(batch.revisited)):
        if customer_id not in turns:
            customer = profiles[customer_id]
            turns[customer_id] = CustomerTurns(customer, by_customer.get(customer_id, []), around, batch.horizon, None)
    for customer_id in batch.revisited:
        turns[customer_id].revisit()
    for customer_id, one in turns.items():
        at = one.next_instant()
        if at is not None:
            heapq.heappush(heap, (at, customer_id))
    while heap:
        at, customer_id = heapq.heappop(heap)
        one = turns[customer_id]
        one.run(at)
        following = one.next_instant()
        if following is not None:
            heapq.heappush(heap, (following, customer_id))
    for customer_id in sorted(turns):
        turns[customer_id].collect(outcome)
    # those that could not be decoded came first: in the order of the log they are the same however batches fall
    outcome.dead_letters.sort(key=lambda letter: (letter.topic, letter.offset))
    outcome.records.extend(letter.record() for letter in outcome.dead_letters)
    return outcome
