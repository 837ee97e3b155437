"""What lint says of an item of `when` as a whole: it names one time and one thing that happens, and nothing that goes with another."""

from collections.abc import Iterable, Sequence

from orchestrator.workspace.reading import Reading
from orchestrator.workspace.yaml_node import Node

WORDS: dict[str, tuple[str, ...]] = {
    "event": ("with", "type", "id", "timestamp", "anonymous"),
    "identify": ("with", "anonymous"),
    "alias": ("previous",),
    "receipt": (),
    "reply": (),
    "unsubscribe": (),
    "fail": (),
    "apply": (),
    "pause": (),
    "resume": (),
    "erase": (),
    "stats": (),
}
"""What may happen, and the keys that go with it alone."""
_OF_ONE = frozenset(key for keys in WORDS.values() for key in keys)
_OF_ALL = ("fail", "apply", "pause", "resume", "stats")
"""What happens to everybody."""


def whole_items(items: Sequence[Node], reading: Reading) -> None:
    """Y012 for items without, or with several, times or things that happen; Y002 for keys that nothing would look at."""
    for item in items:
        _one_time(item, reading)
        _one_word(item, reading)


def _one_time(item: Node, reading: Reading) -> None:
    times = _there(item, ("at", "local"))
    if not times:
        reading.bad(item, "Y012", "when does it happen?", "every item has its time", "add `at: 0h`")
    elif len(times) > 1:
        reading.bad(item.keys["local"], "Y012", "`at` and `local` together", "an item happens at one time", "keep one of them")
    if _there(item, ("every",)) and not _there(item, ("repeat",)):
        reading.bad(item.keys["every"], "Y012", "`every` without `repeat`", "it would happen once", "add `repeat: 2`")


def _one_word(item: Node, reading: Reading) -> None:
    words = _there(item, WORDS)
    if not words:
        reading.bad(item, "Y012", "nothing happens", f"one of {', '.join(WORDS)}", "add `event: …`")
        return
    if len(words) > 1:
        what = f"`{words[0]}` and `{words[1]}` in one item"
        reading.bad(item.keys[words[1]], "Y012", what, "an item is one thing that happens", "make two items of it")
        return
    [word] = words
    for key in _there(item, (*sorted(_OF_ONE), "customer")):
        if key in _OF_ONE and key not in WORDS[word]:
            reading.bad(item.keys[key], "Y002", f"no key '{key}' beside `{word}`", "nothing is ever ignored", "leave it out")
        elif key == "customer" and word in _OF_ALL:
            reading.bad(item.keys[key], "Y002", f"no key 'customer' beside `{word}`", "it concerns everybody", "leave it out")


def _there(item: Node, keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key in item.entries and not item.entries[key].empty]
