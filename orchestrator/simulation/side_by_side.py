"""All shards of a simulation, in as many processes as there are, put together in their order: the same whatever their number."""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace

from orchestrator.content.check import check_message
from orchestrator.runtime.serving import spare_collector
from orchestrator.simulation.crowd import Crowd
from orchestrator.simulation.difference import Difference
from orchestrator.simulation.recorded import Recorded
from orchestrator.simulation.shard import Part, Played, play_shard
from orchestrator.simulation.tally import Tally
from orchestrator.workspace.load import load_files
from orchestrator.workspace.workspace import Workspace

SHARDS, SMALL, LARGE = 16, 2_000, 20_000
"""Shards share the rates of channels as partitions do; up to SMALL people there is one, and rates are exact. There are more of them where
they would have more than LARGE people, which take some 100 MB. Never by the number of processors: people and seed alone decide what is reported."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Files of the workspace in question and of the one it is compared with, by path; `environment` for both. They load without errors."""

    files: Mapping[str, bytes]
    before: Mapping[str, bytes] | None
    environment: Mapping[str, str]


def parts_of_crowd(crowd: Crowd, *, alone: bool = False) -> list[Part]:
    """Shards of made-up people; `alone`: one, because journeys have limits that count everybody."""
    number = 1 if alone else _number(crowd.customers)
    return [Part(one, number, crowd.start, crowd.until, crowd=crowd) for one in range(number)]


def parts_of_recorded(recorded: Recorded, until: int, *, alone: bool = False) -> list[Part]:
    """Shards of recorded events; `alone` as above."""
    number = 1 if alone else _number(len(set(recorded.groups.values())))
    return [Part(one, number, recorded.start, until, lines=lines) for one, lines in enumerate(recorded.shards(number))]


def _number(people: int) -> int:
    return 1 if people <= SMALL else max(SHARDS, -(-people // LARGE))


def simulate(parts: Sequence[Part], versions: Versions, processes: int, done: Callable[[], None] = lambda: None) -> Played:
    """Play all parts and put them together; `done` is called after each."""
    whole = Played(Tally(), None if versions.before is None else Tally(), None if versions.before is None else Difference())
    if processes == 1 or len(parts) == 1:
        loaded = _load(versions)
        for part in parts:
            whole = _both(whole, play_shard(part, *loaded))
            done()
    else:
        # a fresh interpreter each: a progress bar's thread does not survive a fork
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(processes, len(parts)), context, _begin, (versions,)) as pool:
            for future in as_completed([pool.submit(_play_here, part) for part in parts]):
                whole = _both(whole, future.result())
                done()
    return replace(whole, dead=sorted(whole.dead))


def _both(one: Played, other: Played) -> Played:
    """Together: the same whichever comes first."""
    return Played(
        one.tally.plus(other.tally),
        None if one.before is None or other.before is None else one.before.plus(other.before),
        None if one.difference is None or other.difference is None else one.difference.plus(other.difference),
        (*one.dead, *other.dead),
    )


def _load(versions: Versions) -> tuple[Workspace, Workspace | None]:
    return _workspace(versions.files, versions.environment), (
        None if versions.before is None else _workspace(versions.before, versions.environment)
    )


def _workspace(files: Mapping[str, bytes], environment: Mapping[str, str]) -> Workspace:
    found = load_files(files, environment, check_message, tests=False).workspace
    assert found is not None
    return found


_here: list[tuple[Workspace, Workspace | None]] = []
"""The versions, loaded once in each process."""


def _begin(versions: Versions) -> None:
    spare_collector()
    _here[:] = [_load(versions)]


def _play_here(part: Part) -> Played:
    return play_shard(part, *_here[0])
