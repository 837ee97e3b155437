"""Does an event cost the same with a million customers, three hundred journeys, a million timers? One partition's loop on a real Redis;
CPU of the loop's process and of Redis, for each event that sends nothing and each that sends one message."""

import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from orchestrator.active import ActiveVersion
from orchestrator.content.check import check_message
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.world import NoLinks
from orchestrator.partition_loop import PartitionLoop
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.runtime.serving import spare_collector
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_keys import partition_keys
from orchestrator.state.redis_store import RedisStore
from orchestrator.workspace.load import load_files, load_workspace
from orchestrator.workspace.workspace import Workspace
from tests.benchmarks.engine import ROOT, Records, records
from tests.services.redis_server import RedisServer
from tests.worlds import T0, without_holdout

ACTIVE, ROUNDS, FILL = 2_000, 5, 5_000
"""Customers who have events, turns of each kind of event, keys written at a time."""
PROFILE = 4_096
FAR = 2**42
"""An instant no clock here reaches."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What stands around while the active customers have their events."""

    customers: int = 0
    journeys: int = 3
    timers: int = 0


SETTINGS: Mapping[str, Setting] = {
    "small": Setting(), "customers_1m": Setting(customers=1_000_000), "journeys_300": Setting(journeys=300), "timers_1m": Setting(timers=1_000_000),
}  # fmt: skip


def workspace_with(journeys: int) -> Workspace:
    """The worked example, its journeys repeated under other names for another event until there are so many."""
    loaded = load_workspace(ROOT, {}, check_message)
    assert loaded.workspace is not None
    files, name, declared = dict(loaded.files), "visit_survey", "config/sources/backend.yaml"
    files[declared] = _with_event(loaded.files[declared].decode()).encode()
    for number in range(journeys - len(loaded.workspace.journeys)):
        for end in (".yaml", ".test.yaml"):
            text = loaded.files[f"config/journeys/{name}{end}"].decode().replace(name, f"{name}_{number}")
            text = text.replace(f"send: {name}_{number}", f"send: {name}").replace("event: Visit Completed", "event: Visit Imagined")
            files[f"config/journeys/{name}_{number}{end}"] = text.encode()
    made = load_files(files, {}, check_message).workspace
    assert made is not None
    assert len(made.journeys) >= journeys
    return without_holdout(made)


def _with_event(sources: str) -> str:
    """`Visit Imagined`, which nobody sends, is declared as `Visit Completed` is."""
    line = next(line for line in sources.splitlines() if line.strip().startswith("Visit Completed:"))
    return sources.replace(line, line + "\n" + line.replace("Completed", "Imagined"))


async def _fill(connection: RedisConnection, setting: Setting) -> None:
    keys = partition_keys(0, 1)
    body = bytes(PROFILE)
    for start in range(0, setting.customers, FILL):
        await connection.commands([("SET", keys.profile(f"x{n}"), body) for n in range(start, start + FILL)])
    for start in range(0, setting.timers, FILL):
        members = [part for n in range(start, start + FILL) for part in (FAR + n, f"x{n}")]
        await connection.command("ZADD", keys.timers, *members)


async def _measure(workspace: Workspace, setting: Setting) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder))
        redis.start(log=False)
        connection = RedisConnection(redis.url)
        try:
            await _fill(connection, setting)
            return await _events(workspace, connection, psutil.Process(redis.pid))
        finally:
            await connection.close()
            redis.stop()


async def _events(workspace: Workspace, connection: RedisConnection, server: psutil.Process) -> dict[str, float]:
    await connection.command("SET", "concierge:store", "flat")
    clock, source = SettableClock(T0), Records([])
    store = RedisStore(connection, "flat", 1)
    loop = PartitionLoop(0, 1, store, source, ActiveVersion(workspace, NoLinks()), clock, CountedIds(), lambda *_: None)
    await loop.take_over()
    spent: dict[str, list[float]] = {"identify": [], "silent": [], "visit": []}
    for turn, kind in enumerate(["identify", *("silent", "visit") * ROUNDS]):
        start = T0 + turn * 3_600_000
        source.records, source.at = await asyncio.to_thread(_records, kind, turn, start), 0
        clock.set(start)
        before, served = time.process_time(), sum(server.cpu_times()[:2])
        while source.at < len(source.records):
            await loop.step()
        used = time.process_time() - before + sum(server.cpu_times()[:2]) - served
        spent[kind].append(used / ACTIVE * 1e6)
    return {"event": median(spent["silent"][1:]), "message": median(spent["visit"][1:])}


def _records(kind: str, turn: int, start: int) -> list[InputRecord]:
    return records(ACTIVE, kind, turn * ACTIVE, start)


def measure(_number: int = 0) -> dict[str, float]:
    """Microseconds of CPU, loop and Redis together, in each setting; and by how many percent each differs from the small one."""
    spare_collector()
    found: dict[str, dict[str, float]] = {}
    asyncio.run(_measure(workspace_with(SETTINGS["small"].journeys), SETTINGS["small"]))  # the first time everything is compiled
    for name, setting in SETTINGS.items():
        found[name] = asyncio.run(_measure(workspace_with(setting.journeys), setting))
    figures = {f"flat_{name}_{kind}_cpu_us": value for name, one in found.items() for kind, value in one.items()}
    small = found["small"]
    figures |= {
        f"flat_{name}_{kind}_more_percent": (value / small[kind] - 1) * 100
        for name, one in found.items() if name != "small" for kind, value in one.items()
    }  # fmt: skip
    return figures
