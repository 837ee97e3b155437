"""config/sources/*.yaml: the events a backend emits and their properties."""

from typing import cast

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.profile_file import TYPES, read_shape
from orchestrator.workspace.shape import BAD, NAME_TEXT, Key, MapOf, Mapped, Raw, Reading, Text
from orchestrator.workspace.workspace import Property, PropertyType
from orchestrator.workspace.yaml_node import Node

FILE = Mapped({
    "source": Key(NAME_TEXT, required=True, text="equals the file name"),
    "topic": Key(Text(), later=True), "format": Key(Text(), later=True), "map": Key(Raw("value"), later=True), "otherwise": Key(Text(), later=True),
    "events": Key(MapOf(MapOf(Text())), text="event to property to type; `!` means always present"),
}, what="a source")  # fmt: skip


def read_source(node: Node, name: str, reading: Reading) -> dict[str, dict[str, Property]]:
    """Declared events."""
    shaped = read_shape(FILE, node, reading)
    if "source" in shaped and shaped.get("source") != name:
        reading.bad(
            shaped.at("source"),
            "Y016",
            f"'{shaped.get('source')}' in a file called {name}.yaml",
            "the name equals the file name",
            "rename one of them",
        )
    found: dict[str, dict[str, Property]] = {}
    events = shaped.get("events", {})
    events_node = shaped.at("events")
    for event, properties in events.items() if isinstance(events, dict) else ():
        if properties is BAD:
            continue
        found[event] = {}
        for key, kind in cast("dict[str, str]", properties).items():
            base = kind.removesuffix("!")
            if base not in TYPES:
                at = events_node.entries[event].entries.get(key, events_node)
                reading.bad(at, "C002", f"unknown type '{base}'", "types are a closed list", nearest(base, TYPES, "types"))
                continue
            found[event][key] = Property(cast("PropertyType", base), kind.endswith("!"))
    return found
