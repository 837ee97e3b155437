"""`update_profile`: declared traits changed by a journey."""

from typing import cast

from orchestrator.workspace.compiling import value_at
from orchestrator.workspace.shape import VALUE, Key, ListOf, MapOf, Mapped, Shaped, Text
from orchestrator.workspace.step import UpdateProfileStep
from orchestrator.workspace.steps.around import STEP_KEYS, Around, Spot
from orchestrator.workspace.trait_change import changeable
from orchestrator.workspace.yaml_node import Node

_CHANGES = ("set", "add", "remove", "increment")
SHAPE = Mapped({**STEP_KEYS, "update_profile": Key(Mapped({
    "set": Key(MapOf(VALUE)), "unset": Key(ListOf(Text())), "add": Key(MapOf(VALUE)), "remove": Key(MapOf(VALUE)), "increment": Key(MapOf(VALUE)),
}, what="update_profile"), required=True)}, what="an update_profile")  # fmt: skip


def _says(node: Node) -> bool:
    return bool(node.items or node.entries) or (node.kind == "scalar" and not node.empty)


def read(shaped: Shaped, spot: Spot, around: Around) -> UpdateProfileStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("update_profile")
    if not isinstance(given, Shaped):
        return None
    vocabulary = around.vocabulary(spot.events)
    profile = around.workspace.profile
    if not any(_says(node) for key, node in given.node.entries.items() if not key.startswith("x_")):
        around.reading.bad(given.node, "Y012", "an update_profile that changes nothing", "one of its keys says what", "set: {trait: value}")
    found: dict[str, dict[str, object]] = {}
    for key in _CHANGES:
        values = cast("dict[str, Node]", given.get(key, {}))
        found[key] = {}
        for trait, node in values.items():
            if not changeable(trait, key, node, given.at(key).keys[trait], profile, around.reading):
                continue
            value = value_at(node, vocabulary, around.reading)
            if value is not None:
                found[key][trait] = value
    unset = tuple(cast("list[str]", given.get("unset", [])))
    for index, trait in enumerate(unset):
        changeable(trait, "unset", None, given.at("unset").items[index], profile, around.reading)
    return UpdateProfileStep(spot.name, spot.after, found["set"], unset, found["add"], found["remove"], found["increment"])  # type: ignore[arg-type]  # value templates
