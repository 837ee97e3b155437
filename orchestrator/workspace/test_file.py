"""config/journeys/<name>.test.yaml: a journey's tests, as they are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from orchestrator.workspace.profile_file import read_shape
from orchestrator.workspace.shape import NAME_TEXT, Key, ListOf, Mapped, Reading, Shaped, Text
from orchestrator.workspace.test_check import known_arms, known_keys, known_offers, known_steps, possible, readable
from orchestrator.workspace.test_customers import given_together, known_customers, one_group
from orchestrator.workspace.test_events import declared, declared_past
from orchestrator.workspace.test_items import whole_items
from orchestrator.workspace.test_journeys import known_journeys, running_journeys
from orchestrator.workspace.test_names import known_given, known_inside
from orchestrator.workspace.test_property import EXPLORE, PROPERTY, Explore, Property, read_properties
from orchestrator.workspace.test_shapes import GIVEN, THEN, WHEN
from orchestrator.workspace.test_times import DEFAULT_START, in_order, instants
from orchestrator.workspace.test_traits import final_traits, identified_traits, known_traits
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
        "journeys": Key(ListOf(NAME_TEXT, least=1)),
    },
    what="a test",
)
FILE = Mapped({
    "journey": Key(NAME_TEXT, required=True), "start": Key(Text()), "until": Key(Text()), "journeys": Key(ListOf(NAME_TEXT, least=1)), "given": Key(GIVEN),
    "tests": Key(ListOf(_TEST, least=1), required=True), "properties": Key(ListOf(PROPERTY)), "explore": Key(EXPLORE),
}, what="a test file")  # fmt: skip
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
    instants(shaped.node, reading)
    known_journeys(shaped.node, workspace, reading)
    words = words or Vocabularies(
        workspace.profile, workspace.policies.topics, workspace.events, workspace.audiences, strict=workspace.rules.strict,
        messages=workspace.messages, journeys=workspace.journeys,
    )  # fmt: skip
    given = shaped.get("given")
    _check_given(given.node if isinstance(given, Shaped) else None, words, workspace, reading)
    base = cast("Plain", given.node.data()) if isinstance(given, Shaped) else {}
    found: list[JourneyTest] = []
    tests = shaped.get("tests", [])
    for one in tests if isinstance(tests, list) else []:
        _named_once(one, found, reading)
        read = _read_test(one, shaped, base, name, words, workspace, reading)
        found += [read] if read is not None else []
    properties, exploring = read_properties(shaped, words, workspace, reading)
    if exploring is not None and not properties:
        reading.bad(shaped.at("explore"), "Y012", "timelines without a property", "nothing could fail", "add `properties:`")
    nothing = JourneyTest(
        journey=name, name="explore", start=str(shaped.get("start", DEFAULT_START)), journeys=tuple(cast("list[str]", shaped.get("journeys", [name]))),
        given=base, when=(), then={}, file=reading.file, line=shaped.at("explore").line if "explore" in shaped else 1,
    )  # fmt: skip
    return TestFile(name, reading.file, node.line, tuple(found), properties, exploring, nothing)


def _named_once(one: Shaped, before: Sequence[JourneyTest], reading: Reading) -> None:
    """J013 for a test called as one before it: reports could not tell them apart."""
    if "test" in one and any(other.name == one.get("test") for other in before):
        what = f"two tests are called '{one.get('test')}'"
        reading.bad(one.at("test"), "J013", what, "a test's name is its identity", "rename one")


def _check_given(given: Node | None, words: Vocabularies, workspace: Workspace, reading: Reading) -> None:
    known_given(given, words, reading)
    one_group(given, reading)
    known_traits(given, workspace, reading)
    declared_past(given, words, workspace, reading)


def _read_test(
    one: Shaped, file: Shaped, base: Plain, name: str, words: Vocabularies, workspace: Workspace, reading: Reading
) -> JourneyTest | None:
    """One test of the journey `name`; `base` is what its file gives."""
    then, own, outer = one.get("then"), one.get("given"), file.get("given")
    if not isinstance(then, Shaped):
        if "then" not in one and not one.lost("then"):
            reading.bad(one.node, "T004", f"'{one.get('test')}' expects nothing", "a test without `then` cannot fail", "add `then:`")
        return None
    journeys = tuple(cast("list[str]", one.get("journeys", file.get("journeys", [name]))))
    when = [item.node for item in cast("list[Shaped]", one.get("when", []))]
    inner, around = (found.node if isinstance(found, Shaped) else None for found in (own, outer))
    instants(one.node, reading)
    known_journeys(one.node, workspace, reading)
    _check_given(inner, words, workspace, reading)
    _check_when(when, (one.node, file.node), words, workspace, reading)
    final_traits(then.node, workspace, reading)
    known_customers(inner, around, when, then.node, reading)
    known_keys(then.node, reading)
    running_journeys(when, then.node, journeys, workspace, reading)
    known_offers(then.node, (inner, around), workspace, reading)
    readable(then.node, name, words, workspace, reading)
    if not any("apply" in item.entries for item in when):  # steps of the text that is applied are known to the run only
        known_steps(then.node, name, workspace, reading)
        possible(then.node, name, workspace, reading)
        known_arms(then.node, name, workspace, reading)
        known_inside((inner, around), when, journeys, workspace, reading)
    return JourneyTest(
        journey=name, name=str(one.get("test")), start=str(one.get("start", file.get("start", DEFAULT_START))), journeys=journeys,
        given=given_together(base, cast("Plain", own.node.data()) if isinstance(own, Shaped) else {}),
        when=tuple(cast("Plain", item.data()) for item in when), then=cast("Plain", then.node.data()),
        until=cast("str | None", one.get("until", file.get("until"))), file=reading.file, line=one.node.line,
    )  # fmt: skip


def _check_when(when: Sequence[Node], owners: Sequence[Node], words: Vocabularies, workspace: Workspace, reading: Reading) -> None:
    whole_items(when, reading)
    in_order(owners, when, reading)
    declared(when, words, workspace, reading)
    identified_traits(when, workspace, reading)
