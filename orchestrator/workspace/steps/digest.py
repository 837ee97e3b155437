"""`digest`: entry events are collected for a while, and go on as one run."""

from typing import cast

from orchestrator.workspace.compiling import expression_at
from orchestrator.workspace.shape import EXPRESSION, VALUE, Duration, Int, Key, Mapped, Shaped
from orchestrator.workspace.step import DigestStep
from orchestrator.workspace.steps.around import STEP_KEYS, Around, Spot

MOST = 500
"""Events in one digest."""
SHAPE = Mapped({**STEP_KEYS, "digest": Key(Mapped({
    "window": Key(Duration(), text="how long after the first event it closes"), "key": Key(EXPRESSION, text="one window for each value"), "max": Key(Int(1, MOST), text="closes at once when reached"),
    **{name: Key(VALUE, later=True) for name in ("at", "days")},
}, what="a digest"), required=True)}, what="a digest")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> DigestStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("digest")
    if not isinstance(given, Shaped):
        return None
    if not given.written("window") and not given.written("at"):
        around.reading.bad(given.node, "Y012", "a digest that never closes", "it collects for a time", "{window: 1h}")
    if "window" not in given:
        return None
    key = expression_at(given.get("key"), around.vocabulary(), around.reading) if "key" in given else None
    return DigestStep(spot.name, spot.after, cast("int", given.get("window")), key, cast("int", given.get("max", 100)))
