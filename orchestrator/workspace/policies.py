"""Policies as the engine judges by them: topics, consent scopes, suppression rules, channel limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.calendar.quiet import Quiet
from orchestrator.contracts.topics import Channel, MessageClass
from orchestrator.expressions.expression import Expression
from orchestrator.workspace.guard import Guard

ConsentRule = Literal["opt_in", "opt_out"]
DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    """What a person agrees to or leaves. A channel without a word is opt-in."""

    name: str
    title: str = ""
    consent: Mapping[Channel, ConsentRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selectors:
    """A rule applies where all that are given match; None matches everything."""

    classes: frozenset[MessageClass] | None = None
    topics: frozenset[str] | None = None
    channels: frozenset[Channel] | None = None
    journeys: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    messages: frozenset[str] | None = None

    @property
    def unnarrowed(self) -> bool:
        """Selects by nothing but class."""
        return all(one is None for one in (self.topics, self.channels, self.journeys, self.tags, self.messages))


@dataclass(frozen=True, slots=True)
class SuppressionRule:
    """No such message while `when` is true. `version` is the first 8 hex digits of the rule's SHA-256.

    `customer_only`: it reads nothing but the customer and time, so its truth is kept in the guard and the sender's last
    check covers it. `max_hold` in milliseconds counts from the instant this rule first held a message.
    """

    name: str
    version: str
    when: Expression
    selectors: Selectors = Selectors(classes=frozenset(("marketing",)))
    then: Literal["drop", "hold"] = "drop"
    max_hold: int = 7 * DAY
    customer_only: bool = True


@dataclass(frozen=True, slots=True)
class QuietRule:
    """No such message in these hours, where the customer is."""

    name: str
    version: str
    quiet: Quiet
    selectors: Selectors = Selectors(classes=frozenset(("marketing",)))
    then: Literal["hold", "drop"] = "hold"


@dataclass(frozen=True, slots=True)
class ChannelLimit:
    """`rate` in messages per second for held messages on release; None is the channel's default. `countries` None is all."""

    rate: float
    countries: frozenset[str] | None = None


DEFAULT_RATES: Mapping[Channel, float] = {"email": 500.0, "sms": 100.0, "whatsapp": 60.0}


@dataclass(frozen=True, slots=True)
class Policies:
    """config/policies.yaml. `version` names all of it in explanations."""

    version: str = ""
    topics: Mapping[str, Topic] = field(default_factory=dict)
    suppression: tuple[SuppressionRule, ...] = ()
    limits: Mapping[Channel, ChannelLimit] = field(default_factory=dict)
    quiet_hours: tuple[QuietRule, ...] = ()
    journey_messages: int | None = None
    """A day, of each journey that names no other number."""
    guard: Guard = field(default_factory=dict)
    stop_scope: Literal["channel", "all"] = "channel"
    unsubscribe_scope: Literal["topic", "channel"] = "topic"
