"""Customers in memory, a clock that jumps from one thing that happens to the next, providers that take everything at once.

The engine is production's. Profiles are kept as stored bytes between instants, as a store keeps them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from orchestrator.content.render import Renderer
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.engine.batch import Batch, Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.engine.scheduled import in_force_since
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.brought_about import brought_about, keep
from orchestrator.journey_tests.due import Due
from orchestrator.journey_tests.provider import Providers
from orchestrator.journey_tests.services import Services
from orchestrator.journey_tests.world import NoLinks
from orchestrator.pipeline import apply_batch, customers_of
from orchestrator.policies.pace import Pace
from orchestrator.profiles.address import address_hash
from orchestrator.state.stored_customer import customer_of
from orchestrator.workspace.as_live import as_live
from orchestrator.workspace.workspace import Workspace

OWN = 1 << 40
"""Offsets of the records that the simulation itself makes begin here, above those of any input."""


class Observer(Protocol):
    """Told of everything that comes about, in order. `at` in milliseconds."""

    def applied(self, at: int, outcome: Outcome) -> None:
        """A batch was applied."""
        ...

    def sent(self, at: int, message: OutboundMessage, outcome: Outcome) -> None:
        """A provider took this message of the batch."""
        ...


class Stage:
    """`share`: the number of stages that a channel's rate is divided by."""

    def __init__(self, workspace: Workspace, observer: Observer, share: int = 1) -> None:
        self.profiles: dict[str, bytes] = {}
        self._workspace = as_live(workspace, ["draft"])
        self._scheduled: dict[str, tuple[str, int]] = {}
        self._renderer = Renderer(self._workspace, NoLinks())
        self._observer = observer
        self._share = share
        self._pace = Pace()
        self._providers = Providers()
        self._services = Services()
        self._due = Due()
        self._offset = OWN

    def settle_in(self, profiles: Mapping[str, bytes], at: int) -> None:
        """These people are there before anything happens, and the version goes live: who is in which audience, when do schedules begin?"""
        self.profiles.update(profiles)
        self._scheduled = in_force_since({}, self._workspace, at)
        if self._workspace.audience_entries or self._workspace.schedules:
            self._instant(at, self._apply(at, Batch([], [], at, frozenset(profiles))))

    def play(self, records: Iterable[InputRecord], until: int) -> None:
        """Records in order of their instants, and everything that time brings about up to, but not with, `until` (milliseconds)."""
        inputs = iter(records)
        record = next(inputs, None)
        while True:
            at = self._due.first()
            if record is not None and (at is None or record.at <= at):
                at = record.at
            if at is None or at >= until:
                return
            now: list[InputRecord] = []
            while record is not None and record.at <= at:
                now.append(record)
                record = next(inputs, None)
            self._instant(at, now)

    def absorbed(self) -> dict[str, str]:
        """Ids that are somebody's by now, and whose."""
        moved = {key: customer_of(key, value).identity.moved for key, value in self.profiles.items()}
        return {key: self._last(key, moved) for key, user in moved.items() if user is not None}

    @staticmethod
    def _last(key: str, moved: Mapping[str, str | None]) -> str:
        seen = {key}
        while (user := moved.get(key)) is not None and user not in seen:
            seen.add(key := user)
        return key

    def _instant(self, at: int, records: Sequence[InputRecord]) -> None:
        """Until nothing moves at this instant."""
        while True:
            due = self._due.up_to(at)
            if not records and not due:
                return
            records = self._apply(at, Batch(records, due, at))

    def _apply(self, at: int, batch: Batch) -> list[InputRecord]:
        """Apply a batch and keep what came of it; returns the records it brings about at this instant."""
        around = Surroundings(self._workspace, self._renderer, 0, self._share, at, self._pace, scheduled=self._scheduled)
        profiles = {key: customer_of(key, self.profiles.get(key)) for key in customers_of(batch)}
        outcome = apply_batch(batch, profiles, around)
        self.profiles.update(outcome.profiles)
        keep(outcome, self._due, self._providers)
        self._observer.applied(at, outcome)
        brought = brought_about(outcome, at, self._services, lambda message: self._sent(at, message, outcome), self._record)
        self._services.calls.clear()
        return brought

    def _sent(self, at: int, message: OutboundMessage, outcome: Outcome) -> list[InputRecord]:
        """What the senders' last check and the provider make of it."""
        address = address_hash(self._workspace.name, message.channel, message.to)
        accepted, receipts = self._providers.answer(message, at, address)
        if accepted:
            self._observer.sent(at, message, outcome)
        return [self._record(DELIVERY_RECEIPTS, message.customer, at, encode_receipt(receipt)) for receipt in receipts]

    def _record(self, topic: str, customer: str, at: int, value: bytes) -> InputRecord:
        self._offset += 1
        return InputRecord(topic, 0, self._offset, at, customer.encode(), value)
