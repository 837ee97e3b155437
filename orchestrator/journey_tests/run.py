"""Running one test: prepare, play, let time run out, compare."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from orchestrator.contracts.message import OutboundMessage
from orchestrator.expressions.expression import Expression
from orchestrator.journey_tests.compare import differences
from orchestrator.journey_tests.given import prepare
from orchestrator.journey_tests.play import play, timeline
from orchestrator.journey_tests.properties import Watch
from orchestrator.journey_tests.values import wanted_values
from orchestrator.journey_tests.versions import Versions
from orchestrator.journey_tests.world import World, only
from orchestrator.workspace.indexes import asked_by
from orchestrator.workspace.test_file import JourneyTest
from orchestrator.workspace.test_property import Property
from orchestrator.workspace.test_times import end_of, milliseconds
from orchestrator.workspace.workspace import Workspace

Trace = Counter[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class TestResult:
    """`difference` is empty when the test passed; `trace` says which steps and ways its runs took."""

    __test__ = False

    test: JourneyTest
    difference: tuple[str, ...]
    trace: Trace

    @property
    def passed(self) -> bool:
        return not self.difference


def run_test(workspace: Workspace, test: JourneyTest, versions: Versions, properties: Sequence[Property] = ()) -> TestResult:
    """Never raises for what stands in the test file."""
    trace: Trace = Counter()
    try:
        watch = Watch(properties, equal_facts=test.then.get("facts") == "equal")
        values = wanted_values(_expected_sends(test.then))
        world = world_of(workspace, test, versions, trace, (*watch.conditions, *values.wanted.values()))

        def committed(of: World, message: OutboundMessage) -> None:
            watch.committed(of, message)
            values.committed(of, message)

        world.committed = committed
        if "arms" in test.then:
            world.drawn = set()
        end = end_of(world.start, test.until)
        for together in timeline(world, test.when, end):
            play(world, together, versions, test)
        world.advance(end)
        found = [*differences(world, test.then, test.journey, values.found), *watch.violations]
    except (ValueError, KeyError) as error:
        return TestResult(test, (f"the test cannot be run: {error}",), trace)
    return TestResult(test, tuple(found), trace)


def _expected_sends(then: Mapping[str, object]) -> list[object]:
    includes = then.get("includes")
    return [then.get("sends"), then.get("first"), includes.get("sends") if isinstance(includes, Mapping) else None]


def world_of(workspace: Workspace, test: JourneyTest, versions: Versions, trace: Trace | None, asking: Iterable[Expression] = ()) -> World:
    """The world before anything happens; what the expressions of the test itself are `asking` of the past is kept, too. Raises ValueError."""
    chosen = versions.for_test(workspace, test.given)
    asked = asked_by((need for expression in asking for need in expression.needs), chosen.profile.keep_events)
    world = World(chosen, milliseconds(test.start), trace=trace, asked=asked)
    world.now = world.start
    world.providers.names = versions.providers
    world.take_up(without_templates(only(chosen, test.journeys), test))
    prepare(world, test.given)
    world.begin()
    return world


def without_templates(workspace: Workspace, test: JourneyTest) -> Workspace:
    """`templates: {whatsapp: pending}`: none is approved."""
    templates = test.given.get("templates")
    if not isinstance(templates, dict) or templates.get("whatsapp", "approved") == "approved":
        return workspace

    messages = {name: replace(m, whatsapp=replace(m.whatsapp, content_sid={})) for name, m in workspace.messages.items()}
    return replace(workspace, messages=messages)
