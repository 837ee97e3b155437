"""`send`: one message, on the first channel that can reach the person."""

from datetime import time
from typing import Any, cast

from orchestrator.contracts.topics import CHANNELS, CLASSES, STRICTNESS, Channel, MessageClass
from orchestrator.expressions.durations import write_duration
from orchestrator.expressions.problems import nearest
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.compiling import condition_at, expression_at, value_at
from orchestrator.workspace.message import SLOTS
from orchestrator.workspace.shape import EXPRESSION, NAME_TEXT, VALUE, Bool, Duration, Int, Key, ListOf, MapOf, Mapped, Shaped, Text
from orchestrator.workspace.step import Dedupe, Fallback, SendStep, SendTime
from orchestrator.workspace.steps.around import STEP_KEYS, Around, Spot
from orchestrator.workspace.time_shape import TimeOfDay
from orchestrator.workspace.yaml_node import Node

USUAL_EXPIRY = 72 * 3_600_000
"""Of a message for which nothing else is written, and which is not transactional."""
_DEDUPE = Mapped(
    {"within": Key(Duration(), required=True), "key": Key(EXPRESSION)}, short=Duration().read, short_form=Duration(), what="dedupe"
)
_ON = ("undeliverable", "unseen", "expired")
_FALLBACK = Mapped(
    {"on": Key(ListOf(Text(_ON), least=1)), "after": Key(Duration())},
    short=Text(("none",)).read,
    short_form=Text(("none",)),
    what="a fallback",
)
_SEND_TIME = Mapped({"best": Key(Bool(), required=True), "within": Key(Duration()), "otherwise": Key(TimeOfDay())}, what="a send_time")
SHAPE = Mapped({
    **STEP_KEYS, "send": Key(NAME_TEXT, required=True), "channels": Key(ListOf(Text(CHANNELS, code="J023"), least=1, code="J023"), required=True, text="in the order to try"),
    "choose": Key(Text(("first", "best", "all")), text="`best`: first where this customer reads; `all`: on each of them"), "if_held": Key(Text(("wait", "next"))), "only_if": Key(EXPRESSION), "expires": Key(Duration()),
    "class": Key(Text(CLASSES)), "priority": Key(Int(0, 100)), "with": Key(MapOf(VALUE, NAME_TEXT)),
    "dedupe": Key(_DEDUPE, text="not the same message again within it; `{within, key}` counts each value by itself"),
    "fallback": Key(_FALLBACK, text="when the next channel follows; `none`: never. Not written it is `{on: [undeliverable], after: 6h}`"),
    "send_time": Key(_SEND_TIME, text="hold it for the hour in which this customer reads most; with little known until `otherwise`"),
    "offer": Key(Text(SLOTS, code="M018"), text="where an offer stands that it may carry; `none`: it carries none here, whatever the message says"),
}, what="a send")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> SendStep | None:
    """The compiled step; problems are noted."""
    message = around.workspace.messages.get(str(shaped.get("send")))
    name = str(shaped.get("send"))
    if message is None and name not in around.reading.unread.messages:
        if "send" in shaped:
            around.reading.bad(
                shaped.at("send"),
                "J022",
                f"no message '{shaped.get('send')}'",
                "it stands in templates/messages",
                nearest(str(shaped.get("send")), around.workspace.messages, "messages"),
            )
        return None
    channels = tuple(cast("list[Channel]", shaped.get("channels", [])))
    if len(set(channels)) != len(channels):
        around.reading.bad(shaped.at("channels"), "J023", "a channel stands twice", "each is tried once", "remove one")
    for channel in channels:
        if message is not None and channel not in message.channels and name not in around.reading.unread.messages:
            around.reading.bad(
                shaped.at("channels"),
                "J024",
                f"'{name}' cannot be rendered for {channel}",
                "email needs a subject",
                "add it, or leave the channel out",
            )
    vocabulary = around.vocabulary(spot.events)
    step = SendStep(
        node=spot.name, next=spot.after, message=name, channels=channels, if_held=cast("Any", shaped.get("if_held", "wait")),
        only_if=condition_at(shaped.get("only_if"), vocabulary.of_a_message(), around.reading) if "only_if" in shaped else None,
        expires=cast("int | None", shaped.get("expires")), message_class=cast("MessageClass | None", shaped.get("class")), priority=cast("int | None", shaped.get("priority")),
        variables={key: value for key, node in cast("dict[str, Node]", shaped.get("with", {})).items() if (value := value_at(node, vocabulary, around.reading)) is not None},
        dedupe=_dedupe(shaped.get("dedupe"), vocabulary, around), fallback=_fallback(shaped, channels, around),
        choose=cast("Any", shaped.get("choose", "first")), send_time=_send_time(shaped.get("send_time"), around), offer=cast("Any", shaped.get("offer")),
    )  # fmt: skip
    _check_class(step, shaped, around)
    _check_fallback(step, shaped, around)
    return step


def _check_fallback(step: SendStep, shaped: Shaped, around: Around) -> None:
    """J046 for one that can only happen when the message has expired."""
    message, fallback = around.workspace.messages.get(step.message), step.fallback
    if message is None:
        return
    default = None if class_of(step, around) == "transactional" else USUAL_EXPIRY
    expires = next((one for one in (step.expires, message.expires, default) if one is not None), None)
    if fallback is None or not fallback.written or "undeliverable" in fallback.on or expires is None or fallback.after <= expires:
        return
    given = shaped.get("fallback")
    place = given.at("after") if isinstance(given, Shaped) else shaped.at("fallback")
    around.reading.bad(
        place, "J046", f"the fallback is always too late: it comes {write_duration(fallback.after)} after the message is sent",
        f"it expires {write_duration(expires)} after a run gets here, and then no further channel is tried", "a shorter `after`, or a longer `expires`",
    )  # fmt: skip


def _dedupe(given: object, vocabulary: Vocabulary, around: Around) -> Dedupe | None:
    if isinstance(given, int):
        return Dedupe(given)
    if not isinstance(given, Shaped) or "within" not in given:
        return None
    return Dedupe(cast("int", given.get("within")), expression_at(given.get("key"), vocabulary, around.reading) if "key" in given else None)


def _fallback(shaped: Shaped, channels: tuple[Channel, ...], around: Around) -> Fallback | None:
    given, default = shaped.get("fallback"), Fallback()
    if given == "none":
        return None
    everywhere = shaped.get("choose") == "all"
    if isinstance(given, Shaped) and (len(channels) == 1 or everywhere):
        around.reading.bad(
            shaped.at("fallback"),
            "J026",
            f"a fallback with {'`choose: all`' if everywhere else 'one channel'}",
            "it is the next of `channels`, and there is none",
            "remove it",
        )
    if len(channels) < 2 or everywhere:
        return None
    if not isinstance(given, Shaped):
        return default
    return Fallback(frozenset(cast("Any", given.get("on", default.on))), cast("int", given.get("after", default.after)), written=True)


def _send_time(given: object, around: Around) -> SendTime | None:
    if not isinstance(given, Shaped) or "best" not in given:
        return None
    if not given.get("best"):
        around.reading.bad(given.at("best"), "Y005", "`best: false`", "there is no other send_time", "remove `send_time`")
        return None
    default = SendTime()
    return SendTime(cast("int", given.get("within", default.within)), cast("time | None", given.get("otherwise")))


def class_of(step: SendStep, around: Around) -> str | None:
    """The step's, else the message's, else the journey's."""
    message = around.workspace.messages.get(step.message)
    return step.message_class or (message.message_class if message is not None else None) or around.journey_class


def _check_class(step: SendStep, shaped: Shaped, around: Around) -> None:
    message = around.workspace.messages.get(step.message)
    chosen = class_of(step, around)
    if message is None or step.message in around.reading.unread.messages:
        return
    if chosen is None:
        around.reading.bad(
            shaped.node, "M003", f"'{step.message}' has no class", "neither step, message nor journey names one", "class: service"
        )
    elif message.message_class and STRICTNESS[cast("MessageClass", chosen)] < STRICTNESS[message.message_class]:
        around.reading.bad(
            shaped.at("class"),
            "J025",
            f"{chosen} is looser than the message's {message.message_class}",
            "a step may be stricter, never looser",
            "remove `class`",
        )
    if chosen == "transactional" and shaped.written("send_time"):
        around.reading.bad(
            shaped.at("send_time"), "J027", "a transactional message that waits for an hour", "it is never held", "remove `send_time`"
        )
    if chosen == "marketing" and message.topic is None:
        around.reading.bad(
            shaped.at("send"),
            "M004",
            f"'{step.message}' is marketing and has no topic",
            "consent is asked by topic",
            "topic: offers in the message",
        )
