"""`jump`: to another step; back no more than `max` times in a run."""

from typing import cast

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.shape import NAME_TEXT, Int, Key, Mapped, Shaped
from orchestrator.workspace.step import JumpStep
from orchestrator.workspace.steps.around import STEP_KEYS, Around, Spot

SHAPE = Mapped({
    **STEP_KEYS, "jump": Key(NAME_TEXT, required=True), "max": Key(Int(1, 1_000), text="how often a run may take it; required for a jump back"),
}, what="a jump")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> JumpStep | None:
    """The compiled step; problems are noted. Where it leads to is checked when all steps are known."""
    if "jump" not in shaped:
        return None
    target = str(shaped.get("jump"))
    if target not in around.ids:
        around.reading.bad(
            shaped.at("jump"), "J016", f"no step is called '{target}'", "a jump goes to a step of this list, or of one around it", nearest(target, around.ids, "steps")
        )  # fmt: skip
        return None
    return JumpStep(spot.name, spot.after, target, cast("int | None", shaped.get("max")))
