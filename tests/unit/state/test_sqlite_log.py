import asyncio
from pathlib import Path

import pytest

from orchestrator.contracts.partition import murmur2, partition_of
from orchestrator.contracts.record import Record
from orchestrator.runtime.clock import SettableClock
from orchestrator.state.sqlite_database import Locked, SqliteDatabase
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


async def test_writes_that_fail_undo_themselves_alone(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    database.setup("CREATE TABLE x(v INTEGER UNIQUE)")

    def insert(value: int) -> "asyncio.Future[int]":
        return asyncio.ensure_future(database.write(lambda c: c.execute("INSERT INTO x VALUES (?)", (value,)).rowcount))

    results = await asyncio.gather(insert(1), insert(1), insert(2), return_exceptions=True)
    assert results[0] == 1
    assert isinstance(results[1], Exception)
    assert results[2] == 1
    assert sorted(v for (v,) in database.read("SELECT v FROM x")) == [1, 2]
    database.close()


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    first = SqliteDatabase(tmp_path)
    with pytest.raises(Locked, match="in use by process"):
        SqliteDatabase(tmp_path)
    first.close()
    SqliteDatabase(tmp_path).close()


@pytest.mark.parametrize(
    ("key", "signed"),
    [
        (b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536), (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971), (b"abc", 479470107),
    ],
)  # fmt: skip
def test_murmur2_is_kafkas(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed & 0xFFFFFFFF
    assert partition_of(key, 12) == (signed & 0x7FFFFFFF) % 12
