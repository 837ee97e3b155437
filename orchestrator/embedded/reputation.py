"""What comes of journeys' messages, counted in the data folder."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping

from orchestrator.embedded.pauses import SCRIPT as PAUSES
from orchestrator.policies.reputation import Counted, Figures
from orchestrator.state.sqlite_database import SqliteDatabase

SCRIPT = (
    "CREATE TABLE IF NOT EXISTS reputation(journey TEXT, start INTEGER, sends INTEGER NOT NULL, complaints INTEGER NOT NULL,"
    " bounces INTEGER NOT NULL, PRIMARY KEY(journey, start)) STRICT, WITHOUT ROWID;"
)


class EmbeddedReputation:
    """Implements `ReputationLedger`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        database.setup(SCRIPT + PAUSES)

    async def add(self, counted: Counted) -> None:
        rows = [(journey, start, *figures) for journey, buckets in counted.items() for start, figures in buckets.items()]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO reputation VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET sends=sends+excluded.sends,"
                "complaints=complaints+excluded.complaints,bounces=bounces+excluded.bounces", rows,
            )  # fmt: skip

        await self._database.write(work)

    async def read(self) -> tuple[Counted, Mapping[str, int]]:
        found: defaultdict[str, dict[int, Figures]] = defaultdict(dict)
        for journey, start, *figures in self._database.read("SELECT journey,start,sends,complaints,bounces FROM reputation"):
            found[journey][start] = Figures(*figures)
        return found, dict(self._database.read("SELECT journey,since FROM guard_pause WHERE since>0"))

    async def forget(self, before: int) -> None:
        await self._database.write(lambda connection: connection.execute("DELETE FROM reputation WHERE start<?", (before,)))

    async def pause(self, journey: str, at: int) -> bool:
        sql = "INSERT INTO guard_pause(journey,paused_at) VALUES (?,?) ON CONFLICT DO UPDATE SET paused_at=excluded.paused_at WHERE paused_at IS NULL"
        return await self._database.write(lambda connection: connection.execute(sql, (journey, at)).rowcount > 0)
