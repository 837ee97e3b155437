"""`throttle`: so many runs may pass in so much time."""

from typing import cast

from orchestrator.workspace.compiling import expression_at
from orchestrator.workspace.shape import EXPRESSION, Duration, Int, Key, Mapped, Shaped, Text
from orchestrator.workspace.step import ThrottleStep
from orchestrator.workspace.steps.around import PATH, STEP_KEYS, Around, Spot
from orchestrator.workspace.yaml_node import Node

SHAPE = Mapped({**STEP_KEYS, "throttle": Key(Mapped({
    "max": Key(Int(1), required=True), "per": Key(Duration(), required=True), "scope": Key(Text(("customer", "journey")), text="whose runs are counted: this customer's, or everybody's"),
    "key": Key(EXPRESSION, text="counts the runs of each value by themselves"), "over": Key(PATH, text="`wait`, or a path to take instead"),
}, what="a throttle"), required=True)}, what="a throttle")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> ThrottleStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("throttle")
    if not isinstance(given, Shaped):
        return None
    over = given.get("over")
    waits = not isinstance(over, Node) or (over.kind == "scalar" and over.text == "wait")
    target = None if waits else around.path(over, spot, spot.after)
    key = expression_at(given.get("key"), around.vocabulary(), around.reading) if "key" in given else None
    everybody = given.get("scope") == "journey"
    if everybody and "key" in given:
        around.reading.bad(
            given.node.keys["key"], "J034", "`key` with `scope: journey`", "everybody's runs are counted together", "remove it"
        )
    if "max" not in given or "per" not in given:
        return None
    return ThrottleStep(spot.name, spot.after, cast("int", given.get("max")), cast("int", given.get("per")), key, target, everybody)
