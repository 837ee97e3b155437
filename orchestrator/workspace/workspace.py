"""The workspace in force: every definition of one applied version, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from orchestrator.contracts.topics import Channel
from orchestrator.expressions.expression import Expression
from orchestrator.workspace.audience import Audience
from orchestrator.workspace.journey import InFlight, Journey
from orchestrator.workspace.message import Message
from orchestrator.workspace.offer import Offer
from orchestrator.workspace.policies import Policies
from orchestrator.workspace.profile import ProfileConfig
from orchestrator.workspace.source import Source


@dataclass(frozen=True, slots=True)
class Brand:
    """What layouts carry. `values` is the whole `brand` mapping of concierge.yaml, with mappings by locale inside."""

    name: str = ""
    postal_address: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    banned: tuple[str, ...] = ()
    sign_off: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChannelSender:
    """Who a channel's messages come from: email uses all fields, SMS and WhatsApp only `address`."""

    address: str
    name: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """`hosts` may hold `*.example.com` (one label or more). `utm` maps parameter to template."""

    hosts: tuple[str, ...] = ()
    utm: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventRules:
    """Milliseconds. `strict`: unknown events and properties are errors."""

    strict: bool = True
    dedupe: int = 7 * 86_400_000
    clock_skew: int = 5 * 60_000


PropertyType = Literal[
    "text", "number", "integer", "boolean", "date", "instant", "list", "object",
    "choice", "email", "phone", "country", "locale", "timezone", "",
]  # fmt: skip
"""Empty: the declaration could not be read, so nothing is ever said of its values."""


@dataclass(frozen=True, slots=True)
class Property:
    """A declared property of an event; `required` is `!`."""

    type: PropertyType
    required: bool = False


@dataclass(frozen=True, slots=True)
class Workspace:
    """One version of everything marketers own. `version` is the SHA-256 (hex) of the canonical JSON of all files.

    `events` maps an event's name to its declared properties (from config/sources). `history` maps an event's name to how
    long its past must be kept (milliseconds; None: nothing but totals): the union of what every expression asks for.
    `entries` and `listeners` index journeys by event name, so that the cost of an event does not grow with the number of
    journeys: those that people enter by it, and those whose runs may listen for it (goal, exit_on, waits). `audience_entries`
    indexes journeys by the audience people enter by; `schedules` names those they enter by the clock.
    """

    name: str
    version: str
    locale: str
    locales: tuple[str, ...]
    timezone: ZoneInfo
    country: str
    currency: str
    rules: EventRules = EventRules()
    brand: Brand = Brand()
    senders: Mapping[str, Mapping[Channel, ChannelSender]] = field(default_factory=dict)
    links: Links = Links()
    webhook_hosts: tuple[str, ...] = ()
    """The only hosts that are called; `*.` is one label or more."""
    profile: ProfileConfig = ProfileConfig()
    policies: Policies = Policies()
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    journeys: Mapping[str, Journey] = field(default_factory=dict)
    messages: Mapping[str, Message] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    """The one to ask first in front."""
    layouts: Mapping[str, str] = field(default_factory=dict)
    """File name (`default.email.html`) to text."""
    snippets: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, Property]] = field(default_factory=dict)
    instants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Event to its properties that are declared as instants."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    max_age: int = 400 * 86_400_000
    in_flight: InFlight = field(default_factory=InFlight)
    history: Mapping[str, int | None] = field(default_factory=dict)
    counted: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)
    """Event to the conditions on it that somebody asks how often they were ever true."""
    deduped: Mapping[str, int] = field(default_factory=dict)
    """Messages whose commits are remembered, because a step says `dedupe`, to for how long (milliseconds)."""
    entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    listeners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audience_entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keeps_context: bool = False
    """Somebody reads `entry.context` or another event's: runs then keep what is often longer than the event itself."""
    schedules: tuple[str, ...] = ()
    earlier: Mapping[tuple[str, str], Journey] = field(default_factory=dict)
    """Versions (name, version) of journeys in which people go on who began there."""
    content: str = ""
    """The version of all messages together."""
    earlier_messages: Mapping[str, Mapping[str, Message]] = field(default_factory=dict)
    """By the version of all messages: those of runs that go on with the text they began with (`content: pinned`)."""
    content_before: str = ""
    """The version of all messages that this one took the place of; empty where nothing says."""
    editions: Mapping[str, int] = field(default_factory=dict)
    """Journeys whose queue everybody shares, to how often their text has changed."""

    def message_at(self, name: str, content: str) -> Message | None:
        """As it was in that version of all messages, where that is kept; else as it is."""
        kept = self.earlier_messages.get(content) if content and content != self.content else None
        return self.messages.get(name) if kept is None or name not in kept else kept[name]

    def journey_at(self, name: str, version: str) -> Journey | None:
        """The version a run of that version goes by: its own where that is kept, else the one in force."""
        journey = self.journeys.get(name)
        if journey is None or not self.earlier or journey.version == version:
            return journey
        return self.earlier.get((name, version), journey)

    @property
    def source_topics(self) -> frozenset[str]:
        """Backends' own topics that sources read."""
        return frozenset(source.topic for source in self.sources.values() if source.topic is not None)
