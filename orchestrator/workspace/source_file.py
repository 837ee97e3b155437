"""config/sources/*.yaml: the events a backend emits and their properties, and the mapping of its own topic."""

from collections.abc import Mapping
from typing import Any, cast

from orchestrator.contracts.topics import TOPICS
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.concierge_file import refuse_variables, substitute
from orchestrator.workspace.profile import Trait
from orchestrator.workspace.profile_file import TYPES, read_shape
from orchestrator.workspace.shape import Reading, Shaped
from orchestrator.workspace.source import Source
from orchestrator.workspace.source_rules import read_rules
from orchestrator.workspace.source_shapes import FILE
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Property, PropertyType
from orchestrator.workspace.yaml_node import Node

Events = dict[str, dict[str, Property]]


def put_variables(node: Node, environment: Mapping[str, str], reading: Reading) -> None:
    """A topic's name may differ between deployments; everything else is the same bytes everywhere."""
    topic = node.entries.get("topic")
    if topic is not None:
        substitute(topic, environment, reading)
    for name, value in node.entries.items():
        if name != "topic":
            refuse_variables(value, reading)
    for item in node.items:
        refuse_variables(item, reading)


def read_source(node: Node, name: str, reading: Reading) -> tuple[Events, Shaped]:
    """First pass: declared events, which expressions everywhere need."""
    shaped = read_shape(FILE, node, reading)
    if "source" in shaped and shaped.get("source") != name:
        reading.bad(
            shaped.at("source"),
            "Y016",
            f"'{shaped.get('source')}' in a file called {name}.yaml",
            "the name equals the file name",
            "rename one of them",
        )
    if shaped.lost("events"):
        reading.unread.parts.add("events")
    found: Events = {}
    events = cast("dict[str, dict[str, str]]", shaped.get("events", {}))
    for event, one in shaped.at("events").entries.items() if "events" in shaped else ():
        if event in events:
            found[event] = {
                key: _property(kind, events[event].get(key), reading) for key, kind in one.entries.items() if not key.startswith("x_")
            }
        elif not event.startswith("x_"):
            found[event] = {}
            reading.unread.events.add(event)
    return found, shaped


def _property(node: Node, written: str | None, reading: Reading) -> Property:
    """`written` is None where it could not be read. A property of unknown type may be any, and is there."""
    base = (written or "").removesuffix("!")
    if written is not None and base not in TYPES:
        reading.bad(node, "C002", f"unknown type '{base}'", "types are a closed list", nearest(base, TYPES, "types"))
    return Property(cast("PropertyType", base if base in TYPES else ""), written is not None and written.endswith("!"))


def read_mapping(
    shaped: Shaped, name: str, events: Mapping[str, Mapping[str, Property]], traits: Mapping[str, Trait], words: Vocabularies, reading: Reading
) -> Source:  # fmt: skip
    """Second pass, when everything that is declared is known: what becomes of the records of its topic."""
    given = [key for key in ("topic", "map") if key in shaped.node.entries and not shaped.node.entries[key].empty]
    other = "map" if given == ["topic"] else "topic"
    if len(given) == 1 and not shaped.lost(other):
        fix = "add `map:`" if other == "map" else 'add `topic: "${NAME:-its.name}"`'
        reading.bad(shaped.node, "Y012", f"'{other}' is missing in a source", f"'{given[0]}' has no meaning without it", fix)
    for key in ("format", "otherwise"):
        if key in shaped and not given and not shaped.lost("topic") and not shaped.lost("map"):
            reading.bad(
                shaped.at(key), "Y012", f"'{key}' without a topic", "it speaks of the records of a topic", "add `topic:` and `map:`"
            )
    rules = shaped.get("map", [])
    return Source(
        name=name, topic=cast("str | None", shaped.get("topic")), otherwise=cast("Any", shaped.get("otherwise", "dead_letter")),
        rules=read_rules([one for one in rules if isinstance(one, Shaped)], events, traits, words, reading) if isinstance(rules, list) else (),
    )  # fmt: skip


def check_topics(sources: list[tuple[Source, Shaped, Reading]]) -> None:
    """S001: a topic is read by one source, and our own topics by none."""
    read_by: dict[str, str] = {}
    for source, shaped, reading in sources:
        if source.topic is None:
            continue
        if source.topic in TOPICS:
            why = "what is mapped would be mapped again" if source.topic == TOPICS[0] else "we write it ourselves"
            reading.bad(shaped.at("topic"), "S001", f"'{source.topic}' is a topic of our own", why, "name the backend's own topic")
        elif source.topic in read_by:
            reading.bad(
                shaped.at("topic"), "S001", f"'{source.topic}' is mapped twice", f"{read_by[source.topic]} maps it too", "put all of its rules into one source"
            )  # fmt: skip
        else:
            read_by[source.topic] = reading.file
