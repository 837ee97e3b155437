"""What a policy line is asked: one planned message, the person at this instant, and what is known of each channel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from orchestrator.contracts.topics import Channel, MessageClass
from orchestrator.frame import Frame
from orchestrator.model.planned import Planned
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.message import Message
from orchestrator.workspace.step import SendTime

Zones = tuple[ZoneInfo, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """How a person can be reached on one channel. `address` None: there is none or it does not parse; `suppressed` is
    `dead` or `complained`; `country` of the address where it has one; `configured`: the workspace names a sender."""

    address: str | None = None
    suppressed: str | None = None
    country: str | None = None
    configured: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """`consent` is the state (granted, revoked, pending, none) of the message's topic by channel; `window_open` is
    WhatsApp's 24-hour window; `template` says that the message has an approved template for the person's locale; `zones` are those that the person may
    be in, found when somebody asks."""

    planned: Planned
    message: Message
    journey: Journey
    message_class: MessageClass
    frame: Frame
    reach: Mapping[Channel, Reach]
    consent: Mapping[Channel, str]
    window_open: bool
    template: bool
    at_release: bool
    names: Mapping[str, object]
    zones: Callable[[], Zones]
    send_time: SendTime | None = None

    @property
    def transactional(self) -> bool:
        return self.message_class == "transactional"
