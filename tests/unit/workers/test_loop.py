"""The loop: lanes, pace, positions, a graceful stop."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import Receipt
from orchestrator.contracts.topics import Lane
from orchestrator.runtime.clock import SystemClock
from orchestrator.state.memory_store import MemoryStore
from tests.unit.workers.stub_provider import Stub, delivery_of, message
from workers.broker import Parcel, Positions
from workers.build_provider import build_provider
from workers.loop import SenderLoop
from workers.provider_pool import ProviderPool
from workers.settings import ProviderSettings
from workers.transport import Transport


def slow(stub: Stub) -> ProviderSettings:
    return ProviderSettings(
        channel="sms", provider="twilio", name="t", rate=10.0, base_url=stub.url, account_sid="AC1", secrets={"auth_token": "x"}
    )


class Log:
    """A broker over two lists."""

    def __init__(self, transactional: list[OutboundMessage], bulk: list[OutboundMessage]) -> None:
        self._lanes: dict[Lane, list[Parcel]] = {"transactional": [], "bulk": []}
        lanes: tuple[tuple[Lane, list[OutboundMessage]], ...] = (("transactional", transactional), ("bulk", bulk))
        for lane, messages in lanes:
            self._lanes[lane] = [Parcel(lane, lane, 0, n, m) for n, m in enumerate(messages)]
        self.positions = Positions()
        self.receipts: list[Receipt] = []
        self.moved: dict[str, int] = {}
        self.order: list[Lane] = []

    def add(self, message: OutboundMessage) -> None:
        self._lanes[message.lane].append(Parcel(message.lane, message.lane, 0, 0, message))

    async def poll(self, lane: Lane, limit: int) -> list[Parcel]:
        found, self._lanes[lane] = self._lanes[lane][:limit], self._lanes[lane][limit:]
        for parcel in found:
            self.positions.opened(parcel)
            self.order.append(lane)
        return found

    async def finish(self, receipts: Sequence[Receipt], parcels: Sequence[Parcel]) -> None:
        self.receipts += receipts
        for topic, _partition, offset in self.positions.finished(parcels):
            self.moved[topic] = offset

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(0.01)


async def test_the_loop_sends_all_transactional_first_and_stops_gracefully(stub: Stub) -> None:
    store = MemoryStore()
    log = Log([message(n, "transactional") for n in range(1000, 1100)], [message(n) for n in range(300)])
    stop = asyncio.Event()
    failures: list[BaseException] = []
    settings = ProviderSettings(
        channel="sms", provider="twilio", name="t", rate=1e6, base_url=stub.url, account_sid="AC1", secrets={"auth_token": "x"}
    )
    async with Transport() as transport:
        pool = ProviderPool([build_provider(settings, sandbox_url="", public_url="")], 0)
        delivery = delivery_of(store, transport, pool)
        loop = asyncio.create_task(SenderLoop(log, delivery, store, failures.append).run(stop))
        for _ in range(500):
            await asyncio.sleep(0.02)
            if len(log.receipts) == 400:
                break
        stop.set()
        await asyncio.wait_for(loop, 5)
    assert not failures
    assert Counter(r.status for r in log.receipts) == {"accepted": 400}
    assert set(stub.calls.values()) == {1}
    assert log.moved == {"transactional": 99, "bulk": 299}
    assert log.order.index("bulk") >= 100


async def test_the_slow_rate_is_kept_and_a_transactional_message_overtakes(stub: Stub) -> None:
    store = MemoryStore()
    log = Log([], [message(n) for n in range(100)])
    started = SystemClock().monotonic()
    stop = asyncio.Event()
    failures: list[BaseException] = []
    async with Transport() as transport:
        pool = ProviderPool([build_provider(slow(stub), sandbox_url="", public_url="")], SystemClock().now())
        delivery = delivery_of(store, transport, pool)
        loop = asyncio.create_task(SenderLoop(log, delivery, store, failures.append).run(stop))
        await asyncio.sleep(0.5)
        log.add(message(2000, "transactional"))
        await asyncio.sleep(0.5)
        stop.set()
        await asyncio.wait_for(loop, 2)
    assert not failures
    assert any(receipt.intent == message(2000).intent for receipt in log.receipts)
    # a second's worth at once, then ten a second
    assert 10 < stub.calls.total() <= 11 + 10 * (SystemClock().monotonic() - started)


def test_positions_move_only_over_what_has_no_gap() -> None:
    positions = Positions()
    parcels = [Parcel("bulk", "t", 0, n, None) for n in (3, 5, 9)]
    for parcel in parcels:
        positions.opened(parcel)
    assert positions.finished([parcels[1]]) == []
    assert positions.finished([parcels[0]]) == [("t", 0, 5)]
    assert positions.finished([parcels[2]]) == [("t", 0, 9)]
