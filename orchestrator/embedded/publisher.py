"""The gateway's publisher over the SQLite log, with a bound on what may wait; and the directory webhooks ask."""

from collections.abc import Mapping, Sequence

from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CHANNELS, CUSTOMER_EVENTS, Channel
from orchestrator.embedded.source import GROUP
from orchestrator.gateway.publisher import Overloaded
from orchestrator.model.customer import Customer
from orchestrator.partition_loop import Active
from orchestrator.profiles.address import address_hash, read_email
from orchestrator.profiles.consent_state import state
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.state.value import decode_sections

MOST_WAITING = 200_000
"""Events accepted and not yet applied."""
LOOK_EVERY = 200


class LogPublisher:
    """Answers Overloaded above `most` events that wait."""

    def __init__(self, log: SqliteLog, most: int = MOST_WAITING) -> None:
        self._log = log
        self._most = most
        self._calls = 0
        self._waiting = 0

    async def publish(self, records: Sequence[Record]) -> None:
        if self._calls % LOOK_EVERY == 0:
            self._waiting = self._log.depth(GROUP, CUSTOMER_EVENTS)
        self._calls += 1
        if self._waiting > self._most:
            self._waiting = self._log.depth(GROUP, CUSTOMER_EVENTS)
            if self._waiting > self._most:
                raise Overloaded(5)
        await self._log.append(records)


class StoreDirectory:
    """Whom webhooks are about, from claims and profiles."""

    def __init__(self, store: SqliteStore, active: Active, partitions: int) -> None:
        self._store = store
        self._active = active
        self._partitions = partitions

    def owners(self, intents: Sequence[str]) -> Mapping[str, str]:
        return self._store.owners(intents) if intents else {}

    async def confirm(self, found: Mapping[str, str | None]) -> None:
        await self._store.confirm(found)

    def written_to(self, channel: Channel, address: str) -> Sequence[str]:
        return self._store.written_to(self._hash(channel, address))

    async def suppress(self, channel: Channel, address: str, kind: str) -> None:
        await self._store.suppress([(self._hash(channel, address), kind)])

    def _hash(self, channel: Channel, address: str) -> str:
        found = read_email(address) if channel == "email" else None
        return address_hash(self._active.workspace.name, channel, address if found is None else found.text)

    def topics(self, customer: str) -> Sequence[tuple[str, str, Mapping[Channel, str]]]:
        workspace = self._active.workspace
        held = self._store.profile(partition_of(customer.encode(), self._partitions), customer)
        consents = Customer(customer, decode_sections(held) if held else None).consents
        found = []
        for name, topic in workspace.policies.topics.items():
            states: dict[Channel, str] = {}
            for channel in CHANNELS:
                now = state(consents, channel, name)
                states[channel] = "granted" if now == "none" and topic.consent.get(channel) == "opt_out" else now
            found.append((name, topic.title or name, states))
        return found
