"""One shard of a simulation: some of the people, played from the first instant to the last through one or two versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.engine.inputs import InputRecord
from orchestrator.simulation.crowd import Crowd
from orchestrator.simulation.difference import Difference, difference, renamed
from orchestrator.simulation.made_up import MadeUp
from orchestrator.simulation.notebook import Notebook
from orchestrator.simulation.recorded import Line
from orchestrator.simulation.stage import OWN, Stage
from orchestrator.simulation.tally import Tally
from orchestrator.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Part:
    """Which people: number `number` of `of` shards of a crowd, or these recorded lines. `start` and `until` in milliseconds."""

    number: int
    of: int
    start: int
    until: int
    crowd: Crowd | None = None
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """`tally` of the version in question, `before` of the one it is compared with; `dead` are (offset, reason, sentence) of events that the
    former does not take: an offset is the line number where events are recorded."""

    tally: Tally
    before: Tally | None = None
    difference: Difference | None = None
    dead: Sequence[tuple[int, str, str]] = ()


def play_shard(part: Part, workspace: Workspace, before: Workspace | None = None) -> Played:
    """The same people and the same events through both."""
    profiles, records = _made_up(part, part.crowd, workspace) if part.crowd is not None else ({}, _records(part.lines))
    after, people = _play(part, workspace, profiles, records, lines=before is not None)
    tally = after.tally(people, len(records))
    dead = [one for one in after.dead if one[0] < OWN]
    if before is None:
        return Played(tally, dead=dead)
    old, people_then = _play(part, before, profiles, records, lines=True)
    return Played(tally, old.tally(people_then, len(records)), difference(old, after, renamed(before, workspace)), dead)


def _play(
    part: Part, workspace: Workspace, profiles: Mapping[str, bytes], records: Sequence[InputRecord], *, lines: bool
) -> tuple[Notebook, int]:
    """What came about, and for how many people: an id that turned out to be somebody's device is not one more."""
    notebook = Notebook(workspace, lines=lines)
    stage = Stage(workspace, notebook, part.of)
    stage.settle_in(profiles, part.start)
    stage.play(records, part.until)
    if part.crowd is not None:
        return notebook, len(profiles)
    absorbed = stage.absorbed()
    notebook.join(absorbed)
    return notebook, len({line[2] for line in part.lines} - {*absorbed} | {*absorbed.values()})


def _made_up(part: Part, crowd: Crowd, workspace: Workspace) -> tuple[dict[str, bytes], list[InputRecord]]:
    made = MadeUp(workspace, crowd)
    profiles: dict[str, bytes] = {}
    events: list[tuple[int, int, bytes, bytes]] = []
    for number in range(part.number + 1, crowd.customers + 1, part.of):
        person = made.person(number)
        profiles[person.id] = person.profile
        events += [(at, number, person.id.encode(), value) for at, value in person.events]
    events.sort(key=lambda event: event[:2])
    return profiles, [InputRecord(CUSTOMER_EVENTS, 0, place, at, key, value) for place, (at, _number, key, value) in enumerate(events, 1)]


def _records(lines: Sequence[Line]) -> list[InputRecord]:
    return [InputRecord(CUSTOMER_EVENTS, 0, number, at, customer.encode(), value) for at, number, customer, value in lines]
