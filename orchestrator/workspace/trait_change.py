"""What lint says of `update_profile`: traits that cannot be changed, or not so (J035)."""

from collections.abc import Mapping
from zoneinfo import available_timezones

from orchestrator.expressions.declared_value import fit
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.profile import ProfileConfig, Trait
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.yaml_node import Node

_WHY = "only declared traits that are not computed"


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
    if value is None or value.broken or value.empty or any(one.kind == "scalar" and "{{" in one.text for one in value.walk()):
        return True
    if key in ("set", "increment") and fit(value.data(), trait.type, trait.of) is None:
        fix = nearest(value.text, [str(one) for one in trait.of], "one of") if trait.type == "choice" else example_of(trait.type, value)
        got = {"map": "a mapping", "list": "a list"}.get(value.kind) or f"`{value.text[:40]}`"
        reading.bad(value, "J035", f"{got} is no {trait.type}", f"'{name}' would stay as it is", fix)
        return False
    return True


def example_of(kind: str, node: Node) -> str:
    """How a value of a declared type is written, in place of what is there."""
    text = node.text.strip()
    match kind:
        case "date" | "instant":
            name = "2026-03-02" if kind == "date" else "2026-03-02T10:00:00Z"
            return f'wanted: {kind}, such as {name}, or "{{{{ now }}}}"'
        case "list":
            return f"wanted: list, such as [{text[:40] or 'tv'}]"
        case "boolean":
            return "wanted: boolean, true or false without quotes"
        case "country":
            return "wanted: country, two letters such as GB"
        case "locale":
            return "wanted: locale, such as en or de-AT"
        case "timezone":
            ending = [zone for zone in sorted(available_timezones()) if text and zone.rpartition("/")[2] == text]
            return f"did you mean '{ending[0]}'?" if ending else "wanted: timezone, such as Europe/London"
        case "object":
            return "wanted: object, such as {street: 1 Mill Lane}"
        case _:
            return f"wanted: {kind}"


def _of_type(traits: Mapping[str, Trait], *types: str) -> str:
    found = sorted(name for name, trait in traits.items() if trait.type in types)
    return f"use set; {types[0]} traits: {', '.join(found)}" if found else f"use set; no trait is a {types[0]}"
