"""The shapes of YAML values. Each kind of file is declared once with these; reading, refusing, completion in editors and the
reference pages all follow from the declaration."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.expressions.durations import read_duration
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.yaml_node import Node

BAD = object()
"""A value that was refused; its problem is noted."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(slots=True)
class Reading:
    """Where we read and where problems go."""

    file: str
    findings: Findings
    broken: frozenset[str] = frozenset()
    """Names that exist but could not be read: their own errors are enough."""

    def bad(self, node: Node, code: str, what: str, why: str, fix: str) -> object:
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

    def wrong(self, node: Node, reading: Reading, wanted: str) -> object:
        got = {"map": "a mapping", "list": "a list"}.get(node.kind) or f"`{node.text[:40]}`"
        return reading.bad(
            node,
            "Y004",
            f"wanted {wanted}, got {got}",
            "the value has another form here",
            f"for example: {self.example}" if self.example else f"write {wanted}",
        )


@dataclass(frozen=True)
class Text(Shape):
    """Text; numbers without quotes are refused, because 007 would become 7."""

    example = '"some text"'
    choices: tuple[str, ...] = ()
    pattern: "re.Pattern[str] | None" = None
    form: str = "text"
    template: bool = False

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind != "scalar":
            if node.kind == "map" and any("{" in key for key in node.entries):
                return reading.bad(node, "Y006", "`{{` without quotes", "it starts a mapping in YAML", "quote the whole value")
            return self.wrong(node, reading, self.form)
        value = node.scalar()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return reading.bad(
                node,
                "Y009",
                f"{node.text} reads as a number here",
                "without quotes YAML takes it for one: 007 becomes 7",
                f'quote it: "{node.text}"',
            )
        text = node.text
        if self.choices and text not in self.choices:
            return reading.bad(
                node, "Y005", f"'{text}' is not allowed here", f"allowed: {', '.join(self.choices)}", nearest(text, self.choices)
            )
        if self.pattern is not None and not self.pattern.fullmatch(text):
            return reading.bad(node, "Y005", f"'{text[:60]}' is not {self.form}", f"wanted {self.form}", f"for example: {self.example}")
        return text

    def schema(self) -> dict[str, object]:
        return {"type": "string", **({"enum": list(self.choices)} if self.choices else {})}


NAME_TEXT = Text(pattern=NAME, form="a name: a-z, 0-9 and _, first a letter")


@dataclass(frozen=True)
class Bool(Shape):
    example = "true"

    def read(self, node: Node, reading: Reading) -> object:
        value = node.scalar() if node.kind == "scalar" else None
        if isinstance(value, bool):
            return value
        return reading.bad(
            node, "Y008", f"`{node.text}` is not a boolean", "`yes`, `on` and the like are plain text", "write true or false"
        )

    def schema(self) -> dict[str, object]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Int(Shape):
    example = "3"
    least: int = 0
    most: int = 10**9

    def read(self, node: Node, reading: Reading) -> object:
        value = node.scalar() if node.kind == "scalar" else None
        if not isinstance(value, int) or isinstance(value, bool):
            return self.wrong(node, reading, "a whole number")
        if not self.least <= value <= self.most:
            return reading.bad(node, "Y005", f"{value} is out of range", f"from {self.least} to {self.most}", "choose one in between")
        return value

    def schema(self) -> dict[str, object]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Duration(Shape):
    """`90m`, `2h`, `1d12h`: milliseconds."""

    example = "90m"
    signed: bool = False

    def read(self, node: Node, reading: Reading) -> object:
        found = read_duration(node.text, signed=self.signed) if node.kind == "scalar" else None
        if found is None:
            return reading.bad(
                node,
                "Y014",
                f"`{node.text}` is not a duration",
                "whole numbers with w d h m s, largest first, 1 s to 400 d",
                "write 90m, not 1.5h",
            )
        return found

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^[-+]?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"}


@dataclass(frozen=True)
class Percent(Shape):
    """`10%`: a share from 0 to 1."""

    example = "10%"

    def read(self, node: Node, reading: Reading) -> object:
        found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,2})?)%", node.text) if node.kind == "scalar" else None
        if found is None or float(found[1]) > 100:
            return self.wrong(node, reading, "a percentage from 0% to 100%")
        return float(found[1]) / 100

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^\d{1,3}(\.\d{1,2})?%$"}


_RATE = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class Rate(Shape):
    """`500/s`: per second."""

    example = "500/s"

    def read(self, node: Node, reading: Reading) -> object:
        found = re.fullmatch(r"([1-9]\d{0,8})/([smhd])", node.text) if node.kind == "scalar" else None
        return self.wrong(node, reading, "a rate") if found is None else int(found[1]) / _RATE[found[2]]

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^\d+/[smhd]$"}


@dataclass(frozen=True)
class Raw(Shape):
    """The node itself: a bare expression, or any value, judged where its scope is known."""

    example = "customer.tier == 'gold'"
    form: Literal["expression", "value"] = "value"

    def read(self, node: Node, reading: Reading) -> object:
        if self.form == "expression" and node.kind != "scalar":
            if node.kind == "map" and any("{" in key for key in node.entries):
                return reading.bad(node, "E002", "braces around an expression", "this key takes a bare expression", "remove the braces")
            return self.wrong(node, reading, "an expression")
        return node

    def schema(self) -> dict[str, object]:
        return {"type": ["string", "number", "boolean"]} if self.form == "expression" else {}


EXPRESSION = Raw("expression")
VALUE = Raw("value")


@dataclass(frozen=True)
class ListOf(Shape):
    """A list; a single value stands for a list of one where `single` is set."""

    item: Shape = field(default_factory=Text)
    single: bool = False
    least: int = 0

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind != "list":
            if not self.single:
                return self.wrong(node, reading, "a list")
            found = self.item.read(node, reading)
            return BAD if found is BAD else [found]
        found_items = [self.item.read(item, reading) for item in node.items]
        if len(found_items) < self.least:
            return reading.bad(node, "Y004", "an empty list", f"at least {self.least}", "add one")
        return BAD if any(item is BAD for item in found_items) else found_items

    def schema(self) -> dict[str, object]:
        array: dict[str, object] = {"type": "array", "items": self.item.schema(), **({"minItems": self.least} if self.least else {})}
        return {"anyOf": [self.item.schema(), array]} if self.single else array


@dataclass(frozen=True)
class MapOf(Shape):
    """A mapping with free keys. Gives a dict of key to value; numbers as keys are read as text."""

    value: Shape = field(default_factory=Text)
    key: Text | None = None

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind != "map":
            return self.wrong(node, reading, "a mapping")
        found: dict[str, object] = {}
        for name, item in node.entries.items():
            if name.startswith("x_"):
                continue
            if self.key is not None and self.key.read(node.keys[name], reading) is BAD:
                continue
            value = self.value.read(item, reading)
            if value is not BAD:
                found[name] = value
        return found

    def schema(self) -> dict[str, object]:
        return {"type": "object", "additionalProperties": self.value.schema()}


@dataclass(frozen=True)
class Key:
    """One key of a mapping. `later`: part of the language, not of this version; it is refused by name."""

    shape: Shape = field(default_factory=Text)
    required: bool = False
    text: str = ""
    later: bool = False


@dataclass(slots=True)
class Shaped:
    """A mapping that was read: values by key (absent ones are not there), and their nodes."""

    node: Node
    values: dict[str, object]

    def get(self, key: str, default: object = None) -> object:
        return self.values.get(key, default)

    def at(self, key: str) -> Node:
        """The value's node, or the mapping's."""
        return self.node.entries.get(key, self.node)

    def __contains__(self, key: str) -> bool:
        return key in self.values


@dataclass(frozen=True)
class Mapped(Shape):
    """A mapping with declared keys; `short` reads another form (a text, a list) instead."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    short: "Callable[[Node, Reading], object] | None" = None
    what: str = "this mapping"

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind != "map":
            return self.short(node, reading) if self.short is not None else self.wrong(node, reading, "a mapping")
        found: dict[str, object] = {}
        for name, item in node.entries.items():
            if name.startswith("x_"):
                continue
            key = self.keys.get(name)
            if key is None:
                reading.bad(
                    node.keys[name],
                    "Y002",
                    f"no key '{name}' in {self.what}",
                    "nothing is ever ignored",
                    nearest(name, self.keys, "keys here"),
                )
            elif key.later:
                reading.bad(
                    node.keys[name],
                    "Y002",
                    f"'{name}' is not in this version",
                    "the language has it, this program does not build it yet",
                    "leave it out for now",
                )
            elif not item.empty:
                value = key.shape.read(item, reading)
                if value is not BAD:
                    found[name] = value
        for name, key in self.keys.items():
            if key.required and (name not in node.entries or node.entries[name].empty):
                reading.bad(
                    node,
                    "Y012",
                    f"'{name}' is missing in {self.what}",
                    key.text or "it is required",
                    f"add `{name}: {key.shape.example or '…'}`",
                )
        return Shaped(node, found)

    def schema(self) -> dict[str, object]:
        properties = {
            name: {**key.shape.schema(), **({"description": key.text} if key.text else {})}
            for name, key in self.keys.items()
            if not key.later
        }
        return {
            "type": "object", "properties": properties, "additionalProperties": False, "patternProperties": {"^x_": {}},
            "required": [name for name, key in self.keys.items() if key.required],
        }  # fmt: skip
