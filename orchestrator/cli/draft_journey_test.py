"""A journey's test to start from: somebody comes in, nothing else happens, and what the engine makes of that now."""

from collections.abc import Iterable, Mapping

from orchestrator.expressions.durations import write_duration
from orchestrator.journey_tests.play import play, timeline
from orchestrator.journey_tests.run import world_of
from orchestrator.journey_tests.versions import Versions
from orchestrator.journey_tests.world import World
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.test_file import JourneyTest
from orchestrator.workspace.test_times import DEFAULT_START, LONGEST
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_flow import flow

MOST = 10
"""Sends and skips that are written out; of more the first."""
_EXAMPLES: dict[str, object] = {
    "text": "x1", "number": 1.5, "integer": 3, "boolean": True, "date": "2026-01-20", "instant": "2026-01-14T09:00:00Z", "list": [], "object": {},
    "email": "ada@example.com", "phone": "+447911000000", "country": "GB", "locale": "en", "timezone": "Europe/London",
}  # fmt: skip
_OTHERS: tuple[Mapping[str, object], ...] = (
    {}, {"number": 100.0, "integer": 100}, {"boolean": False}, {"boolean": False, "number": 100.0, "integer": 100},
    {"date": "2026-03-16", "instant": "2026-03-16T11:00:00Z"}, {"date": "2026-03-16", "instant": "2026-03-16T11:00:00Z", "number": 100.0, "integer": 100, "boolean": False},
)  # fmt: skip
"""Other examples, tried in turn where the first ones send nothing: larger numbers, times to come."""
_MEMBER = "  # what makes them a member: traits, an event; or only time, then `when: []`"


def draft_journey_test(workspace: Workspace, journey: Journey, versions: Versions) -> str:
    """The whole file; its test passes as long as the journey stays as it is."""
    given = {"customer": {"first_name": "Ada"}}
    drafts = [_entry(workspace, journey, others) for others in (_OTHERS if journey.entry.events else _OTHERS[:1])]
    when, then = drafts[0], list[str]()
    for number, one in enumerate(drafts):
        if number and one in drafts[:number]:
            continue
        test = JourneyTest(journey.name, "", DEFAULT_START, (journey.name,), given, (one,), {})
        sends, lines = _then(workspace, test, versions)
        if sends or not number:
            when, then = one, lines
        if sends:
            break
    lines = [
        f"journey: {journey.name}", "tests:", "  - test: somebody comes in, and nothing else happens", "    given:",
        f"      customer: {flow(given['customer'])}", "    when:", f"      - {flow(when)}{'' if journey.entry.events else _MEMBER}",
        *then,
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _entry(workspace: Workspace, journey: Journey, others: Mapping[str, object]) -> dict[str, object]:
    if not journey.entry.events:
        return {"at": "0h", "identify": "customer", "with": {}}
    event = journey.entry.events[0]
    declared, examples = workspace.events.get(event, {}).items(), {**_EXAMPLES, **others}
    return {"at": "0h", "event": event, "with": {name: examples.get(rule.type, "x") for name, rule in declared if rule.required}}


def _then(workspace: Workspace, test: JourneyTest, versions: Versions) -> tuple[int, list[str]]:
    """How many messages are sent, and the lines of `then`."""
    try:
        world = world_of(workspace, test, versions, None)
        for moment in timeline(world, test.when):
            play(world, moment, versions, test)
        world.advance(world.start + LONGEST)
    except (ValueError, KeyError):
        return 0, ["    then: {}  # it cannot be run as it is: `concierge test` says why"]
    sends = [{"at": _at(world, at), "step": one.step, "channel": one.channel} for at, one in world.sends]
    skips = [
        {"at": _at(world, one.at), **({"step": one.step} if one.step else {}), "reason": one.reason.value}
        for one in world.decisions
        if one.effect in ("D", "E", "F")
    ]
    found = _list("sends" if len(sends) <= MOST else "first", sends, "      ")
    if len(skips) <= MOST:
        found += _list("skips", skips, "      ")
    else:
        found += ["      includes:", *_list("skips", skips, "        ")]
    return len(sends), ["    then:", *found] if found else ["    then: {}"]


def _list(name: str, items: Iterable[dict[str, str]], indent: str) -> list[str]:
    lines = [f"{indent}  - {flow(one)}" for one in list(items)[:MOST]]
    return [f"{indent}{name}:", *lines] if lines else []


def _at(world: World, instant: int) -> str:
    since = (instant - world.start) // 1000 * 1000
    return write_duration(since) if since else "0h"
