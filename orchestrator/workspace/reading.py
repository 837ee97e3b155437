"""Reading a YAML value by its declared shape: where we read, and where problems go."""

from dataclasses import dataclass, field
from typing import Literal

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.yaml_node import Node

BAD = object()
"""A value that was refused; its problem is noted."""


Part = Literal["traits", "computed", "issues", "topics", "audiences", "offers", "events"]


@dataclass(slots=True)
class Unread:
    """Definitions that stand in the workspace and could not be read. What depends on one says nothing about it: its own errors are
    enough. Filled while the workspace is read."""

    parts: set[Part] = field(default_factory=set)
    """Of these not even all names are known."""
    events: set[str] = field(default_factory=set)
    """Events whose properties are not all known."""
    sources: set[str] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    journeys: set[str] = field(default_factory=set)
    offers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Reading:
    """Where we read and where problems go."""

    file: str
    findings: Findings
    unread: Unread = field(default_factory=Unread)
    """Shared by all files of a workspace."""

    def bad(self, node: Node, code: str, what: str, why: str, fix: str) -> object:
        """Note a problem, once: what is broken has its own."""
        if not node.broken:
            self.findings.note(code, self.file, node.place, what, why, fix)
        return BAD


class Shape:
    """Reads a node. `example` is shown in fixes."""

    example = ""

    def read(self, node: Node, reading: Reading) -> object:
        """The value, or BAD with the problem noted."""
        raise NotImplementedError

    def schema(self) -> dict[str, object]:
        """JSON Schema."""
        raise NotImplementedError

    def shown(self) -> str:
        """A value of the right form, as it is written in a file; empty where there is none."""
        return self.example

    def wrong(self, node: Node, reading: Reading, wanted: str, fix: str = "") -> object:
        """Y004, with `fix` or an example of the right form."""
        got = {"map": "a mapping", "list": "a list"}.get(node.kind) or f"`{(node.text if node.plain or not node.raw else node.raw)[:40]}`"
        form = self.shown()
        return reading.bad(
            node,
            "Y004",
            f"wanted {wanted}, got {got}",
            "the value has another form here",
            fix or (f"for example: {form}" if form else f"write {wanted}"),
        )
