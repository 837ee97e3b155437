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
    exit_message: bool = False
    tries: int = 0
    failures: int = 0
    returns: int = 0
    replaces: str = ""
    retry_at: int | None = None
    caused_at: int = 0

    @property
    def run_id(self) -> str:
        """Of the run it belongs to."""
        return f"{self.facts.journey}/{self.facts.key}/{self.facts.number}"


_decoder = msgspec.msgpack.Decoder(Planned)


class Sent(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A message that was committed. `settled` once a provider accepted it or it failed for good.

    `kept` is the plan, encoded, while it may come back for another try: until it is settled, and of a text until it has arrived or
    failed for good. Nearly none ever does, and a profile is read for many other reasons. `replaces` is the plan's.
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

    @property
    def planned(self) -> Planned | None:
        """What may come back, None when nothing does; a copy."""
        return _decoder.decode(self.kept) if self.kept else None

    def keep(self, planned: Planned | None) -> None:
        """It may come back as this, or (None) no more."""
        self.kept, self.replaces = (b"", "") if planned is None else (_encoder.encode(planned), planned.replaces)


class Messages(msgspec.Struct, omit_defaults=True):
    """Section `msgs`. `sent` is oldest first, bounded by age and number; `receipts` the ids applied lately, as
    8-byte hashes side by side."""

    planned: list[Planned] = []
    sent: list[Sent] = []
    receipts: bytes = b""
    lately: dict[str, dict[str, int]] = {}
    """Message to key to the instant of its latest commit, of messages that a `dedupe` asks about."""
