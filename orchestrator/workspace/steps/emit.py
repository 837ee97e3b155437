"""`emit`: an event of this customer that comes back like any other."""

from typing import cast

from orchestrator.expressions.declared_value import fit
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.compiling import value_at
from orchestrator.workspace.profile_file import known_events
from orchestrator.workspace.reading import BAD, Reading
from orchestrator.workspace.shape import VALUE, Key, MapOf, Mapped, Shaped, Text
from orchestrator.workspace.step import EmitStep
from orchestrator.workspace.steps.around import STEP_KEYS, Around, Spot
from orchestrator.workspace.trait_change import example_of
from orchestrator.workspace.yaml_node import Node

RESERVED = ("Message ", "Channel ", "Consent ")
"""Events made from receipts begin so."""
OTHER_TYPES = ("identify", "group", "alias")
"""What an event reference may name beside a track event."""
_EVENT = Text(example="Upgrade Suggested", filled=True)


def _short(node: Node, reading: Reading) -> object:
    """Only the event's name."""
    return _EVENT.read(node, reading)


SHAPE = Mapped({
    **STEP_KEYS, "emit": Key(Mapped({"event": Key(_EVENT, required=True), "properties": Key(MapOf(VALUE))}, short=_short, short_form=_EVENT, what="emit"), required=True),
}, what="an emit")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> EmitStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("emit")
    event = given.get("event") if isinstance(given, Shaped) else given
    if not isinstance(event, str) or event is BAD:
        return None
    place = given.at("event") if isinstance(given, Shaped) else shaped.at("emit")
    if not _is_allowed(event, place, around.reading):
        return None
    if event in around.entry:
        around.reading.bad(
            place, "J036", f"'{event}' enters this journey", "every run would ask for the next one", "emit another event, or enter on another"
        )  # fmt: skip
    known_events([event], place, around.words, around.reading)
    written = cast("dict[str, Node]", given.get("properties", {})) if isinstance(given, Shaped) else {}
    keys = given.at("properties").keys if isinstance(given, Shaped) else {}
    vocabulary = around.vocabulary(spot.events)
    properties = {}
    rules, fields = around.workspace.events.get(event, {}), around.words.fields((event,))
    for name, node in written.items():
        if fields is not None and name not in fields:
            why, fix = "no source declares it", nearest(name, rules, "declared")
            around.reading.bad(keys[name], "E004", f"'{event}' has no '{name}'", why, fix)
            continue
        value = value_at(node, vocabulary, around.reading)
        if value is not None:
            properties[name] = value
        if value is not None and name in rules:
            _check_type(name, node, rules[name].type, around.reading)
    for name, rule in rules.items():
        if rule.required and (name not in written or written[name].empty) and not _unread(given, name):
            what, why = f"'{name}' is missing in the properties of {event}", f"it is declared {rule.type}!, always present"
            around.reading.bad(place if name not in written else keys[name], "Y012", what, why, f"properties: {{{name}: …}}")
    return EmitStep(spot.name, spot.after, event, properties)


def _is_allowed(event: str, place: Node, reading: Reading) -> bool:
    """Whether a journey may publish it: a `track` event that nothing else makes. If not, it is noted, and the step cannot run."""
    if event.startswith(RESERVED):
        why = f"events that begin with {', '.join(repr(one.strip()) for one in RESERVED)} come from receipts"
        what = f"'{event}' is reserved"
    elif event in OTHER_TYPES or event.startswith(("page:", "screen:")):
        what, why = f"'{event}' is no track event", "a journey publishes track events only"
    else:
        return True
    reading.findings.note("J036", reading.file, place.place, what, why, "choose another name", "error")
    return False


def _check_type(name: str, node: Node, kind: str, reading: Reading) -> None:
    """Y004 for a value that is written out and does not fit; a choice may be any text, as no source says which there are."""
    if node.empty or node.broken or any(one.kind == "scalar" and "{{" in one.text for one in node.walk()):
        return
    if fit(node.data(), "text" if kind == "choice" else kind) is None:
        got = {"map": "a mapping", "list": "a list"}.get(node.kind) or f"`{node.text[:40]}`"
        reading.bad(
            node, "Y004", f"'{name}' wants {kind}, got {got}", "the event would be refused when it comes back", example_of(kind, node)
        )


def _unread(given: object, name: str) -> bool:
    """It is written, and what is wrong with it is noted."""
    node = given.at("properties") if isinstance(given, Shaped) and given.written("properties") else None
    return node is not None and (node.kind != "map" or (name in node.entries and not node.entries[name].empty))
