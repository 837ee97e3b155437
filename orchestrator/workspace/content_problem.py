"""A problem that the content room has with a message, and its exact place in the workspace's files."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from orchestrator.workspace.message import Message
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node


@dataclass(frozen=True, slots=True)
class ContentProblem:
    """`path` leads to the value: `("content", "de", "facts", 1)`.

    `line` counts from 1 in the template's own text, 0 where it is not known; `near` is what the problem is about, as it is written.
    With `layout`, a file name in templates/layouts, the place is in that file; with `file`, in that YAML file of the workspace instead
    of the message's own.
    """

    code: str
    path: tuple[str | int, ...]
    what: str
    why: str
    fix: str
    line: int = 0
    layout: str = ""
    near: str = ""
    file: str = ""
    warning: bool = False
    key: bool = False
    """The place is the key of the value, not the value."""


ContentCheck = Callable[[Message, Workspace, Vocabularies], Iterable[ContentProblem]]


def place_in_yaml(root: Node, problem: ContentProblem, source: Sequence[str]) -> tuple[int, int]:
    """Line and column, from 1: of `near`, else of the line, else of the value. `source` are the lines of the file."""
    if problem.key:
        return _follow(root, problem.path[:-1]).keys.get(str(problem.path[-1]), root).place
    node = _follow(root, problem.path)
    if node.kind != "scalar" or node.line > len(source):
        return node.place
    lines = _block(node, source) if node.block else range(node.line, node.line + 1)
    start = lines.start + max(problem.line - 1, 0)
    if problem.near:
        for number in (*range(start, lines.stop), *range(lines.start, min(start, lines.stop))):
            column = source[number - 1].find(problem.near, node.column - 1 if number == node.line else 0)
            if column >= 0:
                return number, column + 1
    if node.block and problem.line and start < lines.stop and source[start - 1].strip() and _literal(node, source):
        return start, len(source[start - 1]) - len(source[start - 1].lstrip()) + 1
    return node.place


def place_in_text(problem: ContentProblem, source: Sequence[str]) -> tuple[int, int]:
    """As above, for a template that is a file of its own."""
    line = max(problem.line, 1)
    column = source[line - 1].find(problem.near) if problem.near and line <= len(source) else -1
    return line, max(column, 0) + 1


def _follow(node: Node, path: Sequence[str | int]) -> Node:
    """As far as the path leads."""
    for part in path:
        if isinstance(part, int):
            if part >= len(node.items):
                break
            node = node.items[part]
        elif part in node.entries:
            node = node.entries[part]
        else:
            break
    return node


def _block(node: Node, source: Sequence[str]) -> range:
    """The lines of a block's text: blank, or further in than the line that begins it."""
    begin = source[node.line - 1]
    indent = len(begin) - len(begin.lstrip())
    stop = node.line + 1
    while stop <= len(source) and (not source[stop - 1].strip() or len(source[stop - 1]) - len(source[stop - 1].lstrip()) > indent):
        stop += 1
    return range(node.line + 1, stop)


def _literal(node: Node, source: Sequence[str]) -> bool:
    """`|` keeps lines, `>` folds them."""
    return source[node.line - 1][node.column - 1 : node.column] == "|"
