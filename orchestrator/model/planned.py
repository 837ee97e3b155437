"""Messages of one customer: planned ones that are not committed yet (due or held), and those that are on their way or out."""

from typing import Literal

import msgspec

from orchestrator.contracts.topics import Channel, MessageClass
from orchestrator.model.run import EventSnapshot, Gathered, StepRecord, Waited

_encoder = msgspec.msgpack.Encoder()


class RunFacts(msgspec.Struct, omit_defaults=True, kw_only=True):
    """What content may read of the run a message belongs to; kept with the message, so that the run may end before it."""

    journey: str
    version: str
    key: str
    number: int
    started_at: int
    sequence: int
    entry: EventSnapshot
    steps: dict[str, StepRecord] = {}
    waited: Waited | None = None
    digest: Gathered | None = None
    event: EventSnapshot | None = None
    """The event that ended the run, for messages of an exit's `then`."""
    content: str = ""


class Chain(msgspec.Struct, array_like=True):
    """What follows a message that does not get through: `left`, the channels after its own (`of`), in order. `until` is the last instant
    at which a report that it failed counts (where `failed`), and the one at which it is given up by time, where it must have been
    `delivered` or `seen` by then (`by_time`; empty: never)."""

    until: int
    of: Channel
    left: list[Channel]
    failed: bool = True
    by_time: Literal["", "delivered", "seen"] = ""


class Planned(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A message that came due and is not committed. `due` is the instant the run got to the step.

    `held_by` maps the rule (or reason) that held it to the instant it first did; `until` is the next instant at which
    to judge it again, None when only an event can release it. `waiting`: its run stands at the step until it is decided.
    `tries` > 0: it was committed before so often and came back; `failures` of these times a provider had been asked, `returns` of these
    it was accepted and failed later, the last time as `replaces` (the provider's id).
    """

    step: str
    visit: int
    message: str
    message_class: MessageClass
    channels: list[Channel]
    priority: int
    due: int
    facts: RunFacts
    if_held: Literal["wait", "next"] = "wait"
    expires_at: int | None = None
    waiting: bool = True
    held: bool = False
    until: int | None = None
    reason: str | None = None
    held_by: dict[str, int] = {}
    limit_at: int | None = None
    """When the rule that holds it has held it for its `max_hold`."""
    turn_at: int | None = None
    """Its turn in a smoothed release."""
    turn_moved: float = 0.0
    """How far the turns of its priority had moved on when it was promised this one."""
    exit_message: bool = False
    tries: int = 0
    failures: int = 0
    returns: int = 0
    replaces: str = ""
    retry_at: int | None = None
    caused_at: int = 0
    together: bool = False
    """One of several at once, each for one channel (`choose: all`)."""
    chain: Chain | None = None
    """Between two tries: what follows if these come to nothing. It counts from the first commit."""
    fell_from: Channel | None = None
    """The channel before it, on which it did not get through."""
    offer: str | None = None
    """The offer chosen for it at its first commit, for every channel and try; empty: there was none."""
    offered_at: int = 0
    """The instant at which its offer was counted; 0 where it was not."""

    @property
    def run_id(self) -> str:
        """Of the run it belongs to."""
        return f"{self.facts.journey}/{self.facts.key}/{self.facts.number}"

    def same_visit(self, other: "Planned") -> bool:
        """Of one visit of one step?"""
        return (self.step, self.visit, self.run_id) == (other.step, other.visit, other.run_id)


_decoder = msgspec.msgpack.Decoder(Planned)


class Sent(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A message that was committed. `settled` once a provider accepted it or it failed for good.

    `kept` is the plan, encoded, while it may come back for another try: until it is settled, and of a text until it has arrived or
    failed for good; or, with a `chain`, while another channel may follow (`final`: no more than that). Nearly none ever does, and a profile is read for many other reasons. `replaces` is the plan's.
    `exited`: its run has ended in a way that takes back what has not left, so it does not come back.
    """

    intent: str
    journey: str
    key: str
    number: int
    step: str
    visit: int
    message: str
    message_class: MessageClass
    channel: Channel
    at: int
    topic: str | None = None
    status: str = "queued"
    attempt: int = 1
    settled: bool = False
    exited: bool = False
    given_back: bool = False
    reason: str | None = None
    delivered: bool = False
    seen: bool = False
    seen_at: int = 0
    kept: bytes = b""
    replaces: str = ""
    variant: str | None = None
    chain: Chain | None = None
    final: bool = False
    offer: str | None = None
    """The offer it went out with."""
    offered_at: int = 0
    further: bool = False
    """Its message went out on another channel before it: it is the same one, not one more."""

    @property
    def planned(self) -> Planned | None:
        """What may come back, None when nothing does; a copy."""
        return None if self.final else self.plan

    @property
    def plan(self) -> Planned | None:
        """The plan, whatever it is kept for; a copy."""
        return _decoder.decode(self.kept) if self.kept else None

    def keep(self, planned: Planned | None) -> None:
        """It may come back as this, or (None) no more."""
        if planned is not None:
            self.kept, self.replaces, self.final = _encoder.encode(planned), planned.replaces, False
        else:
            self.kept, self.replaces, self.final = (self.kept, "", True) if self.chain is not None and self.kept else (b"", "", False)

    def end_chain(self) -> None:
        """No other channel follows."""
        self.chain = None
        if self.final:
            self.kept, self.final = b"", False

    def amend(self, *, step: str | None = None, number: int | None = None) -> None:
        """Its step or its run goes by another name from now on, also in what is kept."""
        plan = self.plan
        if step is not None:
            self.step = step
            if plan is not None:
                plan.step = step
        if number is not None:
            self.number = number
            if plan is not None:
                plan.facts.number = number
        if plan is not None:
            self.kept = _encoder.encode(plan)


class Messages(msgspec.Struct, omit_defaults=True):
    """Section `msgs`. `sent` is oldest first, bounded by age and number; `receipts` the ids applied lately, as
    8-byte hashes side by side."""

    planned: list[Planned] = []
    sent: list[Sent] = []
    receipts: bytes = b""
    falls_at: int | None = None
    """When the first message is given up by time, and the channel after its own follows."""
    lately: dict[str, dict[str, int]] = {}
    """Message to key to the instant of its latest commit, of messages that a `dedupe` asks about."""
    offers: dict[str, list[int]] = {}
    """Offer to the instants at which this customer was shown it, as far back as a cap looks."""
