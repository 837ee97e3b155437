"""config/journeys/<name>.test.yaml: a journey's tests, as they are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from orchestrator.expressions.durations import read_duration
from orchestrator.workspace.profile_file import read_shape
from orchestrator.workspace.shape import NAME_TEXT, VALUE, Key, ListOf, Mapped, Raw, Reading, Shaped, Text
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

_GIVEN = Mapped({
    **{name: Key(VALUE) for name in ("customer", "customers", "consents", "issues", "history", "windows", "held_out")},
    **{name: Key(VALUE, later=True) for name in ("population", "policies", "offers", "lookups", "webhooks", "templates", "arms")},
}, what="given")  # fmt: skip
_THEN = Mapped({
    **{name: Key(Raw("value")) for name in ("sends", "skips", "holds", "ends", "counts", "customer", "includes")},
    **{name: Key(VALUE, later=True) for name in ("first", "held_out", "arms", "facts", "paused", "plan")},
}, what="then")  # fmt: skip
_WHEN = Mapped({
    **{name: Key(VALUE) for name in ("at", "local", "event", "with", "type", "id", "timestamp", "anonymous", "identify", "alias", "previous",
                                     "receipt", "reply", "unsubscribe", "customer", "erase")},
    **{name: Key(VALUE, later=True) for name in ("repeat", "every", "fail", "apply", "pause", "resume", "stats")},
}, what="a `when` item")  # fmt: skip
_TEST = Mapped(
    {
        "test": Key(Text(), required=True),
        "given": Key(_GIVEN),
        "when": Key(ListOf(_WHEN), required=True),
        "then": Key(_THEN),
        "start": Key(Text()),
        "until": Key(Text()),
        "journeys": Key(ListOf(NAME_TEXT)),
    },
    what="a test",
)
FILE = Mapped({
    "journey": Key(NAME_TEXT, required=True), "start": Key(Text()), "until": Key(Text()), "journeys": Key(ListOf(NAME_TEXT)), "given": Key(_GIVEN),
    "tests": Key(ListOf(_TEST), required=True), "properties": Key(VALUE, later=True), "explore": Key(VALUE, later=True),
}, what="a test file")  # fmt: skip
DEFAULT_START = "2026-01-14T10:00:00Z"
Plain = dict[str, object]


@dataclass(frozen=True, slots=True)
class JourneyTest:
    """One test; `given`, `when` and `then` as plain values. `when` is in order of time; offsets in milliseconds from `start`."""

    journey: str
    name: str
    start: str
    journeys: tuple[str, ...]
    given: Mapping[str, object]
    when: tuple[Plain, ...]
    then: Mapping[str, object]
    until: str | None = None
    file: str = ""
    line: int = 1
    extra: Plain = field(default_factory=dict)


def read_tests(node: Node, name: str, workspace: Workspace, reading: Reading) -> list[JourneyTest]:
    """All tests of a file; what cannot be read is noted and left out."""
    shaped = read_shape(FILE, node, reading)
    if "journey" in shaped and shaped.get("journey") != name:
        reading.bad(
            shaped.at("journey"),
            "Y016",
            f"tests of '{shaped.get('journey')}' in {name}.test.yaml",
            "the names are equal",
            "rename one of them",
        )
    found: list[JourneyTest] = []
    given = shaped.get("given")
    base = cast("Plain", given.node.data()) if isinstance(given, Shaped) else {}
    tests = shaped.get("tests", [])
    for one in tests if isinstance(tests, list) else []:
        if "then" not in one:
            reading.bad(one.node, "T004", f"'{one.get('test')}' expects nothing", "a test without `then` cannot fail", "add `then:`")
            continue
        own = one.get("given")
        when = [item.node for item in cast("list[Shaped]", one.get("when", []))]
        _in_order(when, reading)
        then = one.get("then")
        assert isinstance(then, Shaped)
        _known_steps(then.node, name, workspace, reading)
        found.append(JourneyTest(
            journey=name, name=str(one.get("test")), start=str(one.get("start", shaped.get("start", DEFAULT_START))),
            journeys=tuple(cast("list[str]", one.get("journeys", shaped.get("journeys", [name])))),
            given={**base, **(cast("Plain", own.node.data()) if isinstance(own, Shaped) else {})},
            when=tuple(cast("Plain", item.data()) for item in when), then=cast("Plain", then.node.data()),
            until=cast("str | None", one.get("until", shaped.get("until"))), file=reading.file, line=one.node.line,
        ))  # fmt: skip
    return found


def _in_order(items: list[Node], reading: Reading) -> None:
    last = None
    for item in items:
        at = item.entries.get("at")
        if at is None:
            continue
        offset = 0 if at.text in ("0", "0h", "0s", "0m", "0d") else read_duration(at.text, signed=True)
        if offset is None:
            reading.bad(at, "Y014", f"`{at.text}` is not a duration", "from the start of the test", "at: 30h")
        elif last is not None and offset < last:
            reading.bad(at, "T003", "earlier than the item before it", "a test reads as things happen", "sort the items")
        else:
            last = offset


def _known_steps(node: Node, name: str, workspace: Workspace, reading: Reading) -> None:
    journey = workspace.journeys.get(name)
    if journey is None:
        return
    names = {*journey.steps, *(step.node for rule in journey.exit_on for step in rule.then)}
    for one in node.walk():
        step = one.entries.get("step") if one.kind == "map" else None
        owner = one.entries.get("journey") if one.kind == "map" else None
        if step is not None and step.text not in names and (owner is None or owner.text == name):
            reading.bad(
                step,
                "T001",
                f"no step '{step.text}' in {name}",
                "a test names steps by their id",
                f"one of: {', '.join(sorted(n for n in names if not n.startswith('#')))}",
            )
