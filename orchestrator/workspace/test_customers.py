"""What lint says of the customers of `when` and `then`: those who are not there."""

from collections.abc import Iterator

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.yaml_node import Node

_BEGINS = ("identify", "alias", "anonymous", "id")
"""Words by which somebody else may come to be there."""


def known_customers(given: Node | None, base: Node | None, when: list[Node], then: Node, reading: Reading) -> None:
    """T001 for customers who are not there and cannot come."""
    names = _names(given) or _names(base) or {"customer"}
    if any(word in item.entries for item in when for word in _BEGINS) or names == {"*"}:
        return
    for one in (*when, *expected(then)):
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


def expected(then: Node) -> Iterator[Node]:
    """Every item of a list that `then` expects."""
    includes = then.entries.get("includes")
    for found in (then.entries, includes.entries if includes is not None else {}):
        for name in ("sends", "skips", "holds", "ends", "first"):
            yield from found[name].items if name in found else ()
