"""The sections of a profile value, but for runs and messages. Each is decoded only when it is touched.

A section evolves by fields added with a default; a name is never given a second meaning. Instants are milliseconds.
"""

import msgspec

from orchestrator.contracts.topics import Channel
from orchestrator.model.run import EventSnapshot


class Stamped(msgspec.Struct, array_like=True):
    """A value and the `timestamp` it was stated at: the newest statement wins."""

    value: object
    at: int


class Identity(msgspec.Struct, omit_defaults=True):
    """Who this is. `moved` is a signpost: this id was absorbed by that user. `latest` is the greatest `now` applied:
    for one customer it never goes back. `sequence` counts the inputs applied."""

    user_id: str | None = None
    anonymous: list[str] = []
    first_seen: int = 0
    latest: int = 0
    sequence: int = 0
    erased: bool = False
    moved: str | None = None
    absorbing: list[str] = []
    inbound: dict[Channel, int] = {}
    """Instant of the last message the person wrote to us on a channel: WhatsApp's 24-hour window counts from it."""
    phone_zone: tuple[str, str, str] = ("", "", "")
    """Phone and region, and the one timezone they mean (empty: none): reading a number costs as much as rendering a text."""
    guard: bytes = b""
    """The guard as it was last written; empty while all is clear."""
    guard_at: int | None = None
    """When a rule in the guard may change by time alone."""


class Statement(msgspec.Struct, array_like=True):
    """One statement of consent; `*` covers all. Append-only but for those that a newer one on the same pair replaces."""

    channel: str
    topic: str
    state: str
    at: int
    proof: dict[str, object] = {}


class Consents(msgspec.Struct, omit_defaults=True):
    """Consent statements, stops by channel (instant of the STOP), do-not-contact, and what is known of this person's
    addresses (hash to `dead` or `complained`; the store's own list, by address, is what the last check reads)."""

    statements: list[Statement] = []
    stopped: dict[Channel, int] = {}
    do_not_contact: str = ""
    do_not_contact_at: int = 0
    suppressed: dict[str, str] = {}


class Case(msgspec.Struct, array_like=True):
    """One case of a kind of issue, by the newest event that speaks of it. A close is remembered before its open comes."""

    open: bool
    at: int
    event: str
    opened_at: int
    arrival: int


Issues = dict[str, dict[str, Case]]
"""Kind of issue to case key to case."""


class PastItem(msgspec.Struct, array_like=True):
    """A kept event: when it happened, when it arrived, its place in this customer's inputs, its properties."""

    timestamp: int
    arrival: int
    sequence: int
    data: dict[str, object]


class EventPast(msgspec.Struct, omit_defaults=True):
    """What is kept of one event name: a running total, totals by `where` text, and recent events, oldest first."""

    total: int = 0
    totals: dict[str, int] = {}
    items: list[PastItem] = []
    truncated: int = 0


class Computed(msgspec.Struct, omit_defaults=True):
    """State of one computed trait: `value` for all-time kinds, `points` `[timestamp, value]` for windows and distinct."""

    value: object = None
    at: int = 0
    points: list[tuple[int, object]] = []


class EntryCount(msgspec.Struct, array_like=True):
    """Entries of one journey and key: how many, when the last began, and the number of the last run."""

    count: int
    last: int
    number: int


class GoalWatch(msgspec.Struct, omit_defaults=True):
    """A goal that still counts though its run has ended or was held out."""

    journey: str
    key: str
    number: int
    until: int
    started_at: int
    entry: EventSnapshot
    held_out: bool = False


class Entries(msgspec.Struct, omit_defaults=True):
    """Journey to key to count; and the goals watched."""

    counts: dict[str, dict[str, EntryCount]] = {}
    watches: list[GoalWatch] = []


class Seen(msgspec.Struct, omit_defaults=True):
    """messageIds of the last days: UTC day to the concatenated first 8 bytes of their hashes."""

    days: dict[int, bytes] = {}
