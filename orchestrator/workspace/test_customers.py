"""What lint says of the customers of `when` and `then`: those who are not there."""

from collections.abc import Iterator, Mapping

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.yaml_node import Node

_BEGINS = ("identify", "alias", "anonymous", "id")
"""Words by which somebody else may come to be there."""


def known_customers(given: Node | None, base: Node | None, when: list[Node], then: Node, reading: Reading) -> None:
    """T001 for customers who are not there and cannot come."""
    names = _names(given) or _names(base) or {"customer"}
    if names == {"customer"} and base is not None and "population" in base.entries:
        names = {"*"}
    if any(word in item.entries for item in when for word in _BEGINS) or names == {"*"}:
        return
    for one in (*when, *expected(then)):
        node = one.entries.get("customer")
        if node is not None and node.kind == "scalar" and node.text not in names | {"*"}:
            reading.bad(node, "T001", f"no customer '{node.text}'", "`given` says who there is", nearest(node.text, names, "there are"))


def one_group(given: Node | None, reading: Reading) -> None:
    """Y012 where `given` names people in two ways: those of one of them would not be there."""
    if given is None or "customers" not in given.entries:
        return
    for key in ("customer", "population"):
        if key in given.entries:
            reading.bad(given.keys[key], "Y012", f"`{key}` beside `customers`", "`customers` says who there is", "keep one of them")


def given_together(base: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    """What a test gives in place of its file's, key by key; its people are there instead of the file's. Traits of `customer` are those of
    everybody in a `population`."""
    gone = (
        {"customer", "population"}
        if "customers" in own
        else {"customers"} & base.keys()
        if {"customer", "population"} & own.keys()
        else set()
    )
    return {**{key: value for key, value in base.items() if key not in gone}, **own}


def _names(given: Node | None) -> set[str]:
    """Those of `given`; `*` where it cannot be said which names its people have."""
    if given is None:
        return set()
    if "population" in given.entries or ("customer" in given.entries and "id" in given.entries["customer"].entries):
        return {"*"}
    people = given.entries.get("customers")
    if people is None:
        return {"customer"} & given.entries.keys()
    return {"*"} if any("id" in one.entries for one in people.entries.values()) else set(people.entries)


def expected(then: Node) -> Iterator[Node]:
    """Every item of a list that `then` expects."""
    includes = then.entries.get("includes")
    for found in (then.entries, includes.entries if includes is not None else {}):
        for name in ("sends", "skips", "holds", "ends", "first"):
            yield from found[name].items if name in found else ()
