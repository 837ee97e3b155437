"""`branch`: the first arm whose condition is true."""

from typing import cast

from orchestrator.workspace.compiling import condition_at
from orchestrator.workspace.shape import EXPRESSION, Key, ListOf, Mapped, Shaped
from orchestrator.workspace.step import Arm, BranchStep
from orchestrator.workspace.steps.around import PATH, STEP_KEYS, Around, Spot

_ARM = Mapped({"when": Key(EXPRESSION), "then": Key(PATH), "otherwise": Key(PATH)}, what="an arm")
SHAPE = Mapped({**STEP_KEYS, "branch": Key(ListOf(_ARM, least=1), required=True)}, what="a branch")


def read(shaped: Shaped, spot: Spot, around: Around) -> BranchStep:
    """The compiled step; problems are noted."""
    arms: list[Arm] = []
    given = cast("list[Shaped]", shaped.get("branch", []))
    for number, one in enumerate(given, 1):
        if "otherwise" in one:
            if "when" in one or "then" in one:
                around.reading.bad(
                    one.node, "Y004", "`otherwise` beside `when` or `then`", "it is an arm of its own", "write it as the last item"
                )
            elif number < len(given):
                around.reading.bad(one.node, "Y004", "`otherwise` is not last", "no arm after it could be taken", "move it to the end")
            arms.append(Arm(None, around.path(one.get("otherwise"), spot, spot.after)))
            continue
        when = condition_at(one.get("when"), around.vocabulary(), around.reading)
        if one.lost("when") or one.lost("then") or "otherwise" in one.misspelt:
            continue
        if not one.written("when") or not one.written("then"):
            around.reading.bad(one.node, "Y012", "an arm needs `when` and `then`", "or `otherwise`, last", "{when: …, then: …}")
            continue
        target = around.path(one.get("then"), spot, spot.after)
        if when is not None:
            arms.append(Arm(when, target))
    if arms and len(arms) == len(given) and all("otherwise" in one for one in given):
        place = given[0].node.keys["otherwise"]
        around.reading.bad(place, "Y012", "`otherwise` without an arm before it", "a branch asks something", "{when: …, then: …}")
    return BranchStep(spot.name, spot.after, tuple(arms))
