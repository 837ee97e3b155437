"""Running one test: prepare, play, let time run out, compare."""

from dataclasses import dataclass

from orchestrator.journey_tests.compare import differences
from orchestrator.journey_tests.given import prepare
from orchestrator.journey_tests.play import play
from orchestrator.journey_tests.world import World, milliseconds
from orchestrator.workspace.test_file import JourneyTest
from orchestrator.workspace.workspace import Workspace

LONGEST = 400 * 86_400_000


@dataclass(frozen=True, slots=True)
class TestResult:
    """`difference` is empty when the test passed; `seconds` of CPU are measured by the caller."""

    __test__ = False

    test: JourneyTest
    difference: tuple[str, ...]
    steps: frozenset[str]

    @property
    def passed(self) -> bool:
        return not self.difference


def run_test(workspace: Workspace, test: JourneyTest) -> TestResult:
    """Never raises for what stands in the test file."""
    try:
        world = World(workspace, milliseconds(test.start))
        world.now = world.start
        world.only(test.journeys)
        prepare(world, test.given)
        for item in test.when:
            play(world, item)
        world.advance(milliseconds(test.until) if test.until else world.start + LONGEST)
        found = differences(world, test.then)
    except (ValueError, KeyError) as error:
        return TestResult(test, (f"the test cannot be run: {error}",), frozenset())
    return TestResult(test, tuple(found), frozenset(message.step for _at, message in world.sends))
