"""Seeded random timelines of a journey: its events, goals, exits and issues, in which the properties must hold."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestrator.expressions.durations import write_duration
from orchestrator.journey_tests.compare import breakdowns
from orchestrator.journey_tests.play import play, timeline
from orchestrator.journey_tests.properties import Watch
from orchestrator.journey_tests.run import world_of
from orchestrator.journey_tests.versions import Versions
from orchestrator.workspace.audience_events import audience_events
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import WaitStep
from orchestrator.workspace.test_file import JourneyTest
from orchestrator.workspace.test_property import Explore, Property
from orchestrator.workspace.vocabularies import BUILT_IN_EVENTS
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_flow import flow

MOST_ITEMS = 12
KEYS = ("k1", "k2", "k3")
Item = dict[str, object]


@dataclass(frozen=True, slots=True)
class Failure:
    """The shortest timeline found, as items of `when`, and what it broke. `number` counts the timelines tried."""

    number: int
    violation: str
    when: tuple[Item, ...]


def explore(workspace: Workspace, test: JourneyTest, wanted: Explore, properties: Sequence[Property], versions: Versions) -> Failure | None:
    """The first timeline that breaks a property, made as short as it can be; None when none does."""
    events = events_of(workspace, workspace.journeys[test.journey])
    for number in range(wanted.timelines):
        rng = random.Random(f"{wanted.seed}:{number}")  # noqa: S311  (a seeded draw that anybody can repeat)
        items = _draw(workspace, events, wanted, rng)
        violation = _violation(workspace, test, items, properties, versions, wanted)
        if violation is not None:
            shortest = _shortened(workspace, test, items, properties, versions, wanted)
            return Failure(number + 1, _violation(workspace, test, shortest, properties, versions, wanted) or violation, tuple(shortest))
    return None


def events_of(workspace: Workspace, journey: Journey) -> list[str]:
    """What can matter to it: entries (thrice as likely), goals, exits, waits, and the events that open and close cases."""
    found = [*journey.entry.events, *audience_events(workspace, journey.entry.audience)] * 3
    matches = [rule.match for rule in journey.exit_on] + ([journey.goal.match] if journey.goal else [])
    for step in journey.steps.values():
        if isinstance(step, WaitStep):
            matches += [alternative.match for alternative in step.alternatives if alternative.match is not None]
    found += [event for match in matches for event in match.events]
    found += [event for kind in workspace.profile.issues for event in sorted(kind.opens | kind.closes)]
    found += [mapping.event for mapping in workspace.profile.consents]
    return [event for event in found if event not in BUILT_IN_EVENTS and ":" not in event]


def _draw(workspace: Workspace, events: Sequence[str], wanted: Explore, rng: random.Random) -> list[Item]:
    if not events:
        return []  # only traits move people in and out
    instants = sorted(rng.randrange(wanted.span // 1000) for _ in range(rng.randint(1, MOST_ITEMS)))
    found: list[Item] = []
    for at in instants:
        event = rng.choice(events)
        found.append({"at": write_duration(at * 1000) or "0h", "event": event, "with": _properties(workspace, event, rng)})
    return found


def _properties(workspace: Workspace, event: str, rng: random.Random) -> dict[str, object]:
    """Values of the declared types; of texts few, so that events speak of the same things."""
    found: dict[str, object] = {}
    for name, rule in workspace.events.get(event, {}).items():
        if not rule.required and rng.random() < 0.3:
            continue
        match rule.type:
            case "number" | "integer":
                found[name] = rng.randrange(100)
            case "boolean":
                found[name] = rng.random() < 0.2
            case "date" | "instant":
                found[name] = f"{{{{ at('{rng.randrange(1, 60)}d') }}}}"
            case "list":
                found[name] = []
            case "object":
                found[name] = {}
            case _:
                found[name] = rng.choice(KEYS)
    return found


def _violation(
    workspace: Workspace, test: JourneyTest, items: Sequence[Item], properties: Sequence[Property], versions: Versions, wanted: Explore
) -> str | None:
    played = replace(test, when=tuple(items), then={})
    watch = Watch(properties)
    world = world_of(workspace, played, versions, None, watch.conditions)
    world.committed = watch.committed
    for together in timeline(world, items):
        play(world, together, versions, test)
        if watch.violations or world.broken:
            break
    else:
        world.advance(world.start + 2 * wanted.span)
    return next(iter((*watch.violations, *breakdowns(world))), None)


def _shortened(
    workspace: Workspace, test: JourneyTest, items: list[Item], properties: Sequence[Property], versions: Versions, wanted: Explore
) -> list[Item]:
    """Leave out one item after the other, as long as it still breaks."""
    index = 0
    while index < len(items):
        fewer = items[:index] + items[index + 1 :]
        if fewer and _violation(workspace, test, fewer, properties, versions, wanted) is not None:
            items = fewer
        else:
            index += 1
    return items


def as_lines(failure: Failure) -> list[str]:
    """For people: the violation, and the timeline as it would be written in a test."""
    found = [f"{failure.violation}", f"shortest timeline (of {failure.number} tried):"]
    found += [f"  - {flow(item)}" for item in failure.when]
    return found
