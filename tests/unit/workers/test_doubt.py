"""An outcome nobody heard: webhooks and the provider's own records say what became of it, else its class decides."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from orchestrator.contracts.claim import Claim, Settlement
from orchestrator.contracts.message import EmailContent, OutboundMessage, SenderAddress, TemplateContent
from orchestrator.contracts.topics import Channel
from orchestrator.state.memory_store import MemoryStore
from tests.unit.sandbox.running import Client
from tests.unit.workers.stub_provider import Stub, Watch, delivery_of, message
from workers.broker import Parcel
from workers.build_provider import build_provider
from workers.delivery import Finished
from workers.provider import Provider
from workers.provider_pool import ProviderPool
from workers.resolver import InDoubt
from workers.settings import ProviderSettings
from workers.transport import Transport

MAIL = EmailContent(subject="Hello", html="<p>hello</p>", text="hello")
TEMPLATE = TemplateContent(content_sid="HX" + "0" * 32, variables={"1": "Ada"}, preview="Hi Ada")


def on(channel: Channel, number: int = 1, **changes: object) -> OutboundMessage:
    one = msgspec.structs.replace(message(number), channel=channel, **changes)
    if channel == "email":
        return msgspec.structs.replace(one, to=f"c{number}@example.com", sender=SenderAddress(address="a@b.example"), content=MAIL)
    return one


async def deliver(
    url: str,
    store: MemoryStore,
    messages: list[OutboundMessage],
    watch: Watch,
    sender: str = "one",
    evidence: float = 0.01,
    settings: ProviderSettings | None = None,
    replayed: bool = False,
) -> list[Finished]:
    """Through the sandbox, or whatever else is at `url`, to the end of every doubt."""
    finished: list[Finished] = []
    waiting: list[asyncio.Task[None]] = []
    settings = settings or ProviderSettings(channel=messages[0].channel, provider="sandbox", name="s", rate=1e6)
    async with Transport(timeout=1.0, connect_timeout=1.0) as transport:
        pool = ProviderPool([replace(build_provider(settings, sandbox_url=url, public_url=""), evidence=evidence)], 0)
        delivery = delivery_of(store, transport, pool, sender, watch)

        def report(one: Finished | InDoubt) -> None:
            if isinstance(one, Finished):
                finished.append(one)
            else:
                waiting.append(asyncio.create_task(delivery.resolve(one, report)))

        await delivery.deliver([Parcel(m.lane, "t", 0, n, m, replayed=replayed) for n, m in enumerate(messages)], report)
        while len(finished) < len(messages):
            await asyncio.gather(*waiting)
    await store.settle(0, [one.settlement for one in finished if one.settlement is not None])
    return finished


def statuses(finished: list[Finished]) -> list[str]:
    return sorted(one.receipt.status for one in finished if one.receipt is not None)


def provider() -> Provider:
    return build_provider(ProviderSettings(channel="email", provider="sandbox", name="s", rate=1.0), sandbox_url="", public_url="")


async def fault(client: Client, **rule: object) -> None:
    assert (await client.call("PUT", "/sandbox/faults", json=[rule])).status == 200


async def stored(store: MemoryStore, one: OutboundMessage) -> Claim:
    return (await store.claims(0, [one.intent]))[one.intent]


CHANNELS: list[OutboundMessage] = [on("email"), on("sms"), on("whatsapp"), on("whatsapp", content=TEMPLATE)]


@pytest.mark.parametrize("one", CHANNELS, ids=["email", "sms", "whatsapp", "template"])
async def test_what_the_provider_took_and_did_not_say_is_found_in_its_records(client: Client, one: OutboundMessage) -> None:
    await fault(client, act="lose", times=1)
    store, watch = MemoryStore(), Watch()
    assert statuses(await deliver(client.url, store, [one], watch)) == ["accepted"]
    assert watch.found == {"records": 1}
    (held,) = await client.messages()
    claim = await stored(store, one)
    assert (claim.state, claim.provider_id) == ("done", str(held["id"]).partition(".")[0])


@pytest.mark.parametrize("one", CHANNELS, ids=["email", "sms", "whatsapp", "template"])
async def test_what_is_not_in_the_records_is_settled_by_its_class(client: Client, one: OutboundMessage) -> None:
    await fault(client, act="drop", times=2)
    store, watch = MemoryStore(), Watch()
    urgent = msgspec.structs.replace(one, intent="f" * 32, message_class="transactional", lane="transactional")
    assert statuses(await deliver(client.url, store, [one], watch)) == ["unconfirmed"]
    assert statuses(await deliver(client.url, store, [urgent], watch)) == ["deferred"]
    assert watch.found == {"absent": 2}
    assert ((await stored(store, one)).state, (await stored(store, urgent)).state) == ("unknown", "released")
    assert await client.messages() == []


async def test_two_equal_texts_of_which_one_got_there_are_not_both_found(client: Client) -> None:
    await fault(client, act="lose", times=1)
    store, watch = MemoryStore(), Watch()
    first, second = on("sms"), on("sms", intent="e" * 32)
    assert statuses(await deliver(client.url, store, [first], watch, evidence=0.01)) == ["accepted"]
    await fault(client, act="drop", times=1)
    assert statuses(await deliver(client.url, store, [second], watch)) == ["unconfirmed"]
    assert watch.found == {"records": 1, "absent": 1}


async def test_a_webhook_that_comes_in_time_spares_the_look_up(client: Client) -> None:
    await fault(client, act="lose", times=1)
    store, watch, one = MemoryStore(), Watch(), on("sms")
    task = asyncio.create_task(deliver(client.url, store, [one], watch, evidence=0.5))
    for _ in range(100):
        await asyncio.sleep(0.01)
        if await store.claims(0, [one.intent]):
            break
    await store.confirm({one.intent: "SM7"})
    assert statuses(await task) == ["accepted"]
    assert watch.found == {"webhook": 1}
    assert (await stored(store, one)).provider_id == "SM7"


async def test_records_that_cannot_be_asked_are_left_alone(stub: Stub) -> None:
    """The stub knows no list: every look-up is answered 404 or 405."""
    stub.act = lambda _request: "drop"
    store, watch = MemoryStore(), Watch()
    settings = ProviderSettings(
        channel="sms", provider="twilio", name="t", rate=1e6, base_url=stub.url, account_sid="AC1", secrets={"auth_token": "x"}
    )
    finished = await deliver("", store, [on("sms", n) for n in range(1, 4)], watch, settings=settings)
    assert statuses(finished) == ["unconfirmed"] * 3
    assert watch.found == {"cannot_tell": 3}


async def test_what_a_dead_sender_left_is_looked_up_by_its_successor(client: Client) -> None:
    store, watch, one = MemoryStore(), Watch(), on("email")
    await fault(client, act="lose", times=1)
    pool = ProviderPool([build_provider(ProviderSettings(channel="email", provider="sandbox", name="s", rate=1.0), sandbox_url=client.url, public_url="")], 0)  # fmt: skip
    async with Transport(timeout=1.0) as transport:
        # it calls, hears nothing, and dies before it has found out
        await delivery_of(store, transport, pool, "dead").deliver([Parcel(one.lane, "t", 0, 0, one)], lambda _one: None)
    assert (await stored(store, one)).state == "sending"
    assert statuses(await deliver(client.url, store, [one], watch, "heir")) == ["accepted"]
    assert watch.found == {"records": 1}
    assert len(await client.messages()) == 1


async def test_what_a_restored_store_publishes_again_is_looked_up_before_it_is_sent(client: Client) -> None:
    """The claims are gone with the store: one had been sent, the other had not, and a third is known to have not left."""
    store, watch = MemoryStore(), Watch()
    sent, urgent, released = on("email"), on("email", 2, message_class="transactional", lane="transactional"), on("email", 3)
    await deliver(client.url, MemoryStore(), [sent], watch)
    await store.claim(0, [delivery_of(store, Transport(), ProviderPool([provider()], 0))._request(released)])
    await store.settle(0, [Settlement(released.intent, "one", "released", 5)])
    finished = await deliver(client.url, store, [sent, urgent, released], watch, replayed=True)
    assert {one.receipt.intent: one.receipt.status for one in finished if one.receipt is not None} == {
        sent.intent: "accepted", urgent.intent: "deferred", released.intent: "accepted",
    }  # fmt: skip
    assert watch.found == {"records": 1, "absent": 1}
    assert sorted(str(one["to"]) for one in await client.messages()) == ["c1@example.com", "c3@example.com"], "nobody got it twice"
