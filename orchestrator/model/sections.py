"""The sections of a profile value, but for runs and messages. Each is decoded only when it is touched.

A section evolves by fields added with a default; a name is never given a second meaning. Instants are milliseconds.
"""

import msgspec

from orchestrator.contracts.topics import Channel
from orchestrator.model.run import EventSnapshot

LEVELS = ("", "marketing", "all")
"""Of do-not-contact, by strictness."""


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
    parked_until: int = 0
    """Until then nothing that time brings about is looked at: it broke the engine."""
    moved_at: int = 0
    """When the link that the signpost follows was made."""
    refused: dict[str, int] = {}
    """Ids that were not merged (`merge_refused`), and when that was last asked for."""


class Statement(msgspec.Struct, array_like=True):
    """One statement of consent; `*` covers all, but for the topics in `excepting`."""

    channel: str
    topic: str
    state: str
    at: int
    proof: dict[str, object] = {}
    excepting: list[str] = []


class Flag(msgspec.Struct, array_like=True):
    """Do-not-contact by one rule: its level, empty once it was lifted, and the timestamp that says so."""

    level: str
    at: int


class Consents(msgspec.Struct, omit_defaults=True):
    """Consent statements, stops by channel (instant of the STOP), do-not-contact by rule, and what is known of this person's
    addresses (hash to `dead` or `complained`; the store's own list, by address, is what the last check reads).

    `statements` has one for each pair of channel and topic, the one that decides; `trail` what was stated before, oldest first.
    """

    statements: list[Statement] = []
    trail: list[Statement] = []
    stopped: dict[Channel, int] = {}
    started: dict[Channel, int] = {}
    """Instant of the latest START: an older STOP that comes late stops nothing."""
    flags: dict[str, Flag] = {}
    suppressed: dict[str, str] = {}

    def stopped_at(self, channel: str, *, anywhere: bool) -> int | None:
        """When the channel was stopped; with `anywhere` a stop of any other counts too. None where nothing was."""
        held = self.stopped.get(channel)  # type: ignore[call-overload]  # a name that is no channel was never stopped
        return max(self.stopped.values(), default=None) if held is None and anywhere else held

    @property
    def do_not_contact(self) -> str:
        """The strictest level in force: `all`, `marketing`, or empty."""
        return max((flag.level for flag in self.flags.values()), key=LEVELS.index, default="")


class Case(msgspec.Struct, array_like=True):
    """One case of a kind of issue, by the newest event that speaks of it. A close is remembered before its open comes.
    `stale`: it closed by itself, because nothing was heard of it."""

    open: bool
    at: int
    event: str
    opened_at: int
    arrival: int
    stale: bool = False


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
    """State of one computed trait: `value` for all-time kinds, `points` `[timestamp, value]` for windows and distinct, `days` UTC
    day to `[events, total]` of points that are no longer kept one by one."""

    value: object = None
    at: int = 0
    points: list[tuple[int, object]] = []
    days: dict[int, tuple[int, object]] = {}


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
    """Journey to key to count; the goals watched; what has passed throttles."""

    counts: dict[str, dict[str, EntryCount]] = {}
    watches: list[GoalWatch] = []
    passes: dict[str, list[int]] = {}
    """Journey/step/key of a throttle to the instants at which runs passed it lately."""


class Standing(msgspec.Struct, array_like=True):
    """Of one audience: the journeys that know the person inside, and those that know them outside."""

    inside: list[str] = []
    outside: list[str] = []


class Memberships(msgspec.Struct, omit_defaults=True):
    """Of the audiences that journeys are entered by; `changes_at` is when time alone may next change one of them."""

    audiences: dict[str, Standing] = {}
    changes_at: int | None = None

    def knows(self, journey: str) -> bool:
        """Whether somebody's place is noted for it, by whichever audience: then it is not going live for the first time."""
        return any(journey in one.inside or journey in one.outside for one in self.audiences.values())


class Seen(msgspec.Struct, omit_defaults=True):
    """messageIds of the last days: UTC day to the concatenated first 8 bytes of their hashes, and to when in the day each was seen
    (milliseconds, 4 bytes each; of ids that an earlier program version kept there is none)."""

    days: dict[int, bytes] = {}
    times: dict[int, bytes] = {}


class Resting(msgspec.Struct, array_like=True):
    """Of runs that need not be read: the instant at which time moves the first of them (milliseconds), and their journeys with the
    version they are of."""

    due: int
    versions: dict[str, str]
