"""The shapes of YAML values. Each kind of file is declared once with these; reading, refusing, completion in editors and the
reference pages all follow from the declaration."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from orchestrator.expressions.problems import near, nearest
from orchestrator.workspace.key_forms import form_of
from orchestrator.workspace.reading import BAD, Reading, Shape
from orchestrator.workspace.scalar_shape import (
    EXPRESSION,
    NAME,
    NAME_TEXT,
    VALUE,
    Bool,
    Duration,
    Int,
    Number,
    Percent,
    Rate,
    Raw,
    Text,
    Yes,
)
from orchestrator.workspace.yaml_node import Node


@dataclass(frozen=True)
class ListOf(Shape):
    """A list; a single value stands for a list of one where `single` is set. `code` names what is wrong with its length."""

    item: Shape = field(default_factory=Text)
    single: bool = False
    least: int = 0
    most: int | None = None
    code: str = "Y004"

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind != "list":
            if not self.single:
                return self.wrong(node, reading, "a list", self._listed(node))
            found = self.item.read(node, reading)
            return BAD if found is BAD else [found]
        found_items = [self.item.read(item, reading) for item in node.items]
        if len(found_items) < self.least or (self.most is not None and len(found_items) > self.most):
            what = "an empty list" if not found_items else f"a list of {len(found_items)}"
            why = f"at least {self.least}" if self.most is None else f"from {self.least} to {self.most}"
            return reading.bad(
                node,
                self.code,
                what,
                why,
                f"add one, for example: {self.item.shown() or '…'}" if len(found_items) < self.least else "take some out",
            )
        return BAD if any(item is BAD for item in found_items) else found_items

    def _listed(self, node: Node) -> str:
        """The fix of what stands alone and belongs into a list."""
        if node.kind == "map":
            return "begin it with `- `: it is one item of a list"
        alone = isinstance(self.item, Text) and re.fullmatch(r"\w+(, *\w+)*", node.text)
        return f"write [{node.text}]" if alone else ""

    def shown(self) -> str:
        item = self.item.shown()
        return item if self.single else f"[{item}]" if item else ""

    def schema(self) -> dict[str, object]:
        array: dict[str, object] = {"type": "array", "items": self.item.schema(), **({"minItems": self.least} if self.least else {})}
        if self.most is not None:
            array["maxItems"] = self.most
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

    def shown(self) -> str:
        return f"{{a_name: {self.value.shown() or '…'}}}"

    def schema(self) -> dict[str, object]:
        names = {"propertyNames": {"pattern": f"^(x_.*|{self.key.pattern.pattern})$"}} if self.key is not None and self.key.pattern else {}
        return {"type": "object", "additionalProperties": self.value.schema(), "patternProperties": {"^x_": {}}, **names}


@dataclass(frozen=True)
class Key:
    """One key of a mapping. `later`: part of the language, not of this version; it is refused by name."""

    shape: Shape = field(default_factory=Text)
    required: bool = False
    text: str = ""
    later: bool = False

    def schema(self) -> dict[str, object]:
        """Of its value: what is empty is not given, so what is not required may be null."""
        found = self.shape.schema()
        if found and not self.required:
            simple = "enum" not in found and isinstance(found.get("type"), str)
            found = {**found, "type": [found["type"], "null"]} if simple else {"anyOf": [found, {"type": "null"}]}
        return {**found, **({"description": self.text} if self.text else {})}


@dataclass(slots=True)
class Shaped:
    """A mapping that was read: values by key (absent ones are not there), and their nodes."""

    node: Node
    values: dict[str, object]
    misspelt: Mapping[str, str] = field(default_factory=dict)
    """Keys that are not there, to what stands in their place."""

    def get(self, key: str, default: object = None) -> object:
        return self.values.get(key, default)

    def written(self, key: str) -> bool:
        """Whether it stands there, also when it could not be read."""
        return key in self.node.entries and not self.node.entries[key].empty

    def lost(self, key: str) -> bool:
        """Whether it is meant to stand there and could not be read, or not wholly: its own errors are enough."""
        return self.node.kind != "map" or key in self.misspelt or (self.written(key) and key not in self.values)

    def at(self, key: str) -> Node:
        """The value's node, or the mapping's."""
        return self.node.entries.get(key, self.node)

    def __contains__(self, key: str) -> bool:
        return key in self.values


def misspelt_in(node: Node, keys: Collection[str]) -> dict[str, str]:
    """Keys that do not stand in the mapping, to the unknown key that is near and taken for them."""
    free = [key for key in keys if key not in node.entries]
    unknown = [name for name in node.entries if name not in keys and not name.startswith("x_")]
    return {meant: name for name in reversed(unknown) if (meant := near(name, free)) is not None}


@dataclass(frozen=True)
class Mapped(Shape):
    """A mapping with declared keys; `short` reads another form instead, which looks like `short_form`."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    short: "Callable[[Node, Reading], object] | None" = None
    what: str = "this mapping"
    beside: tuple[str, ...] = ()
    """Keys that stand beside it, not inside."""
    short_form: Shape = field(default_factory=Text)

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind != "map":
            return self.short(node, reading) if self.short is not None else self.wrong(node, reading, "a mapping")
        found: dict[str, object] = {}
        misspelt = misspelt_in(node, [one for one, known in self.keys.items() if not known.later])
        for name, item in node.entries.items():
            if name.startswith("x_"):
                continue
            key = self.keys.get(name)
            if key is None:
                reading.bad(node.keys[name], "Y002", f"no key '{name}' in {self.what}", "nothing is ever ignored", self._meant(name, node))
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
            if key.required and name not in misspelt and (name not in node.entries or node.entries[name].empty):
                empty = name in node.entries
                reading.bad(
                    node.keys[name] if empty else node,
                    "Y012",
                    f"'{name}' is {'empty' if empty else 'missing'} in {self.what}",
                    key.text or "it is required",
                    f"{'write' if empty else 'add'} `{name}: {form_of(name, key.shape.shown()) or '…'}`",
                )
        return Shaped(node, found, misspelt)

    def _meant(self, name: str, node: Node) -> str:
        """The fix of an unknown key: a near one that is free, the place where it is known, or all there are."""
        known = [one for one, key in self.keys.items() if not key.later]
        word, _colon, value = re.sub(r"[: ]+", ":", name, count=1).partition(":")
        if word in known and value and node.entries[name].empty:
            return f"write `{word}: {value}`"
        if name in self.beside:
            return f"write it beside {self.what}, not inside"
        inside = next((one for one in known if isinstance(shape := self.keys[one].shape, Mapped) and name in shape.keys), None)
        if inside is not None:
            return f"write it inside `{inside}`"
        free = [one for one in known if one not in node.entries]
        if "event" in node.entries and "with" in free and near(name, free, closely=True) is None:
            return f"a property of the event stands in `with: {{{name}: …}}`"
        return nearest(name, free, "keys here", closely=True)

    def shown(self) -> str:
        first = next(iter(self.keys), None)
        wanted = [name for name, key in self.keys.items() if key.required] or [first or "…"]
        forms = (f"{name}: {form_of(name, self.keys[name].shape.shown()) or '…'}" for name in wanted if name in self.keys)
        return "{" + ", ".join(forms) + "}"

    def schema(self) -> dict[str, object]:
        properties = {name: key.schema() for name, key in self.keys.items() if not key.later}
        found: dict[str, object] = {
            "type": "object", "properties": properties, "additionalProperties": False, "patternProperties": {"^x_": {}},
            "required": [name for name, key in self.keys.items() if key.required],
        }  # fmt: skip
        return found if self.short is None else {"anyOf": [self.short_form.schema(), found]}


__all__ = [
    "BAD", "EXPRESSION", "NAME", "NAME_TEXT", "VALUE", "Bool", "Duration", "Int", "Key", "ListOf", "MapOf", "Mapped", "Number", "Percent", "Rate", "Raw", "Reading", "Shape", "Shaped", "Text", "Yes",
]  # fmt: skip
