"""What may stand in `given`, `when` and `then` of a journey's test."""

from orchestrator.contracts.receipt import STATUSES
from orchestrator.contracts.topics import CHANNELS
from orchestrator.workspace.guard import WINDOWS
from orchestrator.workspace.offers_file import InATest
from orchestrator.workspace.shape import NAME_TEXT, VALUE, Bool, Duration, Int, Key, ListOf, MapOf, Mapped, Percent, Text, Yes

MOST_PEOPLE = 100_000
"""Of a population."""
MOST_REPEATS = 10_000
_EVERY_CHANNEL = Text(("*", *CHANNELS))
_CUSTOMER = Key(VALUE, text="whom it is about; everybody, where there are several and it is left out")
_TRAITS = MapOf(VALUE)
_OFFSET = Duration(signed=True)

_CONSENT = Mapped({
    "customer": _CUSTOMER, "channel": Key(_EVERY_CHANNEL), "topic": Key(Text()),
    "state": Key(Text(("granted", "revoked", "pending", "none")), required=True, text="`none` takes back what the default grants"),
}, what="a consent")  # fmt: skip
_ISSUE = Mapped({"customer": _CUSTOMER, "kind": Key(Text()), "id": Key(VALUE)}, what="an issue")
_PAST = Mapped({
    "customer": _CUSTOMER, "event": Key(Text(), required=True), "at": Key(_OFFSET, text="before the start: `-3d`"), "with": Key(_TRAITS),
}, what="an event of the past")  # fmt: skip
_ANSWER = Mapped({"status": Key(Int(100, 599)), "headers": Key(MapOf(VALUE)), "body": Key(VALUE)}, what="a service's answer")
GIVEN = Mapped({
    "customer": Key(_TRAITS, text="traits of the one there is, or of everybody in a `population`; `null` unsets"), "customers": Key(MapOf(_TRAITS), text="names to traits"),
    "population": Key(Int(1, MOST_PEOPLE), text="so many, `p1`, `p2`, …"),
    "consents": Key(ListOf(_CONSENT)), "issues": Key(ListOf(_ISSUE), text="cases that are open"), "history": Key(ListOf(_PAST)),
    "policies": Key(VALUE, text="in place of `policies.yaml`, key by key; `none`: without rules"),
    "windows": Key(Mapped({"whatsapp": Key(Text(("open", "closed")))}, what="windows")),
    "templates": Key(Mapped({"whatsapp": Key(Text(("approved", "pending", "rejected")))}, what="templates")),
    "held_out": Key(ListOf(VALUE), text="customers who are in the holdout"), "arms": Key(MapOf(Text(), NAME_TEXT), text="splits to the arm that is taken"),
    "webhooks": Key(MapOf(_ANSWER, NAME_TEXT), text="steps to what their service answers; 200 with `{}` otherwise"),
    "offers": Key(ListOf(InATest(), single=True), text="in place of `offers.yaml`: names of its offers, or others as they stand there; `none`: without"),
    "lookups": Key(VALUE, later=True),
}, what="given")  # fmt: skip

_RECEIPT = Mapped({
    "step": Key(Text(), required=True), "status": Key(Text(STATUSES), required=True), "channel": Key(Text(CHANNELS)), "code": Key(VALUE),
    "human": Key(Bool(), text="false: a scanner or a proxy"),
}, what="a receipt")  # fmt: skip
_REPLY = Mapped({"channel": Key(Text(CHANNELS), required=True), "text": Key(VALUE, required=True)}, what="a reply")
_UNSUBSCRIBE = Mapped({"step": Key(Text(), required=True), "by": Key(Text(("one_click", "page", "scanner")))}, what="an unsubscribe")
HOWS = ("down", "queued", "rejected", "undeliverable", "withheld", "timeout", "rate_limited")
"""Of a channel; a webhook knows four of them."""
_FAIL = Mapped({
    "channel": Key(_EVERY_CHANNEL), "webhook": Key(Text()), "how": Key(Text(HOWS), required=True), "for": Key(Duration(), text="to the end, where it is left out"),
    "provider": Key(Text(), text="a name of concierge.toml; `sandbox` where none is named"), "lookup": Key(VALUE, later=True),
}, what="a failure")  # fmt: skip
_STATS = Mapped({
    "journey": Key(NAME_TEXT, text="the file's own where it is left out"), "within": Key(Text(tuple(WINDOWS)), required=True),
    **{name: Key(Int(0)) for name in ("sends", "complaints", "bounces")},
}, what="stats")  # fmt: skip
WHEN = Mapped({
    "at": Key(VALUE, text="from the start: `30h`"), "local": Key(Text(), text="or this date and time, where the customer is"),
    "customer": Key(VALUE, text='a name, or `"*"` for all; left out where there is only one'),
    "repeat": Key(Int(1, MOST_REPEATS)), "every": Key(Duration(zero=True), text="between two repetitions"),
    "event": Key(Text()), "with": Key(_TRAITS), "type": Key(Text(("track", "page", "screen"))), "id": Key(VALUE, text="its messageId"),
    "timestamp": Key(VALUE, text="an instant, or a duration from the start"), "anonymous": Key(VALUE),
    "identify": Key(VALUE), "alias": Key(VALUE), "previous": Key(VALUE),
    "receipt": Key(_RECEIPT), "reply": Key(_REPLY), "unsubscribe": Key(_UNSUBSCRIBE), "fail": Key(_FAIL),
    "apply": Key(Text(), text="a new version of the journey"), "pause": Key(Yes()), "resume": Key(Yes()), "erase": Key(Yes()),
    "stats": Key(_STATS, text="numbers for the reputation guard, in place of what it has counted"),
}, what="a `when` item")  # fmt: skip

_SHARE = Mapped({"between": Key(ListOf(Percent(), least=2, most=2), required=True, text="`[9.5%, 10.5%]`")}, what="a share")
_PLAN = Mapped({
    "moved": Key(MapOf(Int(0), NAME_TEXT), text="step of the new text, or `exit`, to the people who were sent there"),
    "refused": Key(ListOf(Text()), text="lint codes of what `apply` would refuse; then nothing is applied"),
}, what="plan")  # fmt: skip
_EXPECTED = ListOf(MapOf(VALUE))
"""Items whose keys are looked at by what they are of."""
_LISTS = ("sends", "skips", "holds", "ends")
THEN = Mapped({
    **{name: Key(_EXPECTED) for name in (*_LISTS, "first")},
    "includes": Key(Mapped({name: Key(_EXPECTED) for name in _LISTS}, what="includes"), text="these occur; there may be others"),
    "counts": Key(Mapped({name: Key(Int(0)) for name in (*_LISTS, "entries", "goals")}, what="counts")),
    "customer": Key(_TRAITS, text="traits at the end"), "facts": Key(Text(("equal",)), text="every channel of a message states them alike"),
    "paused": Key(ListOf(NAME_TEXT), text="journeys that are paused at the end, all of them"),
    "held_out": Key(_SHARE, text="which part of those who came was held out"), "arms": Key(MapOf(_SHARE, NAME_TEXT), text="arm of a split to the part of the people who took it"),
    "plan": Key(_PLAN, text="of all that the test applies"),
}, what="then")  # fmt: skip
