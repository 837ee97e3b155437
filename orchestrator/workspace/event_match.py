"""`event`, `match`, `same` of a goal, an exit or a wait."""

from collections.abc import Sequence
from typing import cast

from orchestrator.expressions.kinds import never_equal
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.compiling import condition_at
from orchestrator.workspace.profile_file import known_events
from orchestrator.workspace.shape import Reading, Shaped
from orchestrator.workspace.step import EventMatch
from orchestrator.workspace.vocabularies import ENVELOPE, Vocabularies
from orchestrator.workspace.yaml_node import Node


def each_known(events: Sequence[str], place: Node, words: Vocabularies, reading: Reading) -> None:
    """Note events that no source declares, each where it stands."""
    for event, node in zip(events, _places(place, len(events)), strict=False):
        known_events([event], node, words, reading)


def _places(node: Node, number: int) -> Sequence[Node]:
    """Of the values of a list, or of the one that stands for it."""
    return node.items if node.kind == "list" else [node] * number


def read_match(
    one: Shaped, entry: tuple[str, ...], ids: Sequence[str], words: Vocabularies, reading: Reading, *, of_every_run: bool = False
) -> EventMatch:  # fmt: skip
    """The compiled match; problems are noted. A property in `same` is declared for the event and for the entry. `of_every_run`: among
    several runs of a person `match: true` says that all of them are meant."""
    events = tuple(cast("list[str]", one.get("event", [])))
    each_known(events, one.at("event"), words, reading)
    same = tuple(cast("list[str]", one.get("same", [])))
    for name in same:
        _check_same(name, one.at("same").item(name), (events, entry), words, reading)
    given = one.get("match")
    if of_every_run and isinstance(given, Node) and given.text.strip() == "true":
        given = None
    match = None if given is None else condition_at(given, words.match(entry, list(ids), events), reading)
    return EventMatch(events, match, same)


def _check_same(name: str, node: Node, sides: tuple[tuple[str, ...], tuple[str, ...]], words: Vocabularies, reading: Reading) -> None:
    """E004 and E009 of one property; `sides` are the events that are waited for, and those that enter."""
    event, entry = (words.fields(one) for one in sides)
    lacking = [side for side, fields in (("the event", event), ("the entry", entry)) if fields is not None and name not in fields]
    if lacking:
        shared = ((event or entry or frozenset()) & (entry or event or frozenset())) - ENVELOPE
        fix = nearest(name, shared, "both have") if shared else "name a property that both have"
        what = f"{' and '.join(lacking)} {'has' if len(lacking) == 1 else 'have'} no '{name}'"
        reading.bad(node, "E004", what, "it is declared nowhere", fix)
    here, there = words.kind("event", sides[0], name), words.kind("entry", sides[1], name)
    if here is not None and there is not None and never_equal(here, there):
        why = f"'{name}' is {here.article} {here.name} in the event and {there.article} {there.name} in the entry"
        reading.bad(node, "E009", f"'{name}' is never the same", why, "declare both alike, or name another property")
