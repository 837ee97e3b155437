"""YAML with its places, read by the rules of the language: YAML 1.2 core scalars, no key twice, no tags, one document."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import yaml

from orchestrator.workspace.finding import Findings

MAX_BYTES = 1_000_000
MAX_NODES = 20_000
MAX_EXPANDED = 1_000
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CUT = re.compile(r"['\"\[\]()=]")


@dataclass(slots=True)
class Node:
    """One YAML node. `line`, `column` from 1; for scalars `text` is what is written and `plain` that it has no quotes;
    mappings keep their key's place in `keys`."""

    kind: Literal["map", "list", "scalar"]
    line: int
    column: int
    text: str = ""
    plain: bool = False
    block: bool = False
    items: list["Node"] = field(default_factory=list)
    entries: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, "Node"] = field(default_factory=dict)

    @property
    def place(self) -> tuple[int, int]:
        return self.line, self.column

    @property
    def empty(self) -> bool:
        """Empty and null mean: not given."""
        return self.kind == "scalar" and self.plain and self.text in ("", "~", "null", "Null", "NULL")

    def scalar(self) -> object:
        """The value by the core schema: null, booleans, numbers, else text."""
        if not self.plain:
            return self.text
        if self.empty:
            return None
        if self.text in ("true", "True", "TRUE"):
            return True
        if self.text in ("false", "False", "FALSE"):
            return False
        if _INT.fullmatch(self.text):
            return int(self.text, 0) if self.text[:2] in ("0o", "0x") else int(self.text)
        if _FLOAT.fullmatch(self.text):
            return float(self.text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        return self.text

    def data(self) -> object:
        """Plain Python of the whole tree."""
        if self.kind == "map":
            return {name: node.data() for name, node in self.entries.items() if not name.startswith("x_")}
        if self.kind == "list":
            return [node.data() for node in self.items]
        return self.scalar()

    def walk(self) -> Iterator["Node"]:
        """This node and all below."""
        yield self
        for node in (*self.items, *self.entries.values()):
            yield from node.walk()


def read_yaml(value: bytes, file: str, findings: Findings) -> Node | None:
    """The tree, or None when the file cannot be read at all; every problem is noted. Never raises."""
    if len(value) > MAX_BYTES:
        findings.note("Y016", file, (1, 1), f"{len(value)} bytes", "a file has at most 1 MB", "split it")
        return None
    try:
        text = value.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.note("Y016", file, (1, 1), "not UTF-8", f"byte {error.start} is not", "save the file as UTF-8")
        return None
    for number, line in enumerate(text.splitlines(), 1):
        indent = len(line) - len(line.lstrip())
        if "\t" in line[:indent]:
            findings.note("Y010", file, (number, 1), "a tab as indent", "YAML indents with spaces", "replace it by spaces")
            return None
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        findings.note(
            "Y001",
            file,
            place,
            "not YAML here",
            " ".join(str(error.problem or error.context or error).split()),
            _advice(text, place),
        )
        return None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        findings.note("Y001", file, (1, 1), "not YAML", " ".join(str(error).split())[:200], "remove control characters, check nesting")
        return None
    found = list(documents)
    if len(found) > 1:
        findings.note("Y010", file, (found[1].start_mark.line + 1, 1), "a second document", "a file holds one", "remove what follows `---`")
    if not found:
        return Node("map", 1, 1)
    return _Converter(file, findings).convert(found[0])


def _advice(text: str, place: tuple[int, int]) -> str:
    """What usually helps where YAML stops making sense."""
    lines = text.splitlines()
    line = lines[place[0] - 1] if place[0] <= len(lines) else ""
    before = line[: place[1]]
    if before.count("{") > before.count("}") or before.count("[") > before.count("]"):
        return 'inside { } and [ ] a text with ? : , # or brackets needs quotes: {label: "Still not right?"}'
    if before.count(": ") > 1 or (": " in before and line[place[1] - 1 : place[1]] == ":"):
        return 'a text with ": " in it needs quotes: title: "Part two: the reply"'
    if line.lstrip()[:1] in "@`%&*!|>?":
        return "a text that begins with a sign needs quotes"
    return "check indentation, quotes and brackets"


class _Converter:
    def __init__(self, file: str, findings: Findings) -> None:
        self._file = file
        self._findings = findings
        self._count = 0
        self._expanded = 0
        self._open: list[yaml.Node] = []
        self._done: set[int] = set()
        self._too_many = False

    def convert(self, node: yaml.Node) -> Node:
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self._count += 1
        if id(node) in self._done:
            self._expanded += 1
        if any(node is one for one in self._open) or self._expanded > MAX_EXPANDED or self._count > MAX_NODES or len(self._open) > 60:
            if not self._too_many:
                self._too_many = True
                self._findings.note(
                    "Y010", self._file, place, "a cycle, or too much of it", "aliases expand to at most 1,000 nodes", "write it out"
                )
            return Node("scalar", *place, "", plain=True)
        if node.tag and not node.tag.startswith("tag:yaml.org,2002:"):
            self._findings.note("Y010", self._file, place, f"a tag {node.tag}", "values have no tags here", "remove it")
        if isinstance(node, yaml.ScalarNode):
            self._done.add(id(node))
            return Node("scalar", *place, node.value, plain=node.style is None, block=node.style in ("|", ">"))
        self._open.append(node)
        result = (
            Node("list", *place, items=[self.convert(item) for item in node.value])
            if isinstance(node, yaml.SequenceNode)
            else self._map(node, place)
        )
        self._open.pop()
        self._done.add(id(node))
        return result

    def _map(self, node: yaml.Node, place: tuple[int, int]) -> Node:
        found = Node("map", *place)
        merged: list[Node] = []
        for key_node, value_node in node.value:
            where = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self._findings.note(
                    "Y006",
                    self._file,
                    where,
                    "a mapping as a key",
                    "`{{ x }}` without quotes starts a mapping in YAML",
                    'quote the whole value: "{{ … }}"',
                )
                continue
            key = key_node.value
            if key == "<<" and key_node.style is None:
                value = self.convert(value_node)
                merged += [one for one in (value.items if value.kind == "list" else [value]) if one.kind == "map"]
                continue
            if getattr(node, "flow_style", False) and key_node.style is None and _CUT.search(key):
                self._findings.note(
                    "Y007", self._file, where, f"`{key}` was cut off as a key of its own", "inside { } and [ ] a comma or bracket ends the value",
                    "put the expression in quotes, or write the mapping on several lines",
                )  # fmt: skip
                continue
            if key in found.entries:
                first = found.keys[key]
                self._findings.note(
                    "Y003",
                    self._file,
                    where,
                    f"'{key}' stands twice",
                    f"it stands first at {first.line}:{first.column}",
                    "remove one of them",
                )
                continue
            found.keys[key] = Node("scalar", *where, key)
            found.entries[key] = self.convert(value_node)
        for other in merged:
            for key, value in other.entries.items():
                if key not in found.entries:
                    found.entries[key], found.keys[key] = value, other.keys[key]
        return found
