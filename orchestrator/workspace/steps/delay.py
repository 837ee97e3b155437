"""`delay`: for a time, or until an instant."""

from typing import cast

from orchestrator.workspace.compiling import expression_at
from orchestrator.workspace.shape import EXPRESSION, VALUE, Duration, Key, Mapped, Shaped
from orchestrator.workspace.step import EXIT, DelayStep
from orchestrator.workspace.steps.around import PATH, STEP_KEYS, Around, Spot

SHAPE = Mapped({**STEP_KEYS, "delay": Key(Mapped({
    "for": Key(Duration()), "until": Key(EXPRESSION), "offset": Key(Duration(signed=True)), "past": Key(PATH), "missing": Key(PATH),
    **{name: Key(VALUE, later=True) for name in ("at", "days", "timezone")},
}, short=Duration().read, what="a delay"), required=True)}, what="a delay")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> DelayStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("delay")
    if isinstance(given, int):
        return DelayStep(spot.name, spot.after, duration=given)
    if not isinstance(given, Shaped):
        return None
    if given.written("for") == given.written("until"):
        if given.written("for") or not given.written("at"):
            what = "`for` and `until` together" if given.written("for") else "neither `for` nor `until`"
            fix = "keep one" if given.written("for") else "{for: 2d}, or {until: entry.visit_at}"
            around.reading.bad(given.node, "J030", what, "one of them says how long", fix)
        return None
    for key in ("offset", "past", "missing"):
        if given.written(key) and not given.written("until"):
            around.reading.bad(
                given.node.keys[key], "J030", f"`{key}` without `until`", "it speaks of an instant", "remove it, or write until"
            )
    if "for" not in given and not given.written("until"):
        return None
    until = expression_at(given.get("until"), around.vocabulary(), around.reading) if "until" in given else None
    if "until" in given and until is None:
        return None
    return DelayStep(
        spot.name, spot.after, duration=cast("int | None", given.get("for")), until=until, offset=cast("int", given.get("offset", 0)),
        past=around.path(given.get("past"), spot, spot.after), missing=around.path(given.get("missing"), spot, EXIT),
    )  # fmt: skip
