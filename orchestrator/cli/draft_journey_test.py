"""A journey's test to start from: somebody comes in, nothing else happens, and what the engine makes of that now."""

from collections.abc import Iterable

from orchestrator.cli.drafts import flow
from orchestrator.expressions.durations import write_duration
from orchestrator.journey_tests.play import play, timeline
from orchestrator.journey_tests.run import world_of
from orchestrator.journey_tests.versions import Versions
from orchestrator.journey_tests.world import World
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.test_file import JourneyTest
from orchestrator.workspace.test_times import DEFAULT_START, LONGEST
from orchestrator.workspace.workspace import Workspace

MOST = 10
"""Sends and skips that are written out; of more the first."""
_EXAMPLES: dict[str, object] = {
    "text": "x1", "number": 1.5, "integer": 3, "boolean": True, "date": "2026-01-20", "instant": "2026-01-14T09:00:00Z", "list": [], "object": {},
    "email": "ada@example.com", "phone": "+447911000000", "country": "GB", "locale": "en", "timezone": "Europe/London",
}  # fmt: skip
_MEMBER = "  # what makes them a member: traits, an event; or only time, then `when: []`"


def draft_journey_test(workspace: Workspace, journey: Journey, versions: Versions) -> str:
    """The whole file; its test passes as long as the journey stays as it is."""
    given, when = {"customer": {"first_name": "Ada"}}, _entry(workspace, journey)
    test = JourneyTest(journey.name, "", DEFAULT_START, (journey.name,), given, (when,), {})
    lines = [
        f"journey: {journey.name}", "tests:", "  - test: somebody comes in, and nothing else happens", "    given:",
        f"      customer: {flow(given['customer'])}", "    when:", f"      - {flow(when)}{'' if journey.entry.events else _MEMBER}",
        *_then(workspace, test, versions),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _entry(workspace: Workspace, journey: Journey) -> dict[str, object]:
    if not journey.entry.events:
        return {"at": "0h", "identify": "customer", "with": {}}
    event = journey.entry.events[0]
    declared = workspace.events.get(event, {}).items()
    return {"at": "0h", "event": event, "with": {name: _EXAMPLES.get(rule.type, "x") for name, rule in declared if rule.required}}


def _then(workspace: Workspace, test: JourneyTest, versions: Versions) -> list[str]:
    try:
        world = world_of(workspace, test, versions, None)
        for moment in timeline(world, test.when):
            play(world, moment, versions, test)
        world.advance(world.start + LONGEST)
    except (ValueError, KeyError):
        return ["    then: {}  # it cannot be run as it is: `concierge test` says why"]
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
    return ["    then:", *found] if found else ["    then: {}"]


def _list(name: str, items: Iterable[dict[str, str]], indent: str) -> list[str]:
    lines = [f"{indent}  - {flow(one)}" for one in list(items)[:MOST]]
    return [f"{indent}{name}:", *lines] if lines else []


def _at(world: World, instant: int) -> str:
    since = (instant - world.start) // 1000 * 1000
    return write_duration(since) if since else "0h"
