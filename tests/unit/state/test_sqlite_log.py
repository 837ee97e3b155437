import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.record import Record
from orchestrator.runtime.clock import SettableClock, SystemClock
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog


def records(*values: bytes, key: bytes = b"ada") -> list[Record]:
    return [Record(topic="t", key=key, value=value, headers=(("h", b"1"),)) for value in values]


async def test_records_are_read_by_position(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    clock = SettableClock(100)
    log = SqliteLog(database, clock, 4)
    p = partition_of(b"ada", 4)
    await log.append(records(b"1", b"2"))
    clock.set(150)
    await log.append(records(b"3"))
    found = log.read("t", p, 0, 10)
    assert [(r.value, r.at, r.headers) for r in found] == [
        (b"1", 100, (("h", b"1"),)),
        (b"2", 100, (("h", b"1"),)),
        (b"3", 150, (("h", b"1"),)),
    ]
    assert [r.value for r in log.read("t", p, found[1].offset, 10)] == [b"3"]
    assert log.depth("g", "t") == 3
    await log.advance([("g", "t", p, found[1].offset)])
    assert (log.position("g", "t", p), log.depth("g", "t")) == (found[1].offset, 1)
    assert await log.trim(["t"], ["g"], 120) == 2
    assert [r.value for r in log.read("t", p, 0, 10)] == [b"3"]
    database.close()


async def test_a_position_never_goes_back(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SettableClock(1), 1)
    await log.advance([("g", "t", 0, 9)])
    await log.advance([("g", "t", 0, 4)])
    assert log.position("g", "t", 0) == 9
    database.close()


async def test_arrival_never_goes_back_and_survives_a_restart(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    await SqliteLog(database, SettableClock(500), 1).append(records(b"1"))
    database.close()
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SettableClock(100), 1)
    await log.append(records(b"2"))
    assert [r.at for r in log.read("t", 0, 0, 10)] == [500, 500]
    database.close()


async def test_readers_are_woken(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SettableClock(1), 1)
    event = log.waiter()
    event.clear()
    await log.append(records(b"1"))
    await asyncio.wait_for(event.wait(), 5)
    database.close()


async def test_complete_through_is_before_what_may_still_come(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SettableClock(1000), 1)
    await log.append(records(b"1"))
    assert log.complete_through() == 999
    database.close()


async def test_a_clock_set_back_breaks_no_promise(tmp_path: Path) -> None:
    """Timers up to an instant were let go; nothing may arrive at or before it afterwards."""
    database = SqliteDatabase(tmp_path)
    clock = Unsteady(1000)
    log = SqliteLog(database, clock, 1)
    await log.append(records(b"1"))
    clock.instant = 2000
    promised = log.complete_through()
    clock.instant = 1500
    await log.append(records(b"2"))
    assert promised == 1999
    assert [r.at for r in log.read("t", 0, 0, 10)] == [1000, 2000]
    database.close()


class Unsteady:
    """A machine's clock that an operator sets."""

    def __init__(self, instant: int) -> None:
        self.instant = instant

    def now(self) -> int:
        return self.instant

    def monotonic(self) -> float:
        return 0.0


async def test_a_topic_whose_first_append_failed_is_not_mixed_up_with_another(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SettableClock(1), 1)
    with pytest.raises(sqlite3.IntegrityError):
        await log.append([Record(topic="lost", key=b"k", value=None)])  # type: ignore[arg-type]  # what the database refuses
    await log.append([Record(topic="kept", key=b"k", value=b"kept")])
    await log.append([Record(topic="lost", key=b"k", value=b"lost")])
    assert [r.value for r in log.read("kept", 0, 0, 10)] == [b"kept"]
    assert [r.value for r in log.read("lost", 0, 0, 10)] == [b"lost"]
    database.close()
    database = SqliteDatabase(tmp_path)
    assert [r.value for r in SqliteLog(database, SettableClock(1), 1).read("lost", 0, 0, 10)] == [b"lost"]
    database.close()


async def test_trimming_goes_on_until_all_is_trimmed_and_no_further(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    clock = SettableClock(100)
    log = SqliteLog(database, clock, 1)
    await log.append(records(*(b"%d" % n for n in range(4500))))
    clock.set(200)
    await log.append(records(b"young"))
    last = log.read("t", 0, 4499, 1)[0].offset
    await log.advance([("fast", "t", 0, last + 1), ("slow", "t", 0, 4200)])
    assert await log.trim(["t"], ["fast", "slow"], 200) == 4200
    assert await log.trim(["t"], ["fast", "slow", "never came"], 200) == 0
    assert await log.trim_by_age("t", 200) == 300
    assert [r.value for r in log.read("t", 0, 0, 10)] == [b"young"]
    assert await log.trim_by_age("no such topic", 200) == 0
    database.close()


async def test_an_instant_is_not_complete_while_a_record_of_it_is_on_its_way(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    clock = SettableClock(1000)
    log = SqliteLog(database, clock, 1)
    stamped, go = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        log.write_records(connection, records(b"1"))
        stamped.set()
        go.wait(30)

    database.submit(slow)
    assert await asyncio.to_thread(stamped.wait, 30)
    clock.set(5000)
    assert log.complete_through() < 1000
    go.set()
    await log.append(records(b"2"))
    assert log.complete_through() == 4999
    assert [r.at for r in log.read("t", 0, 0, 10)] == [1000, 5000]
    database.close()


async def test_what_is_read_up_to_an_instant_stays_complete_under_load(tmp_path: Path) -> None:
    """While others append as fast as they can: nothing turns up later at or before an instant that was called complete."""
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SystemClock(), 1)

    async def append(name: int) -> None:
        for number in range(150):
            await log.append(records(b"%d %d" % (name, number)))

    async def look() -> list[tuple[int, int]]:
        seen: list[tuple[int, int]] = []
        while len(seen) < 200:
            horizon = log.complete_through()
            seen.append((horizon, sum(r.at <= horizon for r in log.read("t", 0, 0, 10_000))))
            await asyncio.sleep(0.001)
        return seen

    looking = asyncio.create_task(look())
    await asyncio.gather(*(append(name) for name in range(8)))
    seen = await looking
    arrivals = [r.at for r in log.read("t", 0, 0, 10_000)]
    assert len(arrivals) == 1200
    assert arrivals == sorted(arrivals)
    assert [(horizon, sum(at <= horizon for at in arrivals)) for horizon, _ in seen] == seen
    database.close()
