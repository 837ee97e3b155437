"""Journeys and messages as they are written, flattened so that two versions can be told apart key by key."""

from collections.abc import Iterator, Mapping

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.steps.kinds import STEPS
from orchestrator.workspace.yaml_reader import read_yaml

Tree = Mapping[str, object]
_PATHS = ("then", "otherwise", "on_event", "on_timeout", "on_error", "past", "missing", "over")


def read_tree(files: Mapping[str, bytes], folder: str, name: str) -> Tree:
    """What stands in the file of this name below the folder; empty where there is none."""
    for path, value in files.items():
        if path.startswith(folder) and path.rsplit("/", 1)[-1] == f"{name}.yaml":
            node = read_yaml(value, path, Findings())
            data = node.data() if node is not None else None
            return data if isinstance(data, dict) else {}
    return {}


def steps_of(tree: Tree) -> dict[str, Tree]:
    """Every step by its id, or by its word and number where it has none, in the order of the file. Paths that hold steps read as the
    names of these."""
    found: dict[str, Tree] = {}
    _collect(tree.get("steps"), found, {})
    return found


def _collect(steps: object, found: dict[str, Tree], nameless: dict[str, int]) -> list[str]:
    names: list[str] = []
    for step in steps if isinstance(steps, list) else []:
        if not isinstance(step, dict):
            continue
        word = word_of(step)
        name = str(step.get("id") or "")
        if not name:
            nameless[word] = nameless.get(word, 0) + 1
            name = f"{word} {nameless[word]}"
        names.append(name)
        found[name] = {}
        found[name] = {
            key: _without_steps(key, value, found, nameless) for key, value in step.items() if key not in ("id", "title", "note", "was")
        }
    return names


def _without_steps(key: str, value: object, found: dict[str, Tree], nameless: dict[str, int]) -> object:
    if key in _PATHS and isinstance(value, list):
        return _collect(value, found, nameless)
    if isinstance(value, dict):
        return {name: _without_steps(name, one, found, nameless) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_steps("", one, found, nameless) for one in value]
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
