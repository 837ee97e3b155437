"""`entry` of a journey: by events, by joining or leaving an audience, or by the clock."""

from typing import Any, cast

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.audience import BY_AUDIENCE
from orchestrator.workspace.compiling import condition_at, expression_at
from orchestrator.workspace.event_match import each_known
from orchestrator.workspace.journey import Entry, Reentry
from orchestrator.workspace.profile_file import EVENTS
from orchestrator.workspace.schedule_file import SCHEDULE, read_schedule
from orchestrator.workspace.scheduled_entry import BY_SCHEDULE
from orchestrator.workspace.shape import EXPRESSION, Bool, Duration, Int, Key, Mapped, Reading, Shaped, Text
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.yaml_node import Node

KINDS = ("event", "audience", "schedule")
OF_AUDIENCES = ("change", "existing")


def _short_reentry(node: Node, reading: Reading) -> object:
    """`always` or `never`."""
    if node.kind == "scalar" and node.text in ("always", "never"):
        return Reentry(never=node.text == "never")
    near = nearest(node.text, ("always", "never"))
    fix = near if near.startswith("did you mean") else "reentry: {after: 30d}"
    return reading.bad(node, "Y005", f"'{node.text}' is not allowed here", "always, never, or a mapping", fix)


_REENTRY = Mapped({
    "after": Key(Duration()), "max": Key(Int(1)), "never": Key(Bool()), "per": Key(Text(("key", "customer"))),
    "on_repeat": Key(Text(("ignore", "restart", "parallel"))),
}, short=_short_reentry, short_form=Text(("always", "never")), what="reentry")  # fmt: skip
ENTRY = Mapped({
    "event": Key(EVENTS), "audience": Key(Text(), text="instead of `event`: enters when membership changes"),
    "change": Key(Text(("joins", "leaves")), text="of `audience`; joins unless told"),
    "existing": Key(Text(("skip", "enter")), text="whether those enter who are in the audience already when the journey first goes live; skip unless told"),
    "key": Key(EXPRESSION, text="with `event`: one run per value"), "when": Key(EXPRESSION), "expires": Key(Duration()), "reentry": Key(_REENTRY),
    "schedule": Key(SCHEDULE, text="instead of `event`: everybody, or an audience, enters at a time"),
}, what="entry")  # fmt: skip


def read_entry(one: Shaped, words: Vocabularies, reading: Reading) -> Entry | None:
    """The compiled entry, or None with the problems noted."""
    written = [key for key in KINDS if one.written(key)]
    why = "people get in by exactly one of event, audience, schedule"
    if len(written) > 1:
        first, second = written[:2]
        reading.bad(one.node.keys[second], "J003", f"'{second}' beside '{first}'", why, "keep one, and make a journey of the other")
    if not written:
        reading.bad(one.node, "J003", "the entry names no event", why, "event: Order Placed")
    if len(written) != 1:
        return None
    if "audience" in one:
        return _by_audience(one, words, reading)
    for key in OF_AUDIENCES:
        if one.written(key):
            reading.bad(
                one.node.keys[key], "Y005", f"'{key}' without `audience`", "it says which members of an audience enter", "remove it"
            )
    if one.written("schedule"):
        return _by_schedule(one, words, reading)
    events = tuple(cast("list[str]", one.get("event", [])))
    if not events:
        return None
    each_known(events, one.at("event"), words, reading)
    return Entry(
        events=events,
        key=expression_at(one.get("key"), words.entry(events), reading) if "key" in one else None,
        **_whatever_the_kind(one, events, words, reading),
    )


def _by_audience(one: Shaped, words: Vocabularies, reading: Reading) -> Entry | None:
    name, change, existing = (str(one.get(key, default)) for key, default in (("audience", ""), ("change", "joins"), ("existing", "skip")))
    if one.written("key"):
        reading.bad(
            one.node.keys["key"], "J004", "`key` without `event`", "a person is in an audience or is not: there is one run", "remove it"
        )
    if change == "leaves" and existing == "enter":
        why = "who is in the audience has not left it, and whoever never was has nothing to leave"
        reading.bad(one.at("existing"), "Y005", "`existing: enter` beside `change: leaves`", why, "remove it")
    if words.audiences is not None and name not in words.audiences:
        why = "it stands in config/audiences.yaml"
        reading.bad(one.at("audience"), "J007", f"no audience '{name}'", why, nearest(name, words.audiences, "audiences"))
        return None
    kept = _whatever_the_kind(one, (BY_AUDIENCE,), words, reading)
    return Entry(events=(), audience=name, change=cast("Any", change), existing=cast("Any", existing), **kept)


def _by_schedule(one: Shaped, words: Vocabularies, reading: Reading) -> Entry | None:
    if one.written("key"):
        reading.bad(
            one.node.keys["key"], "J004", "`key` without `event`", "with a schedule there is one run for each occurrence", "remove it"
        )
    given = one.get("schedule")
    schedule = read_schedule(given, words, reading) if isinstance(given, Shaped) else None
    kept = _whatever_the_kind(one, (BY_SCHEDULE,), words, reading)
    return None if schedule is None else Entry(events=(), schedule=schedule, **kept)


def _whatever_the_kind(one: Shaped, speaks_of: tuple[str, ...], words: Vocabularies, reading: Reading) -> dict[str, Any]:
    """`when`, `expires`, `reentry`."""
    reentry = one.get("reentry", Reentry())
    if isinstance(reentry, Shaped):
        values = reentry.values
        if values.get("never") and len(values.keys() & {"after", "max"}):
            reading.bad(reentry.node, "J008", "`never` beside `after` or `max`", "they contradict", "keep one")
        if reentry.written("per") and not any(reentry.written(key) for key in ("after", "max", "never")):
            what, why = "`per` without `after`, `max` or `never`", "it says by what these are counted"
            reading.bad(reentry.node.keys["per"], "J008", what, why, "after: 30d, or remove it")
        reentry = Reentry(**values)  # type: ignore[arg-type]  # the shape's keys are the fields
    when = condition_at(one.get("when"), words.entry(speaks_of), reading) if "when" in one else None
    return {"when": when, "expires": cast("int", one.get("expires", 86_400_000)), "reentry": reentry}
