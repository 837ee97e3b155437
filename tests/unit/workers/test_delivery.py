"""Delivery against a provider that can fail in every way: at most one call for each intent, nothing lost."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from orchestrator.contracts.claim import Claim
from orchestrator.contracts.guard import Guard, GuardRule, encode_guard
from orchestrator.contracts.message import CarriedOffer, EmailContent, LeftOut, OutboundMessage, TextContent
from orchestrator.contracts.topics import MessageClass
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.store import Commit
from tests.unit.workers.stub_provider import Stub, Watch, delivery_of, message
from workers.broker import Parcel
from workers.build_provider import build_provider
from workers.delivery import Finished
from workers.provider_pool import ProviderPool
from workers.resolver import InDoubt
from workers.settings import ProviderSettings
from workers.transport import Transport


async def deliver(
    stub: Stub,
    store: MemoryStore,
    messages: list[OutboundMessage],
    sender: str = "one",
    url: str = "",
    is_dead: Callable[[Claim], bool] = lambda _c: True,
    evidence: float = 0.01,
    watch: Watch | None = None,
) -> list[Finished]:
    settings = ProviderSettings(
        channel="sms", provider="twilio", name="t", rate=1e6, base_url=url or stub.url, account_sid="AC1", secrets={"auth_token": "x"}
    )
    finished: list[Finished] = []
    async with Transport(timeout=1.0, connect_timeout=1.0) as transport:
        pool = ProviderPool([replace(build_provider(settings, sandbox_url="", public_url=""), evidence=evidence)], 0)
        delivery = delivery_of(store, transport, pool, sender, watch, is_dead)
        doubts: list[InDoubt] = []

        def report(one: Finished | InDoubt) -> None:
            (finished if isinstance(one, Finished) else doubts).append(one)  # type: ignore[arg-type]  # sorted by its type

        await delivery.deliver([Parcel(m.lane, "t", 0, n, m) for n, m in enumerate(messages)], report)
        while doubts:
            await delivery.resolve(doubts.pop(), report)
    await store.settle(0, [one.settlement for one in finished if one.settlement is not None])
    return finished


def statuses(finished: list[Finished]) -> list[str]:
    return [one.receipt.status if one.receipt else "" for one in finished]


@pytest.mark.parametrize(
    ("act", "marketing", "transactional", "state"),
    [
        ("ok", "accepted", "accepted", "done"), ("400", "rejected", "rejected", "released"), ("429", "deferred", "deferred", "released"),
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


@pytest.mark.parametrize(("message_class", "status", "calls"), [("marketing", "unconfirmed", 0), ("transactional", "deferred", 0)])
async def test_a_sender_that_died_between_claim_and_answer(stub: Stub, message_class: MessageClass, status: str, calls: int) -> None:
    store = MemoryStore()
    one = message(1, message_class)
    sandbox = ProviderSettings(channel="sms", provider="sandbox", name="s", rate=1.0)
    pool = ProviderPool([build_provider(sandbox, sandbox_url="", public_url="")], 0)
    delivery = delivery_of(store, Transport(), pool, "dead")
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


async def test_an_offer_that_may_go_no_more_stays_behind(stub: Stub) -> None:
    """The message goes, as it reads without; every receipt of the sender says so, also where it had to find out."""
    store = MemoryStore()
    await store.take_over(0, "t")
    rule = GuardRule("open_service_issue", "hold", "open_service_issue", "case-7")
    offer = CarriedOffer(name="o", topic="offers", rules=("open_service_issue",), without=TextContent(body="plain", segments=1))
    both = [msgspec.structs.replace(message(number, "transactional"), offer=offer) for number in (1, 2)]
    await store.commit(0, "t", 0, Commit(guards={"c1": encode_guard(Guard(rules=(rule,)))}))
    finished = await deliver(stub, store, both)
    assert statuses(finished) == ["accepted", "accepted"]
    told = {one.receipt.customer: one.receipt.offer for one in finished if one.receipt is not None}
    assert told == {"c1": LeftOut(reason="open_service_issue", rule="open_service_issue", case="case-7"), "c2": None}
    assert stub.bodies == {both[0].to: ["plain"], both[1].to: ["hello"]}
    stub.act = lambda _request: "500"
    (doubt,) = await deliver(stub, store, [msgspec.structs.replace(message(3, "transactional"), customer="c1", offer=offer)])
    assert doubt.receipt is not None
    assert doubt.receipt.offer == told["c1"]


async def test_a_message_that_cannot_be_written_ends_alone(stub: Stub) -> None:
    store = MemoryStore()
    broken = msgspec.structs.replace(message(1), content=EmailContent(subject="s", html="h", text="t"))
    finished = await deliver(stub, store, [broken, message(2)])
    assert sorted(statuses(finished)) == ["accepted", "rejected"]
    rejected = next(one.receipt for one in finished if one.receipt is not None and one.receipt.status == "rejected")
    assert rejected.code == "unsendable"
    assert stub.calls.total() == 1


async def test_a_rejection_nobody_heard_of_is_told_again(stub: Stub) -> None:
    """The sender died between settling the rejection and publishing its receipt."""
    store = MemoryStore()
    stub.act = lambda _request: "400"
    first = await deliver(stub, store, [message(1)])
    again = await deliver(stub, store, [message(1)], sender="two")
    assert statuses(first) == statuses(again) == ["rejected"]
    assert first[0].receipt is not None
    assert again[0].receipt is not None
    assert first[0].receipt.id == again[0].receipt.id
