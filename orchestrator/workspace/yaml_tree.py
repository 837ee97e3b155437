"""From PyYAML's nodes to ours: aliases and merges written out, and what YAML reads otherwise than it was meant."""

import re
from typing import cast

import yaml

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.yaml_node import Node
from orchestrator.workspace.yaml_spot import EDGES, blank_name

MAX_NODES = 20_000
MAX_EXPANDED = 1_000
MAX_DEPTH = 60
_CUT = re.compile(r"['\"\[\]()=]")
_HALF = re.compile(r"[\ud800-\udfff]")
HALF_WHY = "such escapes come in pairs, and the other half is missing"
CUT_WHY = "inside { } and [ ] a comma or bracket ends the value"
CUT_FIX = "put the expression in quotes, or write it on lines of its own"


class Tree:
    """Converts one document."""

    def __init__(self, text: str, file: str, findings: Findings) -> None:
        self._text = text
        self._file = file
        self._findings = findings
        self._count = 0
        self._expanded = 0
        self._open: list[yaml.Node] = []
        self._done: set[int] = set()
        self._too_many = False

    def _note(self, code: str, place: tuple[int, int], what: str, why: str, fix: str) -> None:
        self._findings.note(code, self._file, place, what, why, fix)

    def convert(self, node: yaml.Node) -> Node:
        """Our node; every problem is noted."""
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self._count += 1
        if id(node) in self._done:
            self._expanded += 1
        if (
            any(node is one for one in self._open)
            or self._expanded > MAX_EXPANDED
            or self._count > MAX_NODES
            or len(self._open) > MAX_DEPTH
        ):
            if not self._too_many:
                self._too_many = True
                self._note("Y010", place, "a cycle, or too much of it", "aliases expand to at most 1,000 nodes", "write it out")
            return Node("scalar", *place, "", plain=True, broken=True)
        if isinstance(node, yaml.ScalarNode):
            self._done.add(id(node))
            return self._scalar(node)
        self._open.append(node)
        result = self._list(node, place) if isinstance(node, yaml.SequenceNode) else self._map(cast("yaml.MappingNode", node), place)
        self._open.pop()
        self._done.add(id(node))
        return result

    def _scalar(self, node: yaml.ScalarNode) -> Node:
        """Two escapes may be the halves of one character; a half alone is no text anywhere."""
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        raw = self._text[node.start_mark.index : node.end_mark.index]
        found = Node("scalar", *place, node.value, plain=node.style is None, style=node.style or "", raw=raw)
        if _HALF.search(found.text) is not None:
            found.text = found.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
            alone = _HALF.search(found.text)
            if alone is not None:
                what = f"`\\u{ord(alone[0]):04x}` is half a character"
                self._note("Y001", found.place_of(alone.start()), what, HALF_WHY, "write the character itself, or both halves")
                found.text, found.broken = _HALF.sub("\ufffd", found.text), True
        return found

    def _list(self, node: yaml.SequenceNode, place: tuple[int, int]) -> Node:
        found = Node("list", *place, items=[self.convert(item) for item in node.value])
        if node.flow_style:
            self._cut_items(found)
        return found

    def _cut_items(self, found: Node) -> None:
        """An expression in `[ ]` that a comma cut: one item opens a bracket, a later one closes it."""
        opened: Node | None = None
        for item in found.items:
            if item.kind != "scalar" or not item.plain:
                continue
            balance = item.text.count("(") - item.text.count(")")
            if balance > 0 and opened is None:
                opened = item
            elif balance < 0 and opened is not None:
                opened.broken = item.broken = True
                self._note("Y007", item.place, f"`{item.text}` was cut off as an item of its own", CUT_WHY, CUT_FIX)
                opened = None

    def _map(self, node: yaml.MappingNode, place: tuple[int, int]) -> Node:
        found = Node("map", *place)
        merged: list[Node] = []
        last: Node | None = None
        for key_node, value_node in node.value:
            where = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                if not found.broken:
                    self._not_a_key(place, key_node.start_mark)
                found.broken = True
                continue
            key = self._seen(self._scalar(key_node).text, where)
            if key == "<<" and key_node.style is None:
                merged += self._merged(value_node)
                continue
            if node.flow_style and key_node.style is None and _CUT.search(key):
                self._note("Y007", where, f"`{key}` was cut off as a key of its own", CUT_WHY, CUT_FIX)
                if last is not None:
                    last.broken = True
                continue
            if key in found.entries:
                first = found.keys[key]
                self._note("Y003", where, f"'{key}' stands twice", f"it stands first at {first.line}:{first.column}", "remove one of them")
                continue
            found.keys[key] = Node("scalar", *where, key)
            last = found.entries[key] = self.convert(value_node)
        for other in merged:
            for key, value in other.entries.items():
                if key not in found.entries:
                    found.entries[key], found.keys[key] = value, other.keys[key]
        return found

    def _seen(self, key: str, where: tuple[int, int]) -> str:
        """A key without the invisible characters around it, which are noted."""
        seen = EDGES.sub("", key)
        if seen != key:
            sign = next(one for one in key if EDGES.fullmatch(one))
            self._note("Y001", where, "not YAML here", f"{blank_name(sign)} became a part of the key", "remove it, or write a space")
        return seen

    def _not_a_key(self, place: tuple[int, int], mark: yaml.Mark) -> None:
        """`{{ x }}` is a mapping with a mapping as its key."""
        key = (mark.line + 1, mark.column + 1)
        if key == (place[0], place[1] + 1) and self._text[mark.index : mark.index + 1] == "{":
            self._note("Y006", place, "`{{` without quotes", "it starts a mapping in YAML", 'quote the whole value: "{{ … }}"')
        else:
            self._note("Y004", key, "wanted a text as key, got a mapping or a list", "keys are names here", "write `key: value`")

    def _merged(self, node: yaml.Node) -> list[Node]:
        """What `<<` lays under a mapping."""
        value = self.convert(node)
        ones = value.items if value.kind == "list" else [value]
        for one in ones:
            if one.kind != "map" and not one.broken:
                self._note("Y010", one.place, "`<<` merges mappings", "this is none", "<<: *name of a mapping, or a list of them")
        return [one for one in ones if one.kind == "map"]
