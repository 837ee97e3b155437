"""`digest`: entry events are collected for a while, and go on as one run."""

from datetime import time
from typing import cast

from orchestrator.workspace.compiling import expression_at
from orchestrator.workspace.shape import EXPRESSION, Duration, Int, Key, Mapped, Shaped
from orchestrator.workspace.step import DigestStep
from orchestrator.workspace.steps.around import STEP_KEYS, Around, Spot
from orchestrator.workspace.time_shape import Days, TimeOfDay

MOST = 500
"""Events in one digest."""
SHAPE = Mapped({**STEP_KEYS, "digest": Key(Mapped({
    "window": Key(Duration(), text="how long after the first event it closes"), "key": Key(EXPRESSION, text="one window for each value"), "max": Key(Int(1, MOST), text="closes at once when reached"),
    "at": Key(TimeOfDay(), text="closes at the next such local time, instead of after `window`"), "days": Key(Days()),
}, what="a digest"), required=True)}, what="a digest")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> DigestStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("digest")
    if not isinstance(given, Shaped):
        return None
    if given.written("window") == given.written("at"):
        what = "`window` and `at` together" if given.written("at") else "a digest that never closes"
        around.reading.bad(given.node, "Y004" if given.written("at") else "Y012", what, "one of them says when it closes", "{window: 1h}")
        return None
    if given.written("days") and not given.written("at"):
        around.reading.bad(given.node.keys["days"], "J030", "`days` without `at`", "they say on which days a time is meant", 'at: "17:00"')
    if "window" not in given and "at" not in given:
        return None
    key = expression_at(given.get("key"), around.vocabulary(), around.reading) if "key" in given else None
    return DigestStep(
        spot.name,
        spot.after,
        cast("int", given.get("window", 0)),
        key,
        cast("int", given.get("max", 100)),
        cast("time | None", given.get("at")),
        cast("frozenset[int]", given.get("days", frozenset())),
    )
