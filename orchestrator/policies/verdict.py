"""What policies answer. A closed union: pass on one channel, hold, or drop; each carries what explains it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line's answer that is not a pass, for one channel. `until` None on a hold: only an event can end it.

    `limit` is how long (milliseconds) the rule may hold at most, from when it first did.
    """

    line: str
    reason: Reason
    hold: bool = False
    until: int | None = None
    rule: str | None = None
    rule_version: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    case: str | None = None
    limit: int | None = None

    @property
    def holder(self) -> str:
        """What is to blame: the rule, else the reason."""
        return self.rule or self.reason.value


@dataclass(frozen=True, slots=True)
class Pass:
    """Commit it on `channel`; `passed_over` are the channels before it with their reasons."""

    channel: Channel
    passed_over: Mapping[Channel, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep it for later; `refusal` is the hold that decides, on `channel`."""

    channel: Channel
    refusal: Refusal
    passed_over: Mapping[Channel, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drop:
    """Not sent on any channel. `refusal` is the common one, or `no_reachable_channel` where reasons differ."""

    refusal: Refusal
    passed_over: Mapping[Channel, Refusal] = field(default_factory=dict)


Verdict = Pass | Hold | Drop
