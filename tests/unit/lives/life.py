"""Customers lived through instant by instant: what the engine brings about comes back as inputs; everything is noted, so that the same
inputs can be cut into other batches."""

import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import msgspec

from orchestrator.content.render import Renderer
from orchestrator.contracts.call import CallAnswer, decode_call, encode_answer
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.message import OutboundMessage, decode_message
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS, INPUT_TOPICS, OUTBOUND_CALLS, OUTBOUND_TOPICS
from orchestrator.engine.batch import Batch, Outcome
from orchestrator.engine.effects import RunEnd
from orchestrator.engine.inputs import InputRecord
from orchestrator.engine.scheduled import in_force_since
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.model.customer import Customer
from orchestrator.partition_state import PartitionState, decode_partition_state, encode_partition_state
from orchestrator.pipeline import apply_batch, customers_of
from orchestrator.state.stored_customer import customer_of
from orchestrator.workspace.earlier import followed_by
from orchestrator.workspace.workspace import Workspace
from tests.worlds import HOUR, T0

MINUTE = 60_000
Cut = tuple[int, list[InputRecord], Workspace | None]
"""An instant (ms) with its records, or with the version that is in force from then on."""


SECTIONS = (
    "identity", "traits", "context", "consents", "issues", "computed", "past", "seen", "runs", "entries", "messages", "memberships", "occurrences", "resting",
)  # fmt: skip


@dataclass
class Partition:
    """One partition: everything is stored as bytes between two batches."""

    workspace: Workspace
    profiles: dict[str, bytes] = field(default_factory=dict)
    due: dict[str, int | None] = field(default_factory=dict)
    state: bytes = b""
    decisions: dict[str, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    endings: dict[str, list[RunEnd]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.state = encode_partition_state(PartitionState(scheduled=in_force_since({}, self.workspace, T0)))

    def apply(self, records: Sequence[InputRecord], horizon: int, revisited: frozenset[str] = frozenset()) -> Outcome:
        due = sorted(((who, at) for who, at in self.due.items() if at is not None and at <= horizon), key=lambda one: (one[1], one[0]))
        state, batch = decode_partition_state(self.state), Batch(records, due, horizon, revisited)
        around = Surroundings(self.workspace, Renderer(self.workspace, NoLinks()), 0, 1, 0, state.pace, scheduled=state.scheduled)
        outcome = apply_batch(batch, {key: customer_of(key, self.profiles.get(key)) for key in customers_of(batch)}, around)
        for labels, number in outcome.counts.items():
            if labels[0] == "running":
                state.count(labels[1], number)
        self.state = encode_partition_state(state)
        for customer in outcome.customers.values():
            stored = customer_of(customer.id, outcome.profiles[customer.id])
            for name in SECTIONS:
                assert getattr(stored, name) == getattr(customer, name), f"{name} was changed, and nobody said so"
        self.profiles.update(outcome.profiles)
        self.due.update(outcome.timers)
        self.counts.update(outcome.counts)
        for decision in outcome.decisions:
            self.decisions[decision.customer].append(decision)
        for end in outcome.endings:
            self.endings[end.customer].append(end)
        return outcome

    def switch(self, workspace: Workspace, at: int) -> Outcome:
        self.workspace = followed_by(self.workspace, workspace)
        state = decode_partition_state(self.state)
        state.scheduled = in_force_since(state.scheduled, self.workspace, at)
        self.state = encode_partition_state(state)
        return self.apply([], at, frozenset(self.profiles))

    def customers(self) -> list[Customer]:
        return [customer_of(key, value) for key, value in self.profiles.items()]


@dataclass
class Life:
    """`random` is what happens to messages and calls."""

    partition: Partition
    random: Random
    cuts: list[Cut] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    """Intent to how often it was published; less those that came back."""
    _coming: list[tuple[int, int, str, str, bytes]] = field(default_factory=list)
    _number: int = 0

    def comes(self, at: int, who: str, value: bytes, topic: str = CUSTOMER_EVENTS) -> None:
        self._number += 1
        heapq.heappush(self._coming, (at, self._number, topic, who, value))

    def event(self, at: int, who: str, **fields: object) -> None:
        """`who` is a user, or an anonymous id where it begins with `x`."""
        identity = "anonymousId" if who.startswith("x") else "userId"
        self.comes(at, who, json.dumps({identity: who, **fields}).encode())

    def live(self, until: int) -> None:
        """Everything up to and with an instant."""
        while True:
            found = [at for at in self.partition.due.values() if at is not None] + [one[0] for one in self._coming[:1]]
            at = min(found, default=until + 1)
            if at > until:
                return
            records: list[InputRecord] = []
            while self._coming and self._coming[0][0] <= at:
                _at, number, topic, who, value = heapq.heappop(self._coming)
                records.append(InputRecord(topic, 0, number, at, who.encode(), value))
            self.cuts.append((at, records, None))
            self._note(at, self.partition.apply(records, at))

    def switch(self, workspace: Workspace, at: int) -> None:
        """Another version, from an instant on that everything else has been applied up to."""
        self.cuts.append((at, [], workspace))
        self._note(at, self.partition.switch(workspace, at))

    def _note(self, at: int, outcome: Outcome) -> None:
        assert [labels for labels in outcome.counts if labels[0] == "engine_errors"] == []
        assert outcome.dead_letters == []
        for who in outcome.customers:
            self._is_sound(customer_of(who, self.partition.profiles[who]), at)
        for record in outcome.records:
            if record.topic in OUTBOUND_TOPICS:
                self._receipts(at, decode_message(record.value))
            elif record.topic == OUTBOUND_CALLS and self.random.random() < 0.8:
                call, ok = decode_call(record.value), self.random.random() < 0.7
                then = at + self.random.choice((1, MINUTE, HOUR))
                answer = CallAnswer(
                    id=call.id, customer=call.customer, journey=call.journey, key=call.key, number=call.number, step=call.step, visit=call.visit,
                    ok=ok, status=200 if ok else 500, body=msgspec.Raw(b'{"risk": 3}') if ok else None, why="" if ok else "status", attempts=1, at=then,
                )  # fmt: skip
                self.comes(then, call.customer, encode_answer(answer), DELIVERY_RECEIPTS)
            elif record.topic in INPUT_TOPICS and record.key is not None:
                self.comes(at + 1, record.key.decode(), record.value, record.topic)

    def _is_sound(self, customer: Customer, at: int) -> None:
        """Nothing waits for what will not come."""
        due = self.partition.due.get(customer.id)
        assert due is None or due > at, "a timer in the past"
        paused = {name for name, journey in self.partition.workspace.journeys.items() if journey.status == "paused"}
        assert len({run.id for run in customer.runs}) == len(customer.runs)
        planned = customer.messages.planned
        for run in customer.runs:
            assert due is not None, f"{run.id} has no timer"
            if run.journey not in paused:
                assert run.state != "ready", run.id
                assert run.due is None or due <= run.due, run.id
                assert run.state != "sending" or any(one.run_id == run.id and one.step == run.node and one.waiting for one in planned), (
                    run.id
                )
        for one in planned:
            instants = [when for when in (one.until, one.expires_at, one.limit_at) if when is not None]
            assert one.held, one.run_id
            assert one.facts.journey in paused or min(instants, default=at + 1) > at, one.run_id
            assert due is not None, one.run_id
            assert due <= min(instants, default=due), one.run_id

    def _receipts(self, at: int, message: OutboundMessage) -> None:
        """What becomes of a message."""
        assert self.sent[message.intent] == 0, f"twice: {message.customer} {message.journey} {message.step} {message.channel}"
        self.sent[message.intent] += 1

        def comes(then: int, receipt: Receipt) -> None:
            self.comes(at + then, message.customer, encode_receipt(msgspec.structs.replace(receipt, at=at + then, id=f"{message.intent}/{self._number}")), DELIVERY_RECEIPTS)  # fmt: skip

        base = Receipt(
            id="", customer=message.customer, status="accepted", at=at, channel=message.channel, intent=message.intent, attempt=message.attempt,
            provider="sandbox", provider_id=f"p{self._number}",
        )  # fmt: skip
        later = self.random.choice((1, 9 * MINUTE, 10 * MINUTE, HOUR, 7 * HOUR))
        match self.random.choice(
            ("delivered", "delivered", "opened", "deferred", "checked", "rejected", "bounced", "failed", "unconfirmed", "silence")
        ):
            case "deferred" | "checked" as kind:
                self.sent[message.intent] -= 1
                why = {"reason": "provider_down"} if kind == "deferred" else {"reason": "quiet_hours", "checked": "sender"}
                comes(1, msgspec.structs.replace(base, status="deferred", retry_at=at + later, tried=kind == "deferred", **why))
            case "failed":
                self.sent[message.intent] -= 1
                comes(1, base)
                comes(1 + later, msgspec.structs.replace(base, status="failed", reason="undeliverable", again=(5 * MINUTE, HOUR)))
            case "silence":
                pass
            case status:
                comes(1, base)
                comes(1 + later, msgspec.structs.replace(base, status=status))
