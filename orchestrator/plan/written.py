"""Journeys and messages as they are written, flattened so that two versions can be told apart key by key."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.steps.kinds import STEPS
from orchestrator.workspace.yaml_reader import read_yaml

Tree = Mapping[str, object]
_PATHS = ("then", "otherwise", "on_event", "on_timeout", "on_error", "past", "missing", "over")
_UNSAID = ("id", "title", "note", "was")


def read_tree(files: Mapping[str, bytes], folder: str, name: str) -> Tree:
    """What stands in the file of this name below the folder; empty where there is none."""
    for path, value in files.items():
        if path.startswith(folder) and path.rsplit("/", 1)[-1] == f"{name}.yaml":
            node = read_yaml(value, path, Findings())
            data = node.data() if node is not None else None
            return data if isinstance(data, dict) else {}
    return {}


class Written(NamedTuple):
    """`steps`: every step by its id, or by its word and number where it has none, in the order of the file. Paths that hold steps read as
    the names of these. `lists`: owner of a path and the path (both empty for the journey's own steps) to the names in it."""

    steps: dict[str, Tree]
    lists: dict[tuple[str, str], list[str]]


def read_steps(tree: Tree) -> Written:
    """All steps of a journey."""
    collecting = _Collecting()
    collecting.read(tree.get("steps"), ("", ""))
    return Written(collecting.found, collecting.lists)


def steps_of(tree: Tree) -> dict[str, Tree]:
    """Every step by its name."""
    return read_steps(tree).steps


class _Collecting:
    """One reading of a file."""

    def __init__(self) -> None:
        self.found: dict[str, Tree] = {}
        self.lists: dict[tuple[str, str], list[str]] = {}
        self._nameless: Counter[str] = Counter()

    def read(self, steps: object, where: tuple[str, str]) -> list[str]:
        """Names of the steps of one list."""
        names: list[str] = []
        self.lists[where] = names
        for step in steps if isinstance(steps, list) else []:
            if not isinstance(step, dict):
                continue
            word = word_of(step)
            name = str(step.get("id") or "")
            if not name:
                self._nameless[word] += 1
                name = f"{word} {self._nameless[word]}"
            names.append(name)
            self.found[name] = {}
            self.found[name] = {key: self._value(key, value, (name, key)) for key, value in step.items() if key not in _UNSAID}
        return names

    def _value(self, key: str, value: object, where: tuple[str, str]) -> object:
        owner, path = where
        if key in _PATHS and isinstance(value, list):
            return self.read(value, where)
        if isinstance(value, dict):
            return {name: self._value(name, one, (owner, f"{path} {name}")) for name, one in value.items()}
        if isinstance(value, list):
            return [self._value("", one, (owner, f"{path} {number}")) for number, one in enumerate(value, 1)]
        return value


def word_of(step: Tree) -> str:
    """Its step word."""
    return next((word for word in STEPS if word in step), "step")


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every single value with its path, as text."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from leaves(one, f"{path} {name}".strip())
    elif isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        for number, one in enumerate(value, 1):
            yield from leaves(one, f"{path} {number}".strip())
    else:
        yield path, _text(value)


def _text(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    text = str(value).lower() if isinstance(value, bool) else "–" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def differences(old: object, new: object) -> list[str]:
    """`timeout 6d → 4d`, key by key; what was added and what is gone."""
    before, after = dict(leaves(old)), dict(leaves(new))
    found = [f"{path} {before[path]} → {text}".strip() for path, text in after.items() if path in before and before[path] != text]
    found += [f"+ {path} {text}" for path, text in after.items() if path not in before]
    return found + [f"- {path} {text}" for path, text in before.items() if path not in after]
