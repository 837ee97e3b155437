"""What lint says of events in a test: those that no source declares (E010), their properties (E004), and a past that is none (T003)."""

from collections.abc import Sequence

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.profile_file import known_events
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.test_times import from_start
from orchestrator.workspace.test_traits import fitting
from orchestrator.workspace.vocabularies import BUILT_IN_EVENTS, ENGAGEMENT, Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node


def declared_past(given: Node | None, words: Vocabularies, workspace: Workspace, reading: Reading) -> None:
    """Of `history` in `given`."""
    items = given.entries["history"].items if given is not None and "history" in given.entries else []
    declared(items, words, workspace, reading)
    for item in items:
        at = item.entries.get("at")
        if at is not None and at.kind == "scalar" and (from_start(at.text) or 0) > 0:
            reading.bad(at, "T003", "later than the start of the test", "`history` is what was before", f"at: -{at.text.lstrip('+')}")


def declared(items: Sequence[Node], words: Vocabularies, workspace: Workspace, reading: Reading) -> None:
    """Of items that are events: without a declaration they would end as dead letters, and properties would not be kept."""
    for item in items:
        event, kind = item.entries.get("event"), item.entries.get("type")
        if event is not None and event.kind == "scalar" and (kind is None or kind.text == "track"):
            known_events([event.text], event, words, reading)
            if "with" in item.entries:
                _properties(event.text, item.entries["with"], workspace, reading)


def _properties(event: str, given: Node, workspace: Workspace, reading: Reading) -> None:
    types = {name: "text" if one.type == "choice" else one.type for name, one in workspace.events.get(event, {}).items()}
    known = {*types, *(ENGAGEMENT if event in BUILT_IN_EVENTS else ())}
    if (event not in workspace.events and event not in BUILT_IN_EVENTS) or event in reading.unread.events:
        return
    for name, value in given.entries.items():
        if name in types:
            if "{{" not in value.text:  # an instant from the start is known to the run only
                fitting(value, types[name], (), reading)
        elif name not in known and workspace.rules.strict and not name.startswith("x_"):
            what = f"'{event}' has no property '{name}'"
            reading.bad(given.keys[name], "E004", what, "its source does not declare it", nearest(name, known, "properties"))
