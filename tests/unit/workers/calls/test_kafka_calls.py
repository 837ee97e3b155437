"""The calls' queue between a consumer's thread and the loop: handed out by partition, given back without a gap."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace

from orchestrator.contracts.call import CallAnswer, decode_answer, encode_call
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, OUTBOUND_CALLS, dead_letters
from tests.unit.workers.calls.receiver import call
from workers.calls.kafka_calls import CallQueue

ANSWER = CallAnswer(id="1", customer="ada", journey="j", step="s", ok=True, attempts=1, at=1)


class Consumer:
    """What the thread would be told."""

    def __init__(self) -> None:
        self.lag = 7
        self.handed = 0
        self.positions: dict[int, int] = {}

    def handed_on(self, number: int) -> None:
        self.handed += number

    def moved(self, positions: Mapping[int, int]) -> None:
        self.positions.update(positions)


class Holder:
    def __init__(self) -> None:
        self.gone: list[int] = []
        self.busy = True

    def left(self, partitions: Collection[int]) -> None:
        self.gone += partitions

    def is_busy(self, _partitions: Collection[int]) -> bool:
        return self.busy


def fetched(*offsets: int, value: bytes | None = None) -> list[SimpleNamespace]:
    good = encode_call(call("https://a.example"))
    return [SimpleNamespace(offset=offset, key=b"ada", value=value or good, headers=[("h", b"1")]) for offset in offsets]


async def queue_of() -> tuple[CallQueue, Consumer, Holder, list[Record]]:
    published: list[Record] = []

    async def publish(records: Sequence[Record]) -> None:
        published.extend(records)

    queue, consumer, holder = CallQueue(publish), Consumer(), Holder()
    queue.attach(consumer)
    queue.holder = holder
    queue.taken([0, 1])
    await asyncio.sleep(0)
    assert queue.joined.is_set()
    return queue, consumer, holder, published


async def test_partitions_take_turns_and_positions_follow_answers() -> None:
    queue, consumer, _holder, published = await queue_of()
    queue.arrived(0, fetched(5, 6, 7))
    queue.arrived(1, fetched(3))
    queue.arrived(9, fetched(1))
    await asyncio.sleep(0)
    assert queue.lag() == 11
    first, second, third = await queue.poll(2), await queue.poll(2), await queue.poll(2)
    assert [[(one.partition, one.offset) for one in some] for some in (first, second, third)] == [[(0, 5), (0, 6)], [(1, 3)], [(0, 7)]]
    assert (consumer.handed, queue.lag()) == (5, 7)
    await queue.finish([ANSWER], [first[1]])
    assert consumer.positions == {}, "what came before has no answer yet"
    await queue.finish([ANSWER], [first[0], third[0]])
    assert consumer.positions == {0: 8}
    assert [(one.topic, one.key, decode_answer(one.value).id) for one in published] == [(DELIVERY_RECEIPTS, b"ada", "1")] * 2


async def test_poison_is_kept_whole() -> None:
    queue, consumer, _holder, published = await queue_of()
    queue.arrived(0, fetched(0, value=b'{"v":99}'))
    await asyncio.sleep(0)
    (parcel,) = await queue.poll(9)
    assert parcel.call is None
    (letter,) = published
    assert (letter.topic, letter.value, dict(letter.headers)["h"]) == (dead_letters(OUTBOUND_CALLS), b'{"v":99}', b"1")
    await queue.finish([], [parcel])
    assert consumer.positions == {0: 1}


async def test_a_partition_leaves_when_its_requests_are_done() -> None:
    queue, consumer, holder, _published = await queue_of()
    queue.arrived(0, fetched(0, 1))
    queue.arrived(1, fetched(0))
    await asyncio.sleep(0)
    (parcel,) = await queue.poll(1)
    leaving = asyncio.create_task(queue._leave([0], lost=False))
    await asyncio.sleep(0.1)
    assert (holder.gone, leaving.done()) == ([0], False)
    await queue.finish([ANSWER], [parcel])
    assert consumer.positions == {0: 1}, "its next owner begins behind it"
    holder.busy = False
    await asyncio.wait_for(leaving, 1)
    assert [one.partition for one in await queue.poll(9)] == [1], "what was not handed out went with it"


async def test_a_lost_partition_is_not_waited_for_and_not_moved() -> None:
    queue, consumer, _holder, _published = await queue_of()
    queue.arrived(0, fetched(0))
    await asyncio.sleep(0)
    (parcel,) = await queue.poll(1)
    async with asyncio.timeout(1):
        await queue._leave([0], lost=True)
    await queue.finish([ANSWER], [parcel])
    assert consumer.positions == {}


async def test_what_is_put_back_stands_behind_the_others() -> None:
    queue, consumer, _holder, published = await queue_of()
    queue.arrived(0, fetched(0))
    await asyncio.sleep(0)
    await queue.put_back(await queue.poll(1))
    assert [one.topic for one in published] == [OUTBOUND_CALLS]
    assert consumer.positions == {0: 1}
