"""Whom webhooks and pages are about: from claims and profiles, whatever store holds them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from orchestrator.contracts.consent import decisive_statement
from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.topics import CHANNELS, Channel
from orchestrator.gateway.publisher import Choice, Person
from orchestrator.model.customer import Customer
from orchestrator.partition_loop import Active
from orchestrator.profiles.address import address_hash, read_email
from orchestrator.profiles.zone import locale_of, zone_of
from orchestrator.state.value import decode_sections

MOST_MOVES = 5
"""Signposts followed from an id to the user it has become."""


class ClaimedIntents(Protocol):
    """What a store knows besides its contract: whose a claimed intent is, and who was written to."""

    async def load(self, partition: int, customers: Sequence[str]) -> dict[str, bytes]: ...

    async def owners(self, intents: Sequence[str]) -> Mapping[str, str]: ...

    async def written_to(self, address_hash: str) -> Sequence[str]: ...

    async def confirm(self, found: Mapping[str, str | None]) -> None: ...

    async def suppress(self, addresses: Sequence[tuple[str, str]]) -> None: ...


class StoreDirectory:
    """Implements the gateway's `Directory`."""

    def __init__(self, store: ClaimedIntents, active: Active, partitions: int) -> None:
        self._store = store
        self._active = active
        self._partitions = partitions

    async def owners(self, intents: Sequence[str]) -> Mapping[str, str]:
        return await self._store.owners(intents) if intents else {}

    async def confirm(self, found: Mapping[str, str | None]) -> None:
        if found:
            await self._store.confirm(found)

    async def written_to(self, channel: Channel, address: str) -> Sequence[str]:
        return await self._store.written_to(self._hash(channel, address))

    async def suppress(self, channel: Channel, address: str, kind: str) -> None:
        await self._store.suppress([(self._hash(channel, address), kind)])

    def _hash(self, channel: Channel, address: str) -> str:
        found = read_email(address) if channel == "email" else None
        return address_hash(self._active.workspace.name, channel, address if found is None else found.text)

    async def person(self, customer: str) -> Person:
        workspace = self._active.workspace
        held = await self._profile(customer)
        consents = held.consents
        choices = []
        for name, topic in workspace.policies.topics.items():
            granted: dict[Channel, bool] = {}
            since: dict[Channel, int] = {}
            for channel in CHANNELS:
                found = decisive_statement(consents.statements, channel, name)
                granted[channel] = found.state == "granted" if found is not None else topic.consent.get(channel) == "opt_out"
                if found is not None:
                    since[channel] = found.at
            choices.append(Choice(name, topic.title or name, granted, since))
        colours = workspace.brand.values.get("colours")
        primary = str(colours.get("primary", "")) if isinstance(colours, Mapping) else ""
        return Person(
            locale=locale_of(held, workspace), timezone=zone_of(held, workspace).key, brand=workspace.brand.name or workspace.name, colour=primary,
            choices=choices, whole_channel=workspace.policies.unsubscribe_scope == "channel",
        )  # fmt: skip

    async def _profile(self, customer: str) -> Customer:
        """Theirs, or that of the user this id has become."""
        for _ in range(MOST_MOVES):
            held = await self._store.load(partition_of(customer.encode(), self._partitions), [customer])
            found = Customer(customer, decode_sections(held[customer]) if customer in held else None)
            if found.identity.moved is None:
                break
            customer = found.identity.moved
        return found
