"""Steps that stand somewhere else than they did: on another path, or before or behind their neighbours."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

List = tuple[str, str]
"""Owner of a path and the path; both empty for the journey's own steps."""


def places(before: Mapping[List, Sequence[str]], after: Mapping[List, Sequence[str]], origin: Mapping[str, str]) -> dict[str, list[str]]:
    """Step to what is said of its new place. `origin` maps each step that was there before to its name then; as few as possible of
    those that changed sides in a list have moved. Steps without an id go by their number, and nobody stands in them: they do not move."""
    renamed = {old: new for new, old in origin.items() if " " not in new}
    was = {renamed[name]: where for where, names in before.items() for name in names if name in renamed}
    order = {name: number for number, name in enumerate(name for names in before.values() for name in names)}
    found: dict[str, list[str]] = {}
    for where, names in after.items():
        known = [name for name in names if name in was]
        stayed = [name for name in known if _same_list(was[name], where, was, known, renamed)]
        still = _in_order([order[origin[name]] for name in stayed])
        found |= {name: [_said(name, where, names)] for name in known if order[origin[name]] not in still}
    return found


def _same_list(old: List, new: List, was: Mapping[str, List], known: Sequence[str], renamed: Mapping[str, str]) -> bool:
    """The same path of the same step; or one that is counted otherwise now, because something like it was put before it."""
    owner = renamed.get(old[0], old[0])
    if (owner, old[1]) == new:
        return True
    together = all(was[name] == old for name in known) and sum(where == old for where in was.values()) == len(known)
    return together and (owner == new[0] or " " in owner) and _uncounted(owner, old[1]) == _uncounted(*new)


def _uncounted(owner: str, path: str) -> list[str]:
    return [word for word in f"{owner} {path}".split() if not word.isdigit()]


def _said(name: str, where: List, names: Sequence[str]) -> str:
    place = names.index(name)
    if where[0] and not place:
        return f"now first in {where[1]} of '{where[0]}'"
    return f"now behind '{names[place - 1]}'" if place else "now first"


def _in_order(numbers: Sequence[int]) -> set[int]:
    """A longest part of them that rises."""
    ends: list[int] = []
    lengths: list[int] = []
    for number in numbers:
        length = bisect_left(ends, number)
        ends[length : length + 1] = [number]
        lengths.append(length)
    found: set[int] = set()
    wanted = len(ends) - 1
    for number, length in zip(reversed(numbers), reversed(lengths), strict=True):
        if length == wanted:
            found.add(number)
            wanted -= 1
    return found
