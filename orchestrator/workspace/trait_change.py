"""What lint says of `update_profile`: traits that cannot be changed, or not so (J035)."""

import re
from collections.abc import Mapping

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.profile import ProfileConfig, Trait
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.yaml_node import Node

_WHY = "only declared traits that are not computed"
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def changeable(name: str, key: str, value: Node | None, place: Node, profile: ProfileConfig, reading: Reading) -> bool:
    """Whether `key` (set, unset, add, remove, increment) can be done to the trait with this value; if not, the problem is noted."""
    trait = profile.traits.get(name)
    if trait is None and "traits" in reading.unread.parts:
        return False
    if trait is None:
        computed = name in profile.computed
        what = f"'{name}' is computed" if computed else f"no trait '{name}' to change"
        reading.bad(place, "J035", what, _WHY, "change another trait" if computed else nearest(name, profile.traits, "traits"))
        return False
    if not trait.type:
        return True
    if key == "increment" and trait.type not in ("number", "integer"):
        reading.bad(
            place, "J035", f"'{name}' is a {trait.type}", "only a number can be incremented", _of_type(profile.traits, "number", "integer")
        )
        return False
    if key in ("add", "remove") and trait.type != "list":
        reading.bad(place, "J035", f"'{name}' is a {trait.type}", f"`{key}` is for lists", _of_type(profile.traits, "list"))
        return False
    written = None if value is None or value.kind != "scalar" or "{{" in value.text else value
    if written is not None and key in ("set", "increment") and not fits(written, trait):
        fix = nearest(written.text, [str(one) for one in trait.of], "one of") if trait.type == "choice" else f"wanted: {trait.type}"
        reading.bad(written, "J035", f"`{written.text}` is no {trait.type}", f"'{name}' would stay as it is", fix)
        return False
    return True


def _of_type(traits: Mapping[str, Trait], *types: str) -> str:
    found = sorted(name for name, trait in traits.items() if trait.type in types)
    return f"use set; {types[0]} traits: {', '.join(found)}" if found else f"use set; no trait is a {types[0]}"


def fits(node: Node, trait: Trait) -> bool:
    """Whether a value that is written out is one of the trait, for the types of which it can be told."""
    value = node.scalar()
    match trait.type:
        case "number" | "integer":
            whole = trait.type == "integer"
            number = (isinstance(value, int | float) and not isinstance(value, bool)) or _NUMBER.fullmatch(node.text) is not None
            return number and not (whole and float(node.text if isinstance(value, str) else str(value)) % 1)
        case "boolean":
            return isinstance(value, bool) or node.text in ("true", "false")
        case "choice":
            return value in trait.of
        case _:
            return True
