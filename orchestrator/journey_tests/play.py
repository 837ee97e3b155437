"""`when`: the items of a test, played into its world in order of time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from orchestrator.contracts.topics import CHANNELS
from orchestrator.expressions.durations import write_duration
from orchestrator.expressions.local_time import local_to_instant
from orchestrator.journey_tests.arrivals import Moment, arrive
from orchestrator.journey_tests.given import offset
from orchestrator.journey_tests.provider import read_failure
from orchestrator.journey_tests.services import read_outage
from orchestrator.journey_tests.versions import Versions, with_status
from orchestrator.journey_tests.world import World, only
from orchestrator.policies.reputation import BUCKET, Figures
from orchestrator.profiles.zone import zone_of
from orchestrator.workspace.guard import WINDOWS, Window
from orchestrator.workspace.test_file import JourneyTest
from orchestrator.workspace.test_shapes import MOST_REPEATS
from orchestrator.workspace.workspace import Workspace


def timeline(world: World, items: Sequence[Mapping[str, object]], end: int | None = None) -> list[list[Moment]]:
    """All items with their repetitions and customers, in order of time, at one instant as they are written; together those of one instant
    that arrive as one batch. Raises ValueError, also for what comes after the `end` (milliseconds)."""
    found: list[Moment] = []
    for item in items:
        repeat, every = item.get("repeat", 1), offset(item.get("every", "0s"))
        if not isinstance(repeat, int) or not 0 < repeat <= MOST_REPEATS:
            raise ValueError(f"repeat is a number up to {MOST_REPEATS}")
        found += [Moment(_instant(world, item, name) + turn * every, name, item) for turn in range(repeat) for name in _who(world, item)]
    in_order = sorted(found, key=lambda moment: moment.at)
    if in_order and end is not None and in_order[-1].at > end:
        raise ValueError(f"an item of `when` {write_duration(in_order[-1].at - end)} after the end of the test; name a later `until`")
    return [list(group) for _key, group in groupby(in_order, key=lambda moment: (moment.at, moment.arrives))]


def _who(world: World, item: Mapping[str, object]) -> list[str]:
    name = item.get("customer")
    if name == "*":
        return list(world.customers)
    if name is None:
        return [next(iter(world.customers), "customer")]
    if name not in world.customers and not {"identify", "alias", "anonymous"} & item.keys():
        raise ValueError(f"no customer '{name}'; there are {', '.join(world.customers)}")
    return [str(name)]


def play(world: World, moments: Sequence[Moment], versions: Versions, test: JourneyTest) -> None:
    """What happens together in this test. Raises ValueError with a sentence."""
    if moments[0].arrives:
        arrive(world, moments)
        return
    for moment in moments:
        _happen(world, moment, versions, test)


def _happen(world: World, moment: Moment, versions: Versions, test: JourneyTest) -> None:
    """What does not stand in the log, so that a batch ends with it."""
    item, at = moment.item, moment.at
    world.advance(at - 1)
    match next((key for key in _ITEMS if key in item), None):
        case "fail":
            _fail(world, item["fail"], at)
        case "pause" | "resume" as word:
            if word == "resume":
                world.since[test.journey] = at
            _version(world, at, with_status(world.workspace, test.journey, "paused" if word == "pause" else "live"))
        case "stats":
            _stats(world, item["stats"], test.journey, at)
        case "apply":
            after = only(versions.with_file(str(item["apply"])), test.journeys)
            if world.planned.look(world.workspace, after, world.customers.values()):
                _version(world, at, after)
        case _:
            raise ValueError(f"an item without anything that happens: {dict(item)}")


_ITEMS = ("fail", "pause", "resume", "apply", "stats")


def _fail(world: World, given: object, at: int) -> None:
    if not isinstance(given, Mapping):
        raise ValueError("fail: {channel: email, how: down, for: 2h}")  # noqa: TRY004  (it is the test file that is wrong)
    until = at + offset(given["for"]) if "for" in given else None
    if "webhook" in given:
        world.services.outages.append(read_outage(given, at, until))
    else:
        world.providers.failures.append(read_failure(given, at, until, CHANNELS, world.providers.names))


def _version(world: World, at: int, workspace: Workspace) -> None:
    """In force for inputs from this instant on."""
    world.now = at
    world.take_up(workspace)


def _stats(world: World, given: object, journey: str, at: int) -> None:
    """As if so much, and nothing else, had been counted: at the beginning of the window, so that a shorter one does not see it."""
    stated = given if isinstance(given, Mapping) else {}
    within: Window = "24h" if stated.get("within") == "24h" else "1h"
    world.now = at
    figures = Figures(*(int(str(stated.get(name, 0))) for name in Figures._fields))
    name = str(stated.get("journey", journey))
    world.counted[name] = {}
    world.count(name, at - WINDOWS[within] + BUCKET, figures)
    world.guard()


def _instant(world: World, item: Mapping[str, object], name: str) -> int:
    if "local" in item:
        local = datetime.fromisoformat(str(item["local"]))
        zone = zone_of(world.customers[name], world.workspace)
        return round(local_to_instant(local.date(), local.time(), zone).timestamp() * 1000)
    return world.start + offset(item.get("at", "0h"))
