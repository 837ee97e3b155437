"""config/journeys/*.yaml: the header of a journey; its steps are read in journey_steps."""

import hashlib
import json
from typing import Any, cast

from orchestrator.contracts.topics import CLASSES
from orchestrator.workspace.active_period import ACTIVE, read_active
from orchestrator.workspace.entry_file import ENTRY, read_entry
from orchestrator.workspace.event_match import read_match
from orchestrator.workspace.guard import strictest
from orchestrator.workspace.guard_file import GUARD, read_guard
from orchestrator.workspace.in_flight import IN_FLIGHT, check_removed, read_in_flight
from orchestrator.workspace.journey import Entry, ExitRule, Goal, Journey, Limits
from orchestrator.workspace.journey_graph import check_graph
from orchestrator.workspace.journey_reach import check_reach
from orchestrator.workspace.journey_steps import StepReader, is_list
from orchestrator.workspace.profile_file import EVENTS, read_shape
from orchestrator.workspace.quiet_hours_file import OF_A_JOURNEY, read_quiet_hours
from orchestrator.workspace.schedule_file import check_once
from orchestrator.workspace.shape import (
    EXPRESSION,
    NAME_TEXT,
    Bool,
    Duration,
    Int,
    Key,
    ListOf,
    Mapped,
    Percent,
    Raw,
    Reading,
    Shaped,
    Text,
)
from orchestrator.workspace.step import SendStep, ThenStep
from orchestrator.workspace.steps.around import StepPath
from orchestrator.workspace.steps.send import class_of
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

LIMITS = Mapped({
    "messages_per_day": Key(Int(1), text="a day of the workspace's timezone; all but transactional count"), "entries_per_day": Key(Int(1), text="further ones are refused"),
    "over": Key(Text(("hold", "drop")), text="messages beyond it wait for the next day, where nothing is written"),
}, what="limits")  # fmt: skip
_MATCH = {"event": Key(EVENTS, required=True), "match": Key(EXPRESSION), "same": Key(ListOf(Text(), single=True))}
FILE = Mapped({
    "journey": Key(NAME_TEXT, required=True, text="equals the file name"), "title": Key(Text()), "description": Key(Text()), "owner": Key(Text()),
    "tags": Key(ListOf(NAME_TEXT)), "note": Key(Text()),
    "status": Key(Text(("draft", "live", "paused", "draining"))), "class": Key(Text(CLASSES)), "priority": Key(Int(0, 100)),
    "entry": Key(ENTRY, required=True),
    "goal": Key(Mapped({**_MATCH, "within": Key(Duration()), "exit": Key(Bool())}, what="goal")),
    "exit_on": Key(ListOf(Mapped({**_MATCH, "reason": Key(NAME_TEXT), "then": Key(StepPath(steps=True))}, what="an exit_on item"))),
    "holdout": Key(Percent()), "max_age": Key(Duration()), "steps": Key(Raw("value"), required=True),
    "active": Key(ACTIVE), "in_flight": Key(IN_FLIGHT), "limits": Key(LIMITS),
    "quiet_hours": Key(OF_A_JOURNEY, text="one rule or a list, added to the workspace's"),
    "guard": Key(GUARD, text="stricter levels than the workspace's, at which complaints or hard bounces pause this journey"),
}, what="a journey")  # fmt: skip
_UNVERSIONED = frozenset(("title", "description", "owner", "tags", "note"))


def version_of(data: object) -> str:
    """The first 12 hex digits of the SHA-256 of a journey's canonical JSON without titles and notes."""

    def strip(value: object) -> object:
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k not in _UNVERSIONED and not k.startswith("x_")}
        return [strip(v) for v in value] if isinstance(value, list) else value

    return hashlib.sha256(json.dumps(strip(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()[:12]


def read_journey(node: Node, name: str, workspace: Workspace, words: Vocabularies, reading: Reading) -> Journey | None:
    """The compiled journey, or None with the problems noted."""
    before = len(reading.findings.all)
    shaped = read_shape(FILE, node, reading)
    if "journey" in shaped and shaped.get("journey") != name:
        reading.bad(
            shaped.at("journey"),
            "Y016",
            f"'{shaped.get('journey')}' in a file called {name}.yaml",
            "the name equals the file name",
            "rename one of them",
        )
    entry_shaped = shaped.get("entry")
    if not isinstance(entry_shaped, Shaped):
        return None
    entry = read_entry(entry_shaped, words, reading)
    if entry is None:
        return None
    events = entry.speaks_of
    steps_node = shaped.get("steps")
    if not isinstance(steps_node, Node):
        return None
    if not is_list(steps_node, "- {id: first, send: a_message, channels: [email]}", reading):
        return None
    if not steps_node.items:
        reading.bad(steps_node, "J002", "no steps", "a journey has at least one", "add one")
        return None
    steps = StepReader(workspace, words, events, reading, name, str(shaped.get("class")) if "class" in shaped else None)
    first = steps.read_all(steps_node, _then_of(shaped))
    keyed = _key_of(entry)
    goal = _goal(shaped, events, steps, keyed, words, reading)
    exits = _exits(shaped, events, steps, keyed, words, reading)
    if "holdout" in shaped and any(isinstance(s, SendStep) and class_of(s, steps.around) == "transactional" for s in steps.steps.values()):
        reading.bad(
            shaped.at("holdout"),
            "J011",
            "a holdout, and a transactional message",
            "nobody may be held out of what they must get",
            "split the journey",
        )
    marketing = frozenset(n for n, s in steps.steps.items() if isinstance(s, SendStep) and class_of(s, steps.around) == "marketing")
    check_graph(
        steps.steps,
        first,
        steps.places,
        marketing,
        reading,
        ends_early=goal is not None or bool(exits),
        ignores_repeats=entry.reentry.on_repeat == "ignore",
    )
    check_reach(steps.steps, first, steps.places, cast("int", shaped.get("max_age", workspace.max_age)), reading)
    if shaped.get("class") == "marketing" and goal is None:
        reading.bad(node, "J048", "no goal", "without one nobody can say whether it works", "goal: {event: …}")
    check_removed(shaped.get("in_flight"), steps.steps, steps.was, reading)
    policies = workspace.policies
    quiet = read_quiet_hours(shaped.get("quiet_hours"), f"{name}.quiet_hours", policies.topics, policies.quiet_hours, (), reading)
    active = read_active(shaped.get("active"), workspace.timezone, reading)
    _check_limits(shaped.get("limits"), policies.journey_messages, reading)
    check_once(entry_shaped, entry.schedule, active, workspace.timezone, reading)
    guard = read_guard(shaped.get("guard"), policies.guard, "J044", lambda most: f"the workspace's {most * 100:g}%", reading)
    if any(finding.severity == "error" for finding in reading.findings.all[before:]):
        return None
    return Journey(
        name=name, version=version_of(node.data()), entry=entry, steps=steps.steps, first=first, order=tuple(steps.order),
        title=str(shaped.get("title", name)), status=cast("Any", shaped.get("status", "live")), message_class=cast("Any", shaped.get("class")),
        priority=cast("int", shaped.get("priority", 50)), tags=tuple(cast("list[str]", shaped.get("tags", []))), goal=goal, exit_on=exits,
        holdout=cast("float", shaped.get("holdout", 0.0)), active=active, in_flight=read_in_flight(shaped.get("in_flight"), workspace.in_flight), was=steps.was, max_age=cast("int", shaped.get("max_age", workspace.max_age)),
        quiet_hours=quiet, limits=_limits(shaped.get("limits"), policies.journey_messages), guard=strictest(policies.guard, guard),
        transactional=_is_transactional(steps),
    )  # fmt: skip


def _is_transactional(steps: StepReader) -> bool:
    """It sends, and nothing but what everybody must get."""
    classes = [class_of(step, steps.around) for step in steps.steps.values() if isinstance(step, SendStep)]
    return bool(classes) and all(one == "transactional" for one in classes)


def _check_limits(given: object, messages: int | None, reading: Reading) -> None:
    """Y012 for `over` of a number that stands nowhere."""
    if not isinstance(given, Shaped) or "over" not in given or given.written("messages_per_day") or messages is not None:
        return
    if given.get("over") == "drop" or not given.written("entries_per_day"):
        why = "it says what becomes of messages beyond it"
        reading.bad(given.node.keys["over"], "Y012", "`over` without `messages_per_day`", why, "messages_per_day: 20000")


def _limits(given: object, messages: int | None) -> Limits:
    """`messages`: the workspace's, where the journey has none of its own."""
    if not isinstance(given, Shaped):
        return Limits(messages)
    read = cast("dict[str, int]", given.values)
    return Limits(read.get("messages_per_day", messages), read.get("entries_per_day"), cast("Any", given.get("over", "hold")))


def _key_of(entry: Entry) -> tuple[str, ...] | None:
    """Properties of the entry that tell its runs apart; None where a person has one run."""
    if entry.key is None:
        return None
    return tuple(sorted({path[1] for path in entry.key.paths if path[0] in ("event", "entry") and len(path) > 1}))


def _goal(
    shaped: Shaped, entry: tuple[str, ...], steps: StepReader, keyed: tuple[str, ...] | None, words: Vocabularies, reading: Reading
) -> Goal | None:  # fmt: skip
    one = shaped.get("goal")
    if not isinstance(one, Shaped):
        return None
    match = read_match(one, entry, steps.ids, words, reading, of_every_run=keyed is not None)
    if keyed is not None:
        _unkeyed(one, keyed, reading)
    return Goal(match, cast("int", one.get("within", 30 * 86_400_000)), bool(one.get("exit", True)))


def _unkeyed(one: Shaped, key: tuple[str, ...], reading: Reading) -> None:
    if not one.written("same") and not one.written("match"):
        reading.bad(
            one.node,
            "J009",
            "neither `same` nor `match` in a keyed journey",
            "any such event would end every run of the person",
            f"same: {key[0] if len(key) == 1 else '<the property in key>'}, or match: true if it is meant for every run",
        )


def _then_of(shaped: Shaped) -> list[Node]:
    """What is written as `then` of the exits."""
    given = shaped.get("exit_on", [])
    found = [one.get("then") for one in given if isinstance(one, Shaped)] if isinstance(given, list) else []
    return [node for node in found if isinstance(node, Node)]


def _exits(
    shaped: Shaped, entry: tuple[str, ...], steps: StepReader, keyed: tuple[str, ...] | None, words: Vocabularies, reading: Reading
) -> tuple[ExitRule, ...]:  # fmt: skip
    found: list[ExitRule] = []
    given = shaped.get("exit_on", [])
    for one in given if isinstance(given, list) else []:
        match = read_match(one, entry, steps.ids, words, reading, of_every_run=keyed is not None)
        # an event that does not have the key's property cannot be of one run only
        if keyed and any(words.kind("event", (event,), name) is not None for event in match.events for name in keyed):
            _unkeyed(one, keyed, reading)
        then: list[ThenStep] = []
        node = one.get("then")
        if isinstance(node, Node) and is_list(node, "then: [{id: sorry, send: a_message, channels: [email]}]", reading):
            for item in node.items:
                step = steps.read_detached(item, match.events)
                if step is not None:
                    then.append(step)
        found.append(ExitRule(match, cast("str | None", one.get("reason")), tuple(then)))
    return tuple(found)
