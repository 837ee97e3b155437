"""One node of a YAML file, with its place. Scalars are read by the YAML 1.2 core schema."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.workspace.text_place import text_place

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_MOST_DIGITS = 1_000
"""Of a whole number; one with more is beyond every bound, and as good as infinite."""
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(slots=True)
class Node:
    """`line`, `column` from 1; for scalars `text` is their value, `raw` how it is written in the file, `plain` that it has no quotes;
    mappings keep their key's place in `keys`. `broken`: what is wrong here is already noted, and nothing more is said about it."""

    kind: Literal["map", "list", "scalar"]
    line: int
    column: int
    text: str = ""
    plain: bool = False
    style: str = ""
    raw: str = ""
    items: list["Node"] = field(default_factory=list)
    entries: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, "Node"] = field(default_factory=dict)
    broken: bool = False

    @property
    def place(self) -> tuple[int, int]:
        return self.line, self.column

    def place_of(self, offset: int) -> tuple[int, int]:
        """Where a character of a scalar's text stands in the file."""
        return text_place(self.raw, self.style, self.line, self.column, offset) if self.raw else self.place

    def item(self, text: str) -> "Node":
        """The item of a list with this text; this node where there is none."""
        return next((one for one in self.items if one.kind == "scalar" and one.text == text), self)

    @property
    def block(self) -> bool:
        """Written with `|` or `>`."""
        return self.style in ("|", ">")

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
        if _INT.fullmatch(self.text) and len(self.text) > _MOST_DIGITS:
            return -math.inf if self.text[0] == "-" else math.inf
        if _INT.fullmatch(self.text):
            return int(self.text, 0) if self.text[:2] in ("0o", "0x") else int(self.text)
        if _FLOAT.fullmatch(self.text):
            return float(self.text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        return self.text

    def data(self, *, notes: bool = False) -> object:
        """Plain Python of the whole tree; keys that start with x_ are left out unless `notes`."""
        if self.kind == "map":
            return {name: node.data(notes=notes) for name, node in self.entries.items() if notes or not name.startswith("x_")}
        if self.kind == "list":
            return [node.data(notes=notes) for node in self.items]
        return self.scalar()

    def walk(self) -> Iterator["Node"]:
        """This node and all below."""
        yield self
        for node in (*self.items, *self.entries.values()):
            yield from node.walk()
