"""Reading a deployment's store from a command: profiles, history, the version in force. Never writes."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping

from orchestrator.contracts.decision import Decision
from orchestrator.contracts.partition import partition_of
from orchestrator.distributed.connections import connect
from orchestrator.model.customer import Customer
from orchestrator.partition_state import PARTITION_STATE, decode_partition_state
from orchestrator.runtime.ids import Ids
from orchestrator.runtime.settings import Settings
from orchestrator.state.history import unseal
from orchestrator.state.stored_customer import customer_of
from orchestrator.state.value import decode_sections
from orchestrator.workspace.pauses import Pauses

MOST_MOVES = 5


class DeploymentReader:
    """As the data folder's reader. Close it after use. Raises ConfigurationError, ServiceUnavailable."""

    def __init__(self, settings: Settings, ids: Ids) -> None:
        self._runner = asyncio.Runner()
        try:
            self._connections = self._runner.run(connect(settings, ids))
        except BaseException:
            self._runner.close()
            raise

    def customer(self, customer_id: str) -> Customer | None:
        """The profile; an absorbed id's signpost is followed. None when nobody is called so."""
        return self._runner.run(self._customer(customer_id))

    async def _customer(self, customer_id: str) -> Customer | None:
        for _ in range(MOST_MOVES):
            held = await self._connections.store.load(self._partition(customer_id), [customer_id])
            if customer_id not in held:
                return None
            customer = Customer(customer_id, decode_sections(held[customer_id]))
            if customer.identity.moved is None:
                return customer
            customer_id = customer.identity.moved
        return None

    def customers(self) -> Iterator[Customer]:
        """Everybody, each once; signposts and the erased among them."""
        pages = self._connections.store.everybody()
        seen: set[str] = set()
        while (page := self._runner.run(_next(pages))) is not None:
            new = {key: value for key, value in page.items() if key not in seen}
            seen |= new.keys()
            yield from (customer_of(key, value) for key, value in new.items())

    def decisions(self, customer: Customer) -> list[Decision]:
        """Newest first: the profile's tail and the sealed blocks before it."""
        blocks = self._runner.run(self._connections.store.history(self._partition(customer.id), customer.id))
        found = [decision for block in blocks for decision in unseal(block)] + customer.decisions()
        return list(reversed(found))

    def version(self) -> tuple[str, dict[str, bytes]] | None:
        """The version in force."""
        return self._runner.run(self._connections.versions.read_last())

    def pauses(self) -> Pauses:
        """Journeys that are paused by command or by the reputation guard."""
        return self._runner.run(self._connections.versions.pauses())

    def running(self, journey: str) -> int:
        """Runs of a journey, as its partitions have counted them."""
        return self._runner.run(self._running(journey))

    async def _running(self, journey: str) -> int:
        found = [await self._connections.store.load(p, [PARTITION_STATE]) for p in range(self._connections.kafka.partitions)]
        return sum(decode_partition_state(one.get(PARTITION_STATE)).running.get(journey, 0) for one in found)

    def close(self) -> None:
        self._runner.run(self._connections.store.close())
        self._runner.close()

    def _partition(self, customer_id: str) -> int:
        return partition_of(customer_id.encode(), self._connections.kafka.partitions)


async def _next(pages: AsyncIterator[Mapping[str, bytes]]) -> Mapping[str, bytes] | None:
    return await anext(pages, None)
