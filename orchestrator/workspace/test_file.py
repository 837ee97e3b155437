"""config/journeys/<name>.test.yaml: a journey's tests, as they are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from orchestrator.expressions.durations import read_duration
from orchestrator.workspace.profile_file import read_shape
from orchestrator.workspace.shape import NAME_TEXT, Key, ListOf, Mapped, Reading, Shaped, Text
from orchestrator.workspace.test_check import declared, known_arms, known_keys, known_offers, known_steps, possible, readable
from orchestrator.workspace.test_customers import known_customers
from orchestrator.workspace.test_names import known_given, known_inside
from orchestrator.workspace.test_property import EXPLORE, PROPERTY, Explore, Property, read_properties
from orchestrator.workspace.test_shapes import GIVEN, THEN, WHEN
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

_TEST = Mapped(
    {
        "test": Key(Text(), required=True),
        "given": Key(GIVEN),
        "when": Key(ListOf(WHEN), text="what happens; where it is left out only time goes by"),
        "then": Key(THEN),
        "start": Key(Text()),
        "until": Key(Text()),
        "journeys": Key(ListOf(NAME_TEXT)),
    },
    what="a test",
)
FILE = Mapped({
    "journey": Key(NAME_TEXT, required=True), "start": Key(Text()), "until": Key(Text()), "journeys": Key(ListOf(NAME_TEXT)), "given": Key(GIVEN),
    "tests": Key(ListOf(_TEST), required=True), "properties": Key(ListOf(PROPERTY)), "explore": Key(EXPLORE),
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


@dataclass(frozen=True, slots=True)
class TestFile:
    """All of one file. `base` is a test without items, for timelines that are made up."""

    __test__ = False

    journey: str
    file: str
    line: int
    tests: tuple[JourneyTest, ...]
    properties: tuple[Property, ...] = ()
    explore: Explore | None = None
    base: JourneyTest | None = None


def read_tests(node: Node, name: str, workspace: Workspace, reading: Reading, words: Vocabularies | None = None) -> TestFile:
    """What cannot be read is noted and left out. `words` are those the workspace was read with."""
    shaped = read_shape(FILE, node, reading)
    if "journey" in shaped and shaped.get("journey") != name:
        reading.bad(
            shaped.at("journey"),
            "Y016",
            f"tests of '{shaped.get('journey')}' in {name}.test.yaml",
            "the names are equal",
            "rename one of them",
        )
    words = words or Vocabularies(
        workspace.profile, workspace.policies.topics, workspace.events, workspace.audiences, strict=workspace.rules.strict
    )
    found: list[JourneyTest] = []
    given = shaped.get("given")
    known_given(given.node if isinstance(given, Shaped) else None, words, reading)
    base = cast("Plain", given.node.data()) if isinstance(given, Shaped) else {}
    tests = shaped.get("tests", [])
    for one in tests if isinstance(tests, list) else []:
        if "then" not in one and one.lost("then"):
            continue
        if "then" not in one:
            reading.bad(one.node, "T004", f"'{one.get('test')}' expects nothing", "a test without `then` cannot fail", "add `then:`")
            continue
        own = one.get("given")
        journeys = tuple(cast("list[str]", one.get("journeys", shaped.get("journeys", [name]))))
        when = [item.node for item in cast("list[Shaped]", one.get("when", []))]
        _in_order(when, reading)
        declared(when, words, reading)
        then = one.get("then")
        assert isinstance(then, Shaped)
        inner, outer = (found.node if isinstance(found, Shaped) else None for found in (own, given))
        known_given(inner, words, reading)
        known_customers(inner, outer, when, then.node, reading)
        known_keys(then.node, reading)
        known_offers(then.node, (inner, outer), workspace, reading)
        readable(then.node, name, words, workspace, reading)
        if not any("apply" in item.entries for item in when):  # steps of the text that is applied are known to the run only
            known_steps(then.node, name, workspace, reading)
            possible(then.node, name, workspace, reading)
            known_arms(then.node, name, workspace, reading)
            known_inside(inner or outer, when, journeys, workspace, reading)
        found.append(JourneyTest(
            journey=name, name=str(one.get("test")), start=str(one.get("start", shaped.get("start", DEFAULT_START))),
            journeys=journeys,
            given={**base, **(cast("Plain", own.node.data()) if isinstance(own, Shaped) else {})},
            when=tuple(cast("Plain", item.data()) for item in when), then=cast("Plain", then.node.data()),
            until=cast("str | None", one.get("until", shaped.get("until"))), file=reading.file, line=one.node.line,
        ))  # fmt: skip
    properties, exploring = read_properties(shaped, words, reading)
    if exploring is not None and not properties:
        reading.bad(shaped.at("explore"), "Y012", "timelines without a property", "nothing could fail", "add `properties:`")
    nothing = JourneyTest(
        journey=name, name="explore", start=str(shaped.get("start", DEFAULT_START)), journeys=tuple(cast("list[str]", shaped.get("journeys", [name]))),
        given=base, when=(), then={}, file=reading.file, line=shaped.at("explore").line if "explore" in shaped else 1,
    )  # fmt: skip
    return TestFile(name, reading.file, node.line, tuple(found), properties, exploring, nothing)


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
