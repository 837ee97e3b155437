"""`delay`: for a time, or until an instant."""

from datetime import time
from typing import cast

from orchestrator.expressions.expression import Expression
from orchestrator.expressions.instant_check import no_instant
from orchestrator.workspace.compiling import expression_at
from orchestrator.workspace.shape import EXPRESSION, Duration, Key, Mapped, Shaped
from orchestrator.workspace.step import EXIT, DelayStep
from orchestrator.workspace.steps.around import PATH, STEP_KEYS, Around, Spot
from orchestrator.workspace.time_shape import Clock, Days, TimeOfDay

SHAPE = Mapped({**STEP_KEYS, "delay": Key(Mapped({
    "for": Key(Duration()), "until": Key(EXPRESSION), "offset": Key(Duration(signed=True)), "past": Key(PATH), "missing": Key(PATH),
    "at": Key(TimeOfDay(), text="the first such local time, on one of `days`"), "days": Key(Days()), "timezone": Key(Clock(), text="`customer` where none is named"),
}, short=Duration().read, short_form=Duration(), what="a delay"), required=True)}, what="a delay")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> DelayStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("delay")
    if isinstance(given, int):
        return DelayStep(spot.name, spot.after, duration=given)
    if not isinstance(given, Shaped):
        return None
    if given.written("for") and given.written("until"):
        around.reading.bad(given.node, "J030", "`for` and `until` together", "one of them says how long", "keep one")
        return None
    if not any(given.written(key) for key in ("for", "until", "at")):
        if given.written("days"):
            around.reading.bad(
                given.node.keys["days"], "J030", "`days` without `at`", "they say on which days a time is meant", 'at: "09:00"'
            )
        else:
            around.reading.bad(
                given.node,
                "J030",
                "a delay without an end",
                "`for`, `until` or `at` says how long",
                "{for: 2d}, or {until: entry.visit_at}",
            )
        return None
    for key in ("days", "timezone"):
        if given.written(key) and not given.written("at"):
            around.reading.bad(given.node.keys[key], "J030", f"`{key}` without `at`", "it speaks of a local time", 'at: "09:00"')
    for key in ("offset", "past", "missing"):
        if given.written(key) and not given.written("until"):
            around.reading.bad(
                given.node.keys[key], "J030", f"`{key}` without `until`", "it speaks of an instant", "remove it, or write until"
            )
    if not any(key in given for key in ("for", "until", "at")) or any(
        given.written(key) and key not in given for key in ("for", "at", "days", "timezone")
    ):
        return None
    until = expression_at(given.get("until"), around.vocabulary(), around.reading) if "until" in given else None
    if "until" in given and (until is None or not _may_be_instant(until, given, around)):
        return None
    return DelayStep(
        spot.name, spot.after, duration=cast("int | None", given.get("for")), until=until, offset=cast("int", given.get("offset", 0)),
        at=cast("time | None", given.get("at")), days=cast("frozenset[int]", given.get("days", frozenset())), timezone=str(given.get("timezone", "customer")),
        past=around.path(given.get("past"), spot, spot.after), missing=around.path(given.get("missing"), spot, EXIT),
    )  # fmt: skip


def _may_be_instant(until: Expression, given: Shaped, around: Around) -> bool:
    """Y004 for what never gives one: the wait would be over before it began, for everybody."""
    kind = no_instant(until.text, around.vocabulary())
    if kind is None:
        return True
    fix = "write `for`, or now + duration('2h')" if kind.name == "duration" else "name an instant: entry.visit_at"
    around.reading.bad(given.at("until"), "Y004", f"wanted an instant, got {kind.article} {kind.name}", "it never says until when", fix)
    return False
