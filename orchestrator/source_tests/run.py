"""Running the tests of a mapping, and telling which of its rules none of them reaches."""

from collections.abc import Sequence

from orchestrator.event_judge import setting_of
from orchestrator.source_tests.compare import differences
from orchestrator.sources.map_record import map_record, taken_by
from orchestrator.sources.source_record import SourceRecord
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.source import Source
from orchestrator.workspace.source_test_shapes import SourceTest, SourceTestFile
from orchestrator.workspace.workspace import Workspace


def run_source_test(workspace: Workspace, source: Source, test: SourceTest) -> tuple[str, ...]:
    """Nothing when everything is as expected. `source` may be another than the workspace's: a changed one."""
    return tuple(differences(map_record(source, _record(source, test), setting_of(workspace)), test.expected))


def cover(workspace: Workspace, files: Sequence[SourceTestFile], findings: Findings) -> None:
    """Note T002 for rules that no test reaches."""
    setting = setting_of(workspace)
    for file in files:
        source = workspace.sources[file.source]
        taken = {rule.number for test in file.tests if (rule := taken_by(source, _record(source, test), setting)) is not None}
        for rule in source.rules:
            if rule.number not in taken:
                what = f"rule {rule.number} ({'ignore' if rule.ignore else rule.event or rule.type})"
                findings.note(
                    "T002",
                    file.file,
                    (file.line, 1),
                    f"no test reaches {what}",
                    "a change there would go unnoticed",
                    "add a test that goes there",
                )


def _record(source: Source, test: SourceTest) -> SourceRecord:
    return SourceRecord(source.topic or source.name, 0, 0, test.timestamp, test.key, test.value, test.headers)
