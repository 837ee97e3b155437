"""`emit`: an event of this customer that comes back like any other."""

from typing import cast

from orchestrator.workspace.compiling import value_at
from orchestrator.workspace.profile_file import known_events
from orchestrator.workspace.reading import BAD, Reading
from orchestrator.workspace.shape import VALUE, Key, MapOf, Mapped, Shaped, Text
from orchestrator.workspace.step import EmitStep
from orchestrator.workspace.steps.around import STEP_KEYS, Around, Spot
from orchestrator.workspace.yaml_node import Node

RESERVED = ("Message ", "Channel ", "Consent ")
"""Events made from receipts begin so."""
_EVENT = Text(example="Upgrade Suggested", filled=True)


def _short(node: Node, reading: Reading) -> object:
    """Only the event's name."""
    return _EVENT.read(node, reading)


SHAPE = Mapped({
    **STEP_KEYS, "emit": Key(Mapped({"event": Key(_EVENT, required=True), "properties": Key(MapOf(VALUE))}, short=_short, what="emit"), required=True),
}, what="an emit")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> EmitStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("emit")
    event = given.get("event") if isinstance(given, Shaped) else given
    if not isinstance(event, str) or event is BAD:
        return None
    place = given.at("event") if isinstance(given, Shaped) else shaped.at("emit")
    if event.startswith(RESERVED):
        around.reading.bad(
            place, "J036", f"'{event}' is reserved", f"events that begin with {', '.join(repr(one.strip()) for one in RESERVED)} come from receipts", "choose another name"
        )  # fmt: skip
        return None
    if event in around.entry:
        around.reading.bad(
            place, "J036", f"'{event}' enters this journey", "every run would ask for the next one", "emit another event, or enter on another"
        )  # fmt: skip
    known_events([event], place, around.words, around.reading)
    vocabulary = around.vocabulary(spot.events)
    properties = {}
    declared = around.words.fields((event,))
    for name, node in cast("dict[str, Node]", given.get("properties", {})).items() if isinstance(given, Shaped) else ():
        if declared is not None and name not in declared and isinstance(given, Shaped):
            around.reading.bad(
                given.at("properties").keys[name], "E004", f"'{event}' has no '{name}'", "no source declares it", "declare it, or remove it"
            )
            continue
        value = value_at(node, vocabulary, around.reading)
        if value is not None:
            properties[name] = value
    return EmitStep(spot.name, spot.after, event, properties)
