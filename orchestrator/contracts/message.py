"""The outbound message: one rendered message for one person on one channel, as it stands on an outbound topic.

Version 3 is that of a message that carries an `offer`, all others are of version 2 (version 1 had neither `failures`, `variant` nor `replaces`). Readers
accept earlier versions; a field is added with a default and never given a second meaning.
No address, name or text of it may enter a metric, a log line or a provider's tags.
"""

import msgspec

from orchestrator.contracts.topics import Channel, Lane, MessageClass

VERSION, WITH_OFFER = 2, 3
"""A sender that knows no offers would send one without asking whether it may go."""


class EmailContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="email"):
    """`headers` are set as they stand (List-Unsubscribe of RFC 2369/8058 among them)."""

    subject: str
    html: str
    text: str
    preheader: str = ""
    headers: dict[str, str] = {}


class TextContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="text"):
    """Free text: an SMS, or WhatsApp inside the 24-hour window. `segments` counts SMS parts (0 on WhatsApp)."""

    body: str
    segments: int = 0
    encoding: str = ""
    media: tuple[str, ...] = ()


class TemplateContent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="template"):
    """An approved WhatsApp template; `preview` is what it will read like, for people, never sent."""

    content_sid: str
    variables: dict[str, str]
    preview: str = ""


Content = EmailContent | TextContent | TemplateContent


class SenderAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who it comes from: an address (email), a number or alphanumeric id (SMS), a number (WhatsApp)."""

    address: str
    name: str = ""
    reply_to: str = ""


class LeftOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why the sender's last check kept an offer back: the message went without it."""

    reason: str
    rule: str | None = None
    case: str | None = None


class CarriedOffer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The offer in a message's content, and what the last check asks of it as marketing of its own `topic`; `without` is the content that
    goes where it may not go any more. `left_out` is set by the sender then; it does not stand on a topic."""

    name: str
    topic: str
    rules: tuple[str, ...] = ()
    without: Content
    left_out: LeftOut | None = None


class OutboundMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Instants are milliseconds since 1970, UTC. `intent` is 32 hex digits: the first 16 bytes of the intent's SHA-256.
    `attempt` counts how often it was published, `failures` the provider calls for it that came to nothing; `replaces` is the provider's
    id of the try before, where the provider took that and then said that it failed."""

    v: int = VERSION
    intent: str
    attempt: int = 1
    failures: int = 0
    replaces: str = ""
    partition: int
    customer: str
    channel: Channel
    lane: Lane
    message_class: MessageClass = msgspec.field(name="class")
    topic: str | None = None
    to: str
    sender: SenderAddress
    content: Content
    journey: str
    version: str = ""
    key: str = ""
    number: int = 1
    step: str
    visit: int = 1
    message: str
    variant: str = ""
    locale: str = ""
    rules: tuple[str, ...] = ()
    """Suppression rules whose selectors match this message and that read only the customer: the last check looks for them in the guard."""
    not_after: int | None = None
    """Its written or default expiry; None where the class and the text of the message have none."""
    quiet_from: int | None = None
    """When this customer's quiet hours begin; a sender past it gives the message back."""
    offer: CarriedOffer | None = None
    committed_at: int = 0
    caused_at: int = 0
    """Arrival of the input that caused it: event_to_provider_seconds is measured from here."""


_decoder = msgspec.json.Decoder(OutboundMessage)


def decode_message(value: bytes) -> OutboundMessage:
    """Raises msgspec.DecodeError, and ValueError for a version this code cannot read."""
    message = _decoder.decode(value)
    if message.v > WITH_OFFER:
        raise ValueError(f"outbound message of version {message.v}; this program reads up to {WITH_OFFER}: upgrade the sender first")
    # version 1 knew only one number: every publication after the first was taken for a failed try
    return message if message.v >= VERSION else msgspec.structs.replace(message, v=VERSION, failures=message.attempt - 1)


def without_offer(message: OutboundMessage, why: LeftOut) -> OutboundMessage:
    """As it goes where the last check keeps its offer back."""
    assert message.offer is not None
    return msgspec.structs.replace(message, content=message.offer.without, offer=msgspec.structs.replace(message.offer, left_out=why))


def encode_message(message: OutboundMessage) -> bytes:
    return msgspec.json.encode(message)
