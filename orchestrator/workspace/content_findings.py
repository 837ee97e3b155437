"""Where the problems of a message's content go: its own file, a layout's, or that of whatever it takes the text from."""

from collections.abc import Mapping

from orchestrator.workspace.content_problem import ContentProblem, place_in_text, place_in_yaml
from orchestrator.workspace.finding import Findings, Severity
from orchestrator.workspace.message import Message
from orchestrator.workspace.reading import Unread
from orchestrator.workspace.yaml_node import Node

DERIVED = frozenset(("M006", "M007", "M008"))
"""Of a message that could not wholly be read they may be about what is missing for that reason."""


class ContentFindings:
    """Notes problems of content at their places in `files`, whose YAML is `trees`."""

    def __init__(self, files: Mapping[str, bytes], trees: Mapping[str, Node], findings: Findings, unread: Unread) -> None:
        self._files = files
        self._trees = trees
        self._findings = findings
        self._unread = unread
        self._sources: dict[str, list[str]] = {}

    def note(self, message: Message, problem: ContentProblem) -> None:
        """A layout's problem is said once, at the layout, with the first message that meets it."""
        if problem.code in DERIVED and message.name in self._unread.messages:
            return
        severity: Severity | None = "warning" if problem.warning else None
        if not problem.layout:
            file = problem.file or message.file
            place = place_in_yaml(self._trees[file], problem, self._lines(file))
            self._findings.note(problem.code, file, place, problem.what, problem.why, problem.fix, severity)
            return
        file = f"templates/layouts/{problem.layout}"
        place = place_in_text(problem, self._lines(file))
        if not any((f.file, f.line, f.code, f.what) == (file, place[0], problem.code, problem.what) for f in self._findings.all):
            why = f"{problem.why} (seen in '{message.name}')"
            self._findings.note(problem.code, file, place, problem.what, why, problem.fix, severity)

    def _lines(self, file: str) -> list[str]:
        if file not in self._sources:
            self._sources[file] = self._files[file].decode("utf-8-sig", "replace").splitlines()
        return self._sources[file]
