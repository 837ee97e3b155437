"""The process that is killed: commits and appends without end, and says on standard output what was acknowledged."""

import asyncio
import sys
from pathlib import Path

from orchestrator.contracts.record import Record
from orchestrator.runtime.clock import SystemClock
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.state.store import Commit


async def main(folder: Path) -> None:
    """Commit n sets every customer to n, the cursor to n, the timers to n, and publishes one record with n."""
    database = SqliteDatabase(folder)
    log = SqliteLog(database, SystemClock(), 4)
    store = SqliteStore(database, log, "s")
    owned = await store.take_over(0, "token")
    version = owned.version

    async def append() -> None:
        number = 0
        while True:
            await log.append([Record(topic="events", key=b"k", value=b"%d" % number, partition=1)])
            print(f"appended {number}", flush=True)
            number += 1

    task = asyncio.create_task(append())
    while not task.done():
        mark = b"%d" % (version + 1)
        commit = Commit(
            cursors={"events": version + 1}, profiles={f"c{n}": mark for n in range(50)}, timers={f"c{n}": version + 1 for n in range(50)},
            guards={"c0": mark}, outbox=[Record(topic="out", key=b"k", value=mark, partition=0)],
        )  # fmt: skip
        version = await store.commit(0, "token", version, commit)
        print(f"committed {version}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
