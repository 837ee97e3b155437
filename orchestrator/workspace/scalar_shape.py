"""Shapes of single values: text, names, booleans, numbers, durations, shares, rates, expressions."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from orchestrator.expressions.durations import read_duration
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.duration_fix import FORM, duration_fix
from orchestrator.workspace.reading import BAD, Reading, Shape
from orchestrator.workspace.yaml_node import Node

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Text(Shape):
    """Text; numbers without quotes are refused, because 007 would become 7."""

    choices: tuple[str, ...] = ()
    example: str = '"some text"'
    later: tuple[str, ...] = ()
    """Choices of the language that are not of this version."""
    pattern: "re.Pattern[str] | None" = None
    form: str = "text"
    template: bool = False
    filled: bool = False
    """Empty text is no text."""
    code: str = "Y005"
    """Of a value that is none of the choices, or not of the pattern."""

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind != "scalar":
            return self.wrong(node, reading, self.form, unpacked(node))
        text = node.text
        if self.filled and not text.strip():
            return reading.bad(node, "Y012", "an empty text", "nothing is ever sent blank", "write it")
        if text in self.later:
            return reading.bad(
                node, "Y005", f"'{text}' is not in this version", "the language has it, this program does not build it yet",
                f"one of: {', '.join(self.choices)}",
            )  # fmt: skip
        if self.choices and text not in self.choices:
            return reading.bad(
                node, self.code, f"'{text}' is not allowed here", f"allowed: {', '.join(self.choices)}", nearest(text, self.choices)
            )
        if self.pattern is not None and not self.pattern.fullmatch(text):
            return reading.bad(
                node, self.code, f"'{text[:60]}' is not {self.form}", f"wanted {self.form}", f"for example: {self._like(text)}"
            )
        value = node.scalar()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return reading.bad(
                node,
                "Y009",
                f"{node.text[:40]} reads as a number here",
                "without quotes YAML takes it for one: 007 becomes 7",
                f'quote it: "{node.text[:40]}"',
            )
        return text

    def _like(self, text: str) -> str:
        """What was written as a name, where one is wanted; else the example."""
        made = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:64].rstrip("_")
        return made if self.pattern is NAME and NAME.fullmatch(made) else self.example

    def shown(self) -> str:
        return self.choices[0] if self.choices else self.example

    def schema(self) -> dict[str, object]:
        return {"type": "string", **({"enum": list(self.choices)} if self.choices else {})}


def unpacked(node: Node) -> str:
    """The fix of a value that stands in brackets and should not; empty where another one is needed."""
    alone = node.items[0] if node.kind == "list" and len(node.items) == 1 else None
    return f"write {alone.text}, without brackets" if alone is not None and alone.kind == "scalar" and alone.text else ""


def unquoted(node: Node) -> str:
    """The fix of a number or boolean in quotes."""
    return f"write {node.text}, without quotes" if node.kind == "scalar" and not node.plain else ""


NAME_TEXT = Text(example="a_name", pattern=NAME, form="a name: a-z, 0-9 and _, first a letter")


@dataclass(frozen=True)
class Bool(Shape):
    example = "true"

    def read(self, node: Node, reading: Reading) -> object:
        value = node.scalar() if node.kind == "scalar" else None
        if isinstance(value, bool):
            return value
        what = {"map": "a mapping", "list": "a list"}.get(node.kind) or f"`{node.text if node.plain or not node.raw else node.raw}`"
        written = unquoted(node) if node.text in ("true", "false") else ""
        return reading.bad(
            node, "Y008", f"{what} is not a boolean", "`yes`, `on` and the like are plain text", written or "write true or false"
        )

    def schema(self) -> dict[str, object]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Yes(Bool):
    """A word that is said by being there: `false` would say nothing."""

    def read(self, node: Node, reading: Reading) -> object:
        found = super().read(node, reading)
        return (
            found
            if found is not False
            else reading.bad(node, "Y005", "false says nothing here", "allowed: true", "write true, or leave it out")
        )

    def schema(self) -> dict[str, object]:
        return {"const": True}


@dataclass(frozen=True)
class Int(Shape):
    least: int = 0
    most: int = 10**9
    example: str = "3"

    def read(self, node: Node, reading: Reading) -> object:
        value = node.scalar() if node.kind == "scalar" else None
        if isinstance(value, float) and math.isinf(value) and not node.text.lower().endswith("inf"):
            return reading.bad(
                node, "Y005", f"{node.text[:20]}… is out of range", f"from {self.least} to {self.most}", "choose one in between"
            )
        if not isinstance(value, int) or isinstance(value, bool):
            number = re.fullmatch(r"[0-9]{1,10}", node.text) is not None
            return self.wrong(node, reading, "a whole number", (unquoted(node) if number else "") or unpacked(node))
        if not self.least <= value <= self.most:
            return reading.bad(node, "Y005", f"{value} is out of range", f"from {self.least} to {self.most}", "choose one in between")
        return value

    def schema(self) -> dict[str, object]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Number(Shape):
    """A number of any kind, zero or more."""

    example = "12.5"

    def read(self, node: Node, reading: Reading) -> object:
        value = node.scalar() if node.kind == "scalar" else None
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 10**12:
            number = re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", node.text) is not None
            return self.wrong(node, reading, "a number, zero or more", (unquoted(node) if number else "") or unpacked(node))
        return value

    def schema(self) -> dict[str, object]:
        return {"type": "number", "minimum": 0}


@dataclass(frozen=True)
class Duration(Shape):
    """`90m`, `2h`, `1d12h`: milliseconds."""

    example = "90m"
    signed: bool = False
    zero: bool = False
    """`0s` is one, too."""

    def read(self, node: Node, reading: Reading) -> object:
        plain = node.kind == "scalar" and node.text.isascii()
        found = read_duration(node.text, signed=self.signed or self.zero) if plain else None
        if found is None or (found < 0 and not self.signed):
            what = {"map": "a mapping", "list": "a list"}.get(node.kind) or f"`{node.text[:40]}`"
            fix = unpacked(node) if node.kind != "scalar" else duration_fix(node.text, signed=self.signed or self.zero)
            return reading.bad(
                node, "Y014", f"{what} is not a duration", "whole numbers with w d h m s, largest first, 1 s to 400 d", fix or FORM
            )
        return found

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^[-+]?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"}


@dataclass(frozen=True)
class Percent(Shape):
    """`10%`: a share from 0 to 1."""

    example = "10%"

    def read(self, node: Node, reading: Reading) -> object:
        found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,2})?)%", node.text, re.ASCII) if node.kind == "scalar" else None
        if found is None or float(found[1]) > 100:
            return self.wrong(node, reading, "a percentage from 0% to 100%", self._fix(node))
        return float(found[1]) / 100

    def _fix(self, node: Node) -> str:
        """Its sign, or the decimals that are too many."""
        number = re.fullmatch(r"(\d{1,3}(?:\.\d{1,2})?)(\d*) *(%?)", node.text, re.ASCII) if node.kind == "scalar" else None
        if number is None or float(number[1]) > 100:
            return unpacked(node)
        if number[2]:
            return f"write at most two decimals: {number[1]}%"
        share = float(number[1]) if not number[3] else 1.0
        return (
            f"write {share * 100:g}% for this part of all, {number[1]}% for so many of a hundred"
            if 0 < share < 1
            else f"write {number[1]}%"
        )

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^\d{1,3}(\.\d{1,2})?%$"}


_RATE = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class Rate(Shape):
    """`500/s`: per second."""

    example = "500/s"

    def read(self, node: Node, reading: Reading) -> object:
        found = re.fullmatch(r"([1-9]\d{0,8})/([smhd])", node.text, re.ASCII) if node.kind == "scalar" else None
        return self.wrong(node, reading, "a rate") if found is None else int(found[1]) / _RATE[found[2]]

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^\d+/[smhd]$"}


@dataclass(frozen=True)
class Raw(Shape):
    """The node itself: a bare expression, or any value, judged where its scope is known."""

    form: Literal["expression", "value"] = "value"
    example: str = "…"

    def read(self, node: Node, reading: Reading) -> object:
        if node.broken:
            return BAD
        return self.wrong(node, reading, "an expression") if self.form == "expression" and node.kind != "scalar" else node

    def schema(self) -> dict[str, object]:
        return {"type": ["string", "number", "boolean"]} if self.form == "expression" else {}


EXPRESSION = Raw("expression", example="customer.tier == 'gold'")


VALUE = Raw("value")
