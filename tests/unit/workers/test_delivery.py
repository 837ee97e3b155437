"""Delivery against a provider that can fail in every way: at most one call for each intent, nothing lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

import pytest
from aiohttp import web

from orchestrator.contracts.claim import Claim
from orchestrator.contracts.guard import Guard, GuardRule, encode_guard
from orchestrator.contracts.message import OutboundMessage, SenderAddress, TextContent
from orchestrator.contracts.receipt import Receipt
from orchestrator.contracts.topics import Lane, MessageClass, lane_of
from orchestrator.runtime.clock import SystemClock
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.store import Commit
from workers.broker import Parcel, Positions
from workers.build_provider import build_provider
from workers.delivery import Delivery, Finished
from workers.loop import SenderLoop
from workers.provider_pool import ProviderPool
from workers.settings import ProviderSettings
from workers.transport import Transport


def message(number: int, message_class: MessageClass = "marketing") -> OutboundMessage:
    return OutboundMessage(
        intent=f"{number:032x}", partition=0, customer=f"c{number}", channel="sms", lane=lane_of(message_class), message_class=message_class,
        to=f"+4479110{number:05d}", sender=SenderAddress(address="TARN"), content=TextContent(body="hello", segments=1), journey="j", step="s", message="m",
        rules=("open_service_issue",),
    )  # fmt: skip


class Watch:
    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()

    def called(self, channel: str, provider: str, outcome: str, seconds: float) -> None:
        pass

    def ended(self, message: OutboundMessage, provider: str, status: str, now: int) -> None:
        self.statuses[status] += 1


class Stub:
    """Twilio, as badly behaved as it is told to be."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.act: Callable[[web.Request], str] = lambda _request: "ok"
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        self.calls[str(form["To"])] += 1
        match self.act(request):
            case "ok":
                return web.json_response({"sid": f"SM{sum(self.calls.values())}", "status": "queued"}, status=201)
            case "drop":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "hang":
                await asyncio.sleep(30)
                return web.Response()
            case "redirect":
                return web.Response(status=302, headers={"Location": "/elsewhere"})
            case "garbage":
                return web.Response(status=201, body=b"\xff\x00 not json")
            case "huge":
                return web.Response(status=201, body=b"[" * 1_000_000)
            case status:
                return web.json_response({"code": 20429 if status == "429" else 20500, "message": "m"}, status=int(status))


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    made = Stub()
    app = web.Application()
    app.router.add_post("/2010-04-01/Accounts/{sid}/Messages.json", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def deliver(
    stub: Stub,
    store: MemoryStore,
    messages: list[OutboundMessage],
    sender: str = "one",
    url: str = "",
    is_dead: Callable[[Claim], bool] = lambda _c: True,
) -> list[Finished]:
    settings = ProviderSettings(
        channel="sms", provider="twilio", name="t", rate=1e6, base_url=url or stub.url, account_sid="AC1", secrets={"auth_token": "x"}
    )
    finished: list[Finished] = []
    async with Transport(timeout=1.0, connect_timeout=1.0) as transport:
        pool = ProviderPool([replace(build_provider(settings, sandbox_url="", public_url=""), evidence=0.01)], 0)
        delivery = Delivery(store, transport, pool, SystemClock(), sender, Watch(), lambda m: m.to, is_dead, lambda: 0.5)
        await delivery.deliver([Parcel(m.lane, "t", 0, n, m) for n, m in enumerate(messages)], finished.append)
    await store.settle(0, [one.settlement for one in finished if one.settlement is not None])
    return finished


def statuses(finished: list[Finished]) -> list[str]:
    return [one.receipt.status if one.receipt else "" for one in finished]


@pytest.mark.parametrize(
    ("act", "marketing", "transactional", "state"),
    [
        ("ok", "accepted", "accepted", "done"), ("400", "rejected", "rejected", "done"), ("429", "deferred", "deferred", "released"),
        ("500", "unconfirmed", "deferred", "unknown"), ("drop", "unconfirmed", "deferred", "unknown"), ("hang", "unconfirmed", "deferred", "unknown"),
        ("garbage", "unconfirmed", "deferred", "unknown"), ("huge", "unconfirmed", "deferred", "unknown"), ("redirect", "deferred", "deferred", "released"), ("401", "deferred", "deferred", "released"),
    ],
)  # fmt: skip
async def test_every_answer(stub: Stub, act: str, marketing: str, transactional: str, state: str) -> None:
    stub.act = lambda _request: act
    store = MemoryStore()
    assert statuses(await deliver(stub, store, [message(1)])) == [marketing]
    assert statuses(await deliver(stub, store, [message(2, "transactional")])) == [transactional]
    assert (await store.claims(0, [message(1).intent]))[message(1).intent].state == state
    assert set(stub.calls.values()) == {1}


async def test_nobody_there_is_surely_not_sent(stub: Stub) -> None:
    store = MemoryStore()
    assert statuses(await deliver(stub, store, [message(1)], url="http://127.0.0.1:9")) == ["deferred"]
    assert statuses(await deliver(stub, store, [message(1)])) == ["accepted"]


async def test_the_same_message_twice_is_called_once(stub: Stub) -> None:
    store = MemoryStore()
    first = await deliver(stub, store, [message(1)])
    again = await deliver(stub, store, [message(1)], sender="two")
    assert first[0].receipt is not None
    assert again[0].receipt is not None
    assert first[0].receipt.id == again[0].receipt.id
    assert stub.calls.total() == 1


@pytest.mark.parametrize(("message_class", "status", "calls"), [("marketing", "unconfirmed", 0), ("transactional", "accepted", 1)])
async def test_a_sender_that_died_between_claim_and_answer(stub: Stub, message_class: MessageClass, status: str, calls: int) -> None:
    store = MemoryStore()
    one = message(1, message_class)
    delivery = Delivery(
        store,
        Transport(),
        ProviderPool(
            [build_provider(ProviderSettings(channel="sms", provider="sandbox", name="s", rate=1.0), sandbox_url="", public_url="")], 0
        ),
        SystemClock(),
        "dead",
        Watch(),
        lambda m: m.to,
        lambda _c: True,
        lambda: 0.5,
    )
    await store.claim(0, [delivery._request(one)])
    assert statuses(await deliver(stub, store, [one])) == [status]
    assert stub.calls.total() == calls


async def test_a_guard_set_after_the_plan_stops_it(stub: Stub) -> None:
    store = MemoryStore()
    await store.take_over(0, "t")
    rule = GuardRule("open_service_issue", "hold", "open_service_issue", "case-7")
    await store.commit(0, "t", 0, Commit(guards={"c1": encode_guard(Guard(rules=(rule,)))}))
    (held,) = await deliver(stub, store, [message(1)])
    assert held.receipt is not None
    assert (held.receipt.status, held.receipt.reason, held.receipt.case, held.receipt.checked) == (
        "deferred",
        "open_service_issue",
        "case-7",
        "sender",
    )
    assert stub.calls.total() == 0
    assert statuses(await deliver(stub, store, [message(1, "transactional")])) == ["accepted"]


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
        delivery = Delivery(store, transport, pool, SystemClock(), "one", Watch(), lambda m: m.to, lambda _c: True, lambda: 0.5)
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


def test_positions_move_only_over_what_has_no_gap() -> None:
    positions = Positions()
    parcels = [Parcel("bulk", "t", 0, n, None) for n in (3, 5, 9)]
    for parcel in parcels:
        positions.opened(parcel)
    assert positions.finished([parcels[1]]) == []
    assert positions.finished([parcels[0]]) == [("t", 0, 5)]
    assert positions.finished([parcels[2]]) == [("t", 0, 9)]
