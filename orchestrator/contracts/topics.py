"""Names of the topics and the lanes messages travel in. One table; deployment files and processes read it."""

from typing import Literal, get_args

Channel = Literal["email", "sms", "whatsapp"]
Lane = Literal["transactional", "bulk"]
MessageClass = Literal["transactional", "service", "marketing"]

CHANNELS: tuple[Channel, ...] = get_args(Channel)
LANES: tuple[Lane, ...] = get_args(Lane)
CLASSES: tuple[MessageClass, ...] = get_args(MessageClass)

CUSTOMER_EVENTS = "customer-events"
DELIVERY_RECEIPTS = "delivery-receipts"
DECISIONS = "decisions"
OUTBOUND_CALLS = "outbound-calls"

STRICTNESS: dict[MessageClass, int] = {"transactional": 0, "service": 1, "marketing": 2}
"""How strictly a class is judged: a step may make a message stricter, never looser."""


def outbound(channel: Channel, lane: Lane) -> str:
    """The topic that carries rendered messages of one channel and lane."""
    return f"outbound-{channel}-{lane}"


def sender_group(channel: Channel, lane: Lane) -> str:
    """The consumer group of the processes that send one channel's lane."""
    return f"senders-{channel}-{lane}"


CALLERS = "senders-calls"
"""The consumer group of the processes that make calls."""


def lane_of(message_class: MessageClass) -> Lane:
    """Transactional messages have a lane of their own, so that a password reset never queues behind a broadcast."""
    return "transactional" if message_class == "transactional" else "bulk"


def dead_letters(topic: str) -> str:
    """The topic that keeps what could not be read from `topic`."""
    return f"{topic}-dlq"


OUTBOUND_TOPICS: tuple[str, ...] = tuple(outbound(channel, lane) for channel in CHANNELS for lane in LANES)
INPUT_TOPICS: tuple[str, ...] = (CUSTOMER_EVENTS, DELIVERY_RECEIPTS)
TOPICS: tuple[str, ...] = (
    *INPUT_TOPICS, *OUTBOUND_TOPICS, OUTBOUND_CALLS, DECISIONS, *(dead_letters(t) for t in (*INPUT_TOPICS, *OUTBOUND_TOPICS, OUTBOUND_CALLS)),
)  # fmt: skip
