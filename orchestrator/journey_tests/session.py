"""All tests of a workspace: run, explored, their coverage told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.journey_tests.coverage import unreached
from orchestrator.journey_tests.explore import as_lines, explore
from orchestrator.journey_tests.run import TestResult, run_test
from orchestrator.journey_tests.versions import Versions
from orchestrator.runtime.clock import Clock
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.test_file import TestFile
from orchestrator.workspace.workspace import Workspace

Timed = tuple[TestResult, float]
"""A result, and the seconds it took."""


@dataclass(frozen=True, slots=True)
class Session:
    """`clock` only measures."""

    workspace: Workspace
    versions: Versions
    clock: Clock

    def run(self, files: Sequence[TestFile], text: str | None = None) -> list[Timed]:
        """Those whose journey or name has `text` in it; explored timelines count as one test of their file."""
        found: list[Timed] = []
        for file in files:
            for test in file.tests:
                if text is None or text in test.name or text in test.journey:
                    started = self.clock.monotonic()
                    found.append((run_test(self.workspace, test, self.versions, file.properties), self.clock.monotonic() - started))
            if file.explore is not None and file.base is not None and (text is None or text in file.journey or text in "explore"):
                found.append(self._explored(file))
        return found

    def _explored(self, file: TestFile) -> Timed:
        assert file.explore is not None
        assert file.base is not None
        started = self.clock.monotonic()
        try:
            failure = explore(self.workspace, file.base, file.explore, file.properties, self.versions)
            lines = () if failure is None else tuple(as_lines(failure))
        except (ValueError, KeyError) as error:
            lines = (f"the timelines cannot be run: {error}",)
        return TestResult(file.base, lines, Counter()), self.clock.monotonic() - started

    def cover(self, files: Sequence[TestFile], results: Sequence[Timed], findings: Findings) -> None:
        """Note T002 for what none of the file's own tests reaches."""
        for file in files:
            journey = self.workspace.journeys.get(file.journey)
            if journey is None:
                continue
            trace: Counter[tuple[str, str, str]] = Counter()
            for result, _seconds in results:
                if result.test.file == file.file:
                    trace.update(result.trace)
            for what in unreached(journey, trace):
                findings.note(
                    "T002",
                    file.file,
                    (file.line, 1),
                    f"no test reaches {what}",
                    "a change there would go unnoticed",
                    "add a test that goes there",
                )

    def passes(self, workspace: Workspace, file: TestFile) -> bool:
        """Do all tests of the file pass on this workspace?"""
        return all(run_test(workspace, test, self.versions, file.properties).passed for test in file.tests)
