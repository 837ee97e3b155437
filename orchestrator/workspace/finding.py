"""What lint found: code, place, what is wrong, why, and how to fix it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "hint"]
WARNINGS = frozenset((
    "E014", "E015", "J006", "J009", "J036", "J039", "J046", "M002", "M008", "M009", "M014", "M017", "M021", "M022", "C007", "S003", "S004", "T002",
))  # fmt: skip
HINTS = frozenset(("J033", "J042", "J048", "P005", "P006", "P008", "P011", "C006"))


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`line` and `column` count from 1."""

    file: str
    line: int
    column: int
    code: str
    what: str
    why: str
    fix: str
    severity: Severity = "error"


class Findings:
    """Collects all of a workspace. `note` chooses the severity by the code."""

    def __init__(self) -> None:
        self.all: list[Finding] = []

    def note(self, code: str, file: str, place: tuple[int, int], what: str, why: str, fix: str, severity: Severity | None = None) -> None:
        chosen: Severity = severity or ("warning" if code in WARNINGS else "hint" if code in HINTS else "error")
        self.all.append(Finding(file, place[0], place[1], code, what, why, fix, chosen))

    @property
    def errors(self) -> bool:
        return self.count > 0

    @property
    def count(self) -> int:
        """How many errors there are."""
        return sum(finding.severity == "error" for finding in self.all)


def format_text(findings: Iterable[Finding], files: Mapping[str, bytes]) -> str:
    """For a terminal: place, code and message, the line with what it is about, why, and the fix."""
    blocks = []
    for finding in findings:
        mark = "" if finding.severity == "error" else f" ({finding.severity})"
        lines = [f"{finding.file}:{finding.line}:{finding.column}  {finding.code}  {finding.what}{mark}"]
        source = files.get(finding.file, b"").decode("utf-8", "replace").splitlines()
        if 0 < finding.line <= len(source):
            text = source[finding.line - 1]
            lines.append(f"{finding.line:5} | {text[:160]}")
            lines.append(f"      | {' ' * min(finding.column - 1, 159)}^")
        lines += [f"   why: {finding.why}", f"   fix: {finding.fix}"]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def format_json(findings: Iterable[Finding], *, ascii_only: bool = False) -> str:
    """One JSON list."""
    return json.dumps([{name: getattr(f, name) for name in f.__slots__} for f in findings], ensure_ascii=ascii_only, indent=1)


def format_github(findings: Iterable[Finding]) -> str:
    """Workflow commands that show findings in a pull request, escaped as GitHub's own toolkit does (`command.ts`)."""
    kinds = {"error": "error", "warning": "warning", "hint": "notice"}
    return "\n".join(
        f"::{kinds[f.severity]} file={_property(f.file)},line={f.line},col={f.column},title={f.code}::{_data(f'{f.what}. {f.why}. {f.fix}')}"
        for f in findings
    )


def _data(text: str) -> str:
    """A line break would end the command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A colon or comma would end the property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
