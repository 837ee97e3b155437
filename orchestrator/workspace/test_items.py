"""What lint says of the items of `given` and `when`: keys that nothing reads, customers that are not there."""

from collections.abc import Iterator

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.yaml_node import Node

_WHEN = {
    "receipt": ("step", "status", "channel", "code", "human"), "reply": ("channel", "text"), "unsubscribe": ("step", "by"),
    "fail": ("channel", "webhook", "how", "for"),
}  # fmt: skip
_GIVEN = {
    "consents": ("customer", "channel", "topic", "state"), "issues": ("customer", "kind", "id"), "history": ("customer", "event", "at", "with"),
    "windows": ("whatsapp",), "templates": ("whatsapp",),
}  # fmt: skip
_LATER = {"fail": ("provider", "lookup")}
_BEGINS = ("identify", "alias", "anonymous", "id")
"""Words by which somebody else may come to be there."""


def known_inside(given: Node | None, when: list[Node], reading: Reading) -> None:
    """Y002: what is not looked at would change nothing."""
    for item in when:
        for word, keys in _WHEN.items():
            if word in item.entries:
                _keys(item.entries[word], word, keys, reading)
    for word, keys in _GIVEN.items():
        if given is not None and word in given.entries:
            node = given.entries[word]
            for one in node.items if node.kind == "list" else [node]:
                _keys(one, word, keys, reading)


def _keys(node: Node, word: str, keys: tuple[str, ...], reading: Reading) -> None:
    for key, place in node.keys.items():
        if key in _LATER.get(word, ()):
            why = "the language has it, this program does not build it yet"
            reading.bad(place, "Y002", f"'{key}' is not in this version", why, "leave it out for now")
        elif key not in keys:
            reading.bad(place, "Y002", f"no key '{key}' in `{word}`", "nothing is ever ignored", nearest(key, keys, "keys here"))


def known_customers(given: Node | None, base: Node | None, when: list[Node], then: Node, reading: Reading) -> None:
    """T001 for customers who are not there and cannot come."""
    names = _names(given) or _names(base) or {"customer"}
    if any(word in item.entries for item in when for word in _BEGINS) or names == {"*"}:
        return
    for one in (*when, *_expected(then)):
        node = one.entries.get("customer")
        if node is not None and node.kind == "scalar" and node.text not in names | {"*"}:
            reading.bad(node, "T001", f"no customer '{node.text}'", "`given` says who there is", nearest(node.text, names, "there are"))


def _names(given: Node | None) -> set[str]:
    """Those of `given`; `*` where it cannot be said which names its people have."""
    if given is None:
        return set()
    if "population" in given.entries or ("customer" in given.entries and "id" in given.entries["customer"].entries):
        return {"*"}
    people = given.entries.get("customers")
    if people is None:
        return set()
    return {"*"} if any("id" in one.entries for one in people.entries.values()) else set(people.entries)


def _expected(then: Node) -> Iterator[Node]:
    includes = then.entries.get("includes")
    for found in (then.entries, includes.entries if includes is not None else {}):
        for name in ("sends", "skips", "holds", "ends", "first"):
            yield from found[name].items if name in found else ()
