"""A run: one person's passage through one journey. A small value in the profile; a thousand waits cost nothing until due."""

from typing import Literal

import msgspec

from orchestrator.contracts.topics import Channel

RunState = Literal["ready", "sending", "delay", "wait", "digest", "throttle", "window", "call"]


class EventSnapshot(msgspec.Struct, omit_defaults=True):
    """What a run remembers of an event: enough for `entry.x`, `waited.event.x`."""

    name: str
    type: str
    timestamp: int
    arrival: int
    sequence: int
    message_id: str | None = None
    properties: dict[str, object] = {}
    depth: int = 0
    """How many emitted events led to it."""
    source: str = ""
    context: dict[str, object] = {}
    """Only where the workspace reads it."""


class StepRecord(msgspec.Struct, omit_defaults=True):
    """`steps.<id>`: the latest visit of a step. `at` is when the run got there, `sequence` the input that brought it."""

    count: int = 0
    at: int = 0
    sequence: int = 0
    sent: bool = False
    reason: str | None = None
    status: str | None = None
    channel: Channel | None = None
    delivered: bool = False
    clicked: bool = False
    replied: bool = False
    seen: bool = False
    path: str | None = None
    variant: str | None = None
    ok: bool | None = None
    response: dict[str, object] = {}
    """What a webhook saved of its answer."""


class Waited(msgspec.Struct, omit_defaults=True):
    """`waited`: how the latest wait ended."""

    by: Literal["event", "condition", "timeout"]
    name: str | None = None
    event: EventSnapshot | None = None


class Heard(msgspec.Struct, omit_defaults=True):
    """The latest event that matches a wait the run has not reached yet, and which alternative it is for."""

    alternative: int
    event: EventSnapshot


class Gathered(msgspec.Struct, array_like=True):
    """`digest`: the events collected at a step, by the window's key."""

    node: str
    key: str
    items: list[EventSnapshot]


class Run(msgspec.Struct, omit_defaults=True, kw_only=True):
    """`node` is the step the run stands in; `due` the instant that ends its delay or wait (None: nothing but an event does).

    `used` holds sequences of events that ended a wait: one event ends at most one wait of a run.
    """

    journey: str
    key: str
    number: int
    version: str
    started_at: int
    sequence: int
    entry: EventSnapshot
    node: str = ""
    state: RunState = "ready"
    arrived: int = 0
    due: int | None = None
    check_at: int | None = None
    """When a condition that is waited for may change by time alone."""
    zone: str = ""
    """The customer's timezone by which `due` was found, where it is a local time of theirs."""
    steps: dict[str, StepRecord] = {}
    heard: dict[str, Heard] = {}
    used: list[int] = []
    waited: Waited | None = None
    digest: Gathered | None = None
    goal: bool = False
    content: str = ""
    """The version of all messages it goes on with; empty: the one in force."""
    asked_as: int = 0
    """Its number when it asked for what it waits for, where a merge has given it another since."""
    place: int = 0
    """The number of its place in a queue that everybody shares, while it waits there."""
    also: list[int] = []
    """Numbers of runs that were merged into it: what they have sent is not sent again."""

    @property
    def id(self) -> str:
        """Journey, key and number: unique for a customer."""
        return f"{self.journey}/{self.key}/{self.number}"
