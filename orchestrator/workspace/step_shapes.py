"""The keys of every step: reading, JSON Schema and reference follow from here."""

from orchestrator.contracts.topics import CHANNELS, CLASSES
from orchestrator.workspace.profile_file import EVENTS
from orchestrator.workspace.shape import (
    EXPRESSION,
    NAME,
    NAME_TEXT,
    VALUE,
    Duration,
    Int,
    Key,
    ListOf,
    MapOf,
    Mapped,
    Raw,
    Text,
)

LATER = ("time_window", "split", "digest", "throttle", "emit", "webhook", "jump")


_STEP = {
    "id": Key(Text(pattern=NAME, code="J014", form="a name: a-z, 0-9 and _, first a letter", example="first_mail")),
    "title": Key(Text()),
    "note": Key(Text()),
    "was": Key(ListOf(NAME_TEXT), later=True),
}


_PATH = Raw("value")


_ANY = Mapped(
    {
        "event": Key(EVENTS),
        "when": Key(EXPRESSION),
        "match": Key(EXPRESSION),
        "same": Key(ListOf(Text(), single=True)),
        "as": Key(NAME_TEXT),
        "then": Key(_PATH),
    },
    what="an alternative",
)


STEPS: dict[str, Mapped] = {
    "send": Mapped({
        **_STEP, "send": Key(NAME_TEXT, required=True), "channels": Key(ListOf(Text(CHANNELS, code="J023"), least=1, code="J023"), required=True, text="in the order to try"),
        "choose": Key(Text(("first",), later=("best", "all"))), "if_held": Key(Text(("wait", "next"))), "only_if": Key(EXPRESSION), "expires": Key(Duration()),
        "class": Key(Text(CLASSES)), "priority": Key(Int(0, 100)), "with": Key(MapOf(VALUE, NAME_TEXT)),
        **{name: Key(VALUE, later=True) for name in ("fallback", "dedupe", "send_time", "offer")},
    }, what="a send"),
    "delay": Mapped({**_STEP, "delay": Key(Mapped({
        "for": Key(Duration()), "until": Key(EXPRESSION), "offset": Key(Duration(signed=True)), "past": Key(_PATH), "missing": Key(_PATH),
        **{name: Key(VALUE, later=True) for name in ("at", "days", "timezone")},
    }, short=Duration().read, what="a delay"), required=True)}, what="a delay"),
    "wait_until": Mapped({**_STEP, "wait_until": Key(Mapped({
        "event": Key(EVENTS), "match": Key(EXPRESSION), "same": Key(ListOf(Text(), single=True)), "when": Key(EXPRESSION), "any": Key(ListOf(_ANY, least=2, most=8)),
        "since": Key(Text()), "timeout": Key(Duration()),
    }, what="wait_until"), required=True), "on_event": Key(_PATH), "on_timeout": Key(_PATH)}, what="a wait_until"),
    "branch": Mapped({**_STEP, "branch": Key(ListOf(Mapped({"when": Key(EXPRESSION), "then": Key(_PATH), "otherwise": Key(_PATH)}, what="an arm"), least=1), required=True)}, what="a branch"),
    "update_profile": Mapped({**_STEP, "update_profile": Key(Mapped({
        "set": Key(MapOf(VALUE)), "unset": Key(ListOf(Text())), "add": Key(MapOf(VALUE)), "remove": Key(MapOf(VALUE)), "increment": Key(MapOf(VALUE)),
    }, what="update_profile"), required=True)}, what="an update_profile"),
    "exit": Mapped({**_STEP, "exit": Key(Raw("value"), required=True)}, what="an exit"),
}  # fmt: skip
