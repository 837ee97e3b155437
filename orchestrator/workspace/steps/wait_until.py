"""`wait_until`: an event, a condition, or the first of several; at the latest its timeout."""

from typing import cast

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.compiling import condition_at
from orchestrator.workspace.event_match import read_match
from orchestrator.workspace.profile_file import EVENTS
from orchestrator.workspace.shape import EXPRESSION, NAME_TEXT, Duration, Key, ListOf, Mapped, Shaped, Text
from orchestrator.workspace.step import Alternative, WaitStep
from orchestrator.workspace.steps.around import PATH, STEP_KEYS, Around, Spot

_EVENT = {"event": Key(EVENTS), "match": Key(EXPRESSION), "same": Key(ListOf(Text(), single=True)), "when": Key(EXPRESSION)}
_ANY = Mapped({**_EVENT, "as": Key(NAME_TEXT), "then": Key(PATH)}, what="an alternative")
SHAPE = Mapped({
    **STEP_KEYS,
    "wait_until": Key(Mapped({**_EVENT, "any": Key(ListOf(_ANY, least=2, most=8)), "since": Key(Text()), "timeout": Key(Duration())}, what="wait_until", beside=("on_event", "on_timeout")), required=True),
    "on_event": Key(PATH), "on_timeout": Key(PATH),
}, what="a wait_until")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> WaitStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("wait_until")
    if not isinstance(given, Shaped):
        return None
    if "timeout" not in given:
        if not given.lost("timeout"):
            around.reading.bad(given.node, "J028", "no timeout", "nobody may wait for ever", "timeout: 3d")
        return None
    on_event = around.path(shaped.get("on_event"), spot, spot.after)
    since = str(given.get("since", "entry"))
    earlier = [name for name in around.order if name in around.ids and name != spot.name]
    if since not in ("entry", "step") and since not in earlier:
        around.reading.bad(
            given.at("since"),
            "J029",
            f"'{since}' is no earlier step",
            "an event counts after a step that was reached",
            nearest(since if since != spot.name else "", ["entry", "step", *earlier]),
        )
    elif given.written("since") and not _has_event(given):
        around.reading.bad(
            given.node.keys["since"],
            "Y004",
            "`since` without `event`",
            "it says from when on events count",
            "remove it, or wait for an event",
        )
    if not _one_of(given, around, ("event", "when", "any")):
        return None
    alternatives: list[Alternative] = []
    any_of = given.get("any")
    for one in [given] if any_of is None else cast("list[Shaped]", any_of):
        found = _alternative(one, on_event, spot, around)
        if found is not None:
            alternatives.append(found)
    on_timeout = around.path(shaped.get("on_timeout"), spot, spot.after)
    return WaitStep(spot.name, spot.after, tuple(alternatives), cast("int", given.get("timeout")), on_timeout, since)


def _has_event(given: Shaped) -> bool:
    any_of = given.get("any", [])
    return given.written("event") or any(one.written("event") for one in cast("list[Shaped]", any_of))


def _one_of(one: Shaped, around: Around, keys: tuple[str, ...]) -> bool:
    """What a wait waits for stands there once, and `match` and `same` beside an event."""
    written = [key for key in keys if one.written(key)]
    if len(written) > 1:
        what = f"`{written[0]}` and `{written[1]}` together"
        around.reading.bad(
            one.node.keys[written[1]],
            "Y004",
            what,
            "a wait is for one thing, or for `any` of several",
            "keep one, or list both under any",
        )
        return False
    for key in ("match", "same"):
        if written and written != ["event"] and one.written(key):
            around.reading.bad(one.node.keys[key], "Y004", f"`{key}` without `event`", "it chooses among events", "remove it")
    return not written or written[0] in one


def _alternative(one: Shaped, on_event: str, spot: Spot, around: Around) -> Alternative | None:
    target = around.path(one.get("then"), spot, on_event) if "then" in one else on_event
    if not _one_of(one, around, ("event", "when")):
        return None
    if "when" in one:
        when = condition_at(one.get("when"), around.vocabulary().as_tracked(), around.reading)
        return None if when is None else Alternative(str(one.get("as", "condition")), target, None, when)
    events = tuple(cast("list[str]", one.get("event", [])))
    if not events:
        around.reading.bad(one.node, "Y012", "neither `event` nor `when`", "a wait needs something to wait for", "event: Survey Answered")
        return None
    return Alternative(str(one.get("as", events[0])), target, read_match(one, around.entry, around.ids, around.words, around.reading))
