"""A message as content renders it: one source for every channel. The loader makes these; templates are kept as text and
compiled by the content room, so that this file knows nothing of a template engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.contracts.topics import Channel, MessageClass

HOUR = 3_600_000
Slot = Literal["before_body", "after_body", "none"]
SLOTS: tuple[Slot, ...] = ("before_body", "after_body", "none")


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing the message asks for."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Image:
    """`alt` stands where pictures don't."""

    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A passage with its own safety net."""

    body: str
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class LocaleContent:
    """The source text in one locale. All strings but `facts` are templates; facts are expressions."""

    body: str
    subject: str | None = None
    preheader: str | None = None
    facts: tuple[str, ...] = ()
    action: Action | None = None
    image: Image | None = None
    blocks: Mapping[str, Block] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variant:
    """Another wording: all its locales, complete. `weight` in percent."""

    name: str
    weight: int
    content: Mapping[str, LocaleContent]


@dataclass(frozen=True, slots=True)
class EmailOptions:
    """Overrides for email; `subject` and `body` map locale to template."""

    subject: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    layout: str = "default"


@dataclass(frozen=True, slots=True)
class SmsOptions:
    """Overrides for SMS. Above `max_segments`: `next_channel` passes the channel over, `send` sends all the same."""

    body: Mapping[str, str] = field(default_factory=dict)
    layout: str = "default"
    max_segments: int = 4
    over: Literal["next_channel", "send"] = "next_channel"
    encoding: Literal["auto", "gsm7"] = "auto"


@dataclass(frozen=True, slots=True)
class WhatsappOptions:
    """Free text inside the window (override or derived); outside it the approved template. `variables` are expressions."""

    body: Mapping[str, str] = field(default_factory=dict)
    layout: str = "default"
    content_sid: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    category: Literal["utility", "marketing", "authentication"] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `expires` is None where the file writes none (72 h then holds for all but transactional)."""

    name: str
    version: str
    content: Mapping[str, LocaleContent]
    title: str = ""
    message_class: MessageClass | None = None
    topic: str | None = None
    expires: int | None = None
    sender: str = "default"
    email: EmailOptions = EmailOptions()
    sms: SmsOptions = SmsOptions()
    whatsapp: WhatsappOptions = WhatsappOptions()
    channels: tuple[Channel, ...] = ("email", "sms", "whatsapp")
    """Channels it can render: email needs a subject, WhatsApp and SMS need a body or a template."""
    file: str = ""
    variants: tuple[Variant, ...] = ()
    offer: Slot = "none"
    """Where an offer stands that it may carry."""


DEFAULT_EXPIRES = 72 * HOUR
"""How long a message stays worth sending where nothing is written."""
