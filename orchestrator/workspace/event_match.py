"""`event`, `match`, `same` of a goal, an exit or a wait."""

from collections.abc import Sequence
from typing import cast

from orchestrator.expressions.kinds import never_equal
from orchestrator.workspace.compiling import condition_at
from orchestrator.workspace.profile_file import known_events
from orchestrator.workspace.shape import Reading, Shaped
from orchestrator.workspace.step import EventMatch
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.yaml_node import Node


def read_match(
    one: Shaped, entry: tuple[str, ...], ids: Sequence[str], words: Vocabularies, reading: Reading, *, of_every_run: bool = False
) -> EventMatch:  # fmt: skip
    """The compiled match; problems are noted. A property in `same` is declared for the event and for the entry. `of_every_run`: among
    several runs of a person `match: true` says that all of them are meant."""
    events = tuple(cast("list[str]", one.get("event", [])))
    known_events(list(events), one.at("event"), words, reading)
    same = tuple(cast("list[str]", one.get("same", [])))
    for name in same:
        for side, fields in (("the event", words.fields(events)), ("the entry", words.fields(entry))):
            if fields is not None and name not in fields:
                reading.bad(one.at("same"), "E004", f"{side} has no '{name}'", "it is declared nowhere", "name a property that both have")
        here, there = words.kind("event", events, name), words.kind("entry", entry, name)
        if here is not None and there is not None and never_equal(here, there):
            why = f"'{name}' is a {here.name} in the event and a {there.name} in the entry"
            reading.bad(one.at("same"), "E009", f"'{name}' is never the same", why, "declare both alike, or name another property")
    given = one.get("match")
    if of_every_run and isinstance(given, Node) and given.text.strip() == "true":
        given = None
    match = None if given is None else condition_at(given, words.match(entry, list(ids), events), reading)
    return EventMatch(events, match, same)
