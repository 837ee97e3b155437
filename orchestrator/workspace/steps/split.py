"""`split`: shares of people, each on a path of its own; the same person always on the same."""

from typing import Any, cast

from orchestrator.workspace.reading import BAD, Reading
from orchestrator.workspace.shape import NAME_TEXT, Key, ListOf, Mapped, Raw, Shaped, Text
from orchestrator.workspace.step import Share, SplitStep
from orchestrator.workspace.steps.around import PATH, STEP_KEYS, Around, Spot
from orchestrator.workspace.yaml_node import Node

_ARM = Mapped({"name": Key(NAME_TEXT, required=True), "weight": Key(Raw("value"), required=True), "then": Key(PATH)}, what="an arm")
_ARMS = ListOf(_ARM, least=2, code="J031")
RESERVED = "winner"


class Arms(ListOf):
    """A list of arms, or the short form: a mapping of name to weight."""

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind != "map":
            return _ARMS.read(node, reading)
        names = [name for name in node.keys if not name.startswith("x_")]
        bad = [name for name in names if NAME_TEXT.read(node.keys[name], reading) is BAD]
        if len(names) < 2 and not bad:
            what = "a split of one arm" if names else "a split without arms"
            return reading.bad(node, "J031", what, "at least 2", "for example: {short: 50, long: 50}")
        return BAD if bad else node

    def schema(self) -> dict[str, object]:
        weights = {"type": "object", "additionalProperties": {"type": ["integer", "string"]}}
        return {"anyOf": [_ARMS.schema(), weights]}


SHAPE = Mapped({
    **STEP_KEYS, "split": Key(Arms(_ARM), required=True), "sticky": Key(Text(("customer", "run")), text="who is drawn for: the same person always, or each run anew"),
}, what="a split")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> SplitStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("split")
    rows: list[tuple[Node, Node, object]]
    if isinstance(given, Node):
        rows = [(given.keys[name], weight, None) for name, weight in given.entries.items() if not name.startswith("x_")]
        complete = True
    else:
        arms = cast("list[Shaped]", given if isinstance(given, list) else [])
        rows = [(one.at("name"), one.at("weight"), one.get("then")) for one in arms if "name" in one and "weight" in one]
        complete = len(rows) == len(arms)
    shares: list[Share] = []
    total = 0.0
    for named, weight, path in rows:
        name = named.text
        target = around.path(path, spot, spot.after)
        share = weight_of(weight)
        if name == RESERVED:
            around.reading.bad(named, "J032", f"'{RESERVED}' is reserved", "tests that choose by themselves will use it", "another name")
        if name in (one.name for one in shares):
            around.reading.bad(named, "J031", f"the arm '{name}' stands twice", "an arm is one path", "rename one")
        if share is None:
            around.reading.bad(weight, "J031", f"`{weight.text[:40]}` is no weight", "a whole number or a percentage", "weight: 50")
            return None
        total += share
        shares.append(Share(name, share / 100, target))
    if complete and shares and round(total, 6) != 100:
        around.reading.bad(
            shaped.at("split"), "J031", f"the weights add up to {total:g}", "everybody takes one arm", "make them add up to 100"
        )
    was = cast("list[str]", shaped.get("was", []))
    return SplitStep(spot.name, spot.after, tuple(shares), cast("Any", shaped.get("sticky", "customer")), was[0] if was else spot.name)


def weight_of(node: Node) -> float | None:
    """`50` or `12.5%`, in hundredths of all; None for anything else."""
    value = node.scalar() if node.kind == "scalar" else None
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if 0 <= value <= 100 else None
    text = node.text if node.kind == "scalar" and node.text.isascii() else ""
    number = text.removesuffix("%")
    whole, _, decimals = number.partition(".")
    if not text.endswith("%") or not whole.isdecimal() or len(decimals) > 2 or (decimals and not decimals.isdecimal()):
        return None
    return float(number) if float(number) <= 100 else None
