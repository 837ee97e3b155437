"""A store that came back behind knows of a claim, and not of what became of it: a sender does not wait for itself."""

import asyncio
from dataclasses import replace

import pytest

from orchestrator.contracts.claim import ClaimRequest, ClaimResult
from orchestrator.state.memory_store import MemoryStore
from tests.unit.sandbox.running import Client
from tests.unit.workers.stub_provider import Watch, delivery_of
from tests.unit.workers.test_doubt import on
from workers.broker import Parcel
from workers.build_provider import build_provider
from workers.delivery import Delivery, Finished
from workers.provider_pool import ProviderPool
from workers.resolver import InDoubt
from workers.settings import ProviderSettings
from workers.transport import Transport


def sender(client: Client, store: MemoryStore, transport: Transport, watch: Watch) -> Delivery:
    """One whose provider's records can be asked at once."""
    settings = ProviderSettings(channel="email", provider="sandbox", name="s", rate=1e6)
    pool = ProviderPool([replace(build_provider(settings, sandbox_url=client.url, public_url=""), evidence=0.01)], 0)
    return delivery_of(store, transport, pool, "one", watch, is_dead=lambda _claim: False)


@pytest.mark.parametrize("replayed", [True, False])
async def test_a_settlement_the_store_has_forgotten_is_found_out(client: Client, replayed: bool) -> None:
    """The same sender gets the message again; its claim says it is being sent, which it is not."""
    store, watch, one = MemoryStore(), Watch(), on("email")
    reported: list[Finished | InDoubt] = []
    async with Transport(timeout=1.0, connect_timeout=1.0) as transport:
        delivery = sender(client, store, transport, watch)
        parcel = Parcel(one.lane, "t", 0, 0, one)
        await delivery.deliver([parcel], reported.append)  # settled, and the settlement is what the store lost
        await asyncio.wait_for(delivery.deliver([replace(parcel, offset=1, replayed=replayed)], reported.append), 5)
        doubt = reported[-1]
        assert isinstance(doubt, InDoubt)
        await delivery.resolve(doubt, reported.append)
    assert [end.receipt.status for end in reported if isinstance(end, Finished) and end.receipt] == ["accepted", "accepted"]
    assert watch.found == {"records": 1}
    assert len(await client.messages()) == 1
    assert (await store.claims(0, [one.intent]))[one.intent].state == "done"


async def test_what_this_sender_is_sending_is_not_in_doubt(client: Client) -> None:
    """Published twice, as an owner does that crashed before it could note that it had published."""
    store, watch, one = MemoryStore(), Watch(), on("email")
    reported: list[Finished | InDoubt] = []
    await client.call("PUT", "/sandbox/faults", json=[{"act": "hang", "times": 1}])
    async with Transport(timeout=3.0, connect_timeout=1.0) as transport:
        delivery = sender(client, store, transport, watch)
        sending = asyncio.create_task(delivery.deliver([Parcel(one.lane, "t", 0, 0, one)], reported.append))
        await asyncio.sleep(0.2)
        again = asyncio.create_task(delivery.deliver([Parcel(one.lane, "t", 0, 1, one)], reported.append))
        await asyncio.sleep(0.5)
        assert reported == [], "the first is under way, and the second waits for it"
        sending.cancel()
        again.cancel()


class SlowFirst(MemoryStore):
    """The first claim is answered late, as by a store that is failing over; later ones at once."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = asyncio.Event()
        self.asked = 0

    async def claim(self, partition: int, requests: list[ClaimRequest]) -> list[ClaimResult]:
        self.asked += 1
        if self.asked == 1:
            await self.answer.wait()
        return await super().claim(partition, requests)


async def test_what_was_not_sent_yet_is_not_in_doubt_because_it_was_published_again(client: Client) -> None:
    """The first copy still asks for its claim when the replayed one comes: nobody can have sent it."""
    store, watch, one = SlowFirst(), Watch(), on("email")
    reported: list[Finished | InDoubt] = []
    async with Transport(timeout=1.0, connect_timeout=1.0) as transport:
        delivery = sender(client, store, transport, watch)
        first = asyncio.create_task(delivery.deliver([Parcel(one.lane, "t", 0, 0, one)], reported.append))
        await asyncio.sleep(0.05)
        again = asyncio.create_task(delivery.deliver([Parcel(one.lane, "t", 0, 1, one, replayed=True)], reported.append))
        await asyncio.sleep(0.2)
        store.answer.set()
        await asyncio.wait_for(first, 5)
        await store.settle(0, [end.settlement for end in reported if isinstance(end, Finished) and end.settlement])
        await asyncio.wait_for(again, 5)
    assert [end.receipt.status if isinstance(end, Finished) and end.receipt else end for end in reported] == ["accepted", "accepted"]
    assert len(await client.messages()) == 1
