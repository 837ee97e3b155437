"""kill -9 in the middle of writing: nothing acknowledged is lost, nothing is half applied, nothing is there twice."""

import subprocess
import sys
import time
from pathlib import Path

from orchestrator.runtime.clock import SettableClock
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore

KILLS = 5


def run_and_kill(folder: Path, seconds: float) -> list[str]:
    """What the victim had acknowledged when it died."""
    victim = Path(__file__).with_name("kill_victim.py")
    with subprocess.Popen([sys.executable, str(victim), str(folder)], stdout=subprocess.PIPE, text=True, cwd=victim.parents[2]) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        return [first, *process.stdout.read().splitlines(keepends=True)]


async def test_kill_minus_nine(tmp_path: Path) -> None:
    appended: list[int] = []
    for kill in range(KILLS):
        said = [line.split() for line in run_and_kill(tmp_path, 0.05 + 0.037 * kill) if line.endswith("\n")]
        committed = [int(number) for what, number in said if what == "committed"]
        appended.append(1 + max((int(number) for what, number in said if what == "appended"), default=-1))
        database = SqliteDatabase(tmp_path)
        log = SqliteLog(database, SettableClock(1), 4)
        store = SqliteStore(database, log, "s")
        assert database.read("PRAGMA integrity_check") == [("ok",)]
        owned = await store.take_over(0, "look")
        assert committed
        assert owned.version in (committed[-1], committed[-1] + 1)
        mark = b"%d" % owned.version
        assert owned.cursors == {"events": owned.version}
        assert set((await store.load(0, [f"c{n}" for n in range(50)])).values()) == {mark}
        assert {timer.due for timer in await store.due(0, 2**60, 100)} == {owned.version}
        assert database.read("SELECT v FROM guard") == [(mark,)]
        published = [record.value for record in log.read("out", 0, 0, 1_000_000)]
        assert published == [b"%d" % number for number in range(1, owned.version + 1)]
        arrived = [int(record.value) for record in log.read("events", 1, 0, 1_000_000)]
        starts = [at for at, number in enumerate(arrived) if number == 0]
        runs = [arrived[at:end] for at, end in zip(starts, [*starts[1:], len(arrived)], strict=True)]
        assert all(run == list(range(len(run))) for run in runs)
        if appended[-1]:
            assert len(runs[-1]) in (appended[-1], appended[-1] + 1)
        database.close()
