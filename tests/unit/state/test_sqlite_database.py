import asyncio
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.state.sqlite_database import Locked, SqliteDatabase

CREATE = "CREATE TABLE x(v INTEGER UNIQUE)"


def insert(database: SqliteDatabase, value: int) -> "asyncio.Task[int]":
    return asyncio.ensure_future(database.write(lambda c: c.execute("INSERT INTO x VALUES (?)", (value,)).rowcount))


async def test_writes_that_fail_undo_themselves_alone(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    database.setup(CREATE)
    results = await asyncio.gather(*(insert(database, value) for value in (1, 1, 2)), return_exceptions=True)
    assert results[0] == 1
    assert isinstance(results[1], sqlite3.IntegrityError)
    assert results[2] == 1
    assert sorted(v for (v,) in database.read("SELECT v FROM x")) == [1, 2]
    database.close()


async def test_a_failure_after_a_first_statement_leaves_nothing(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    database.setup(CREATE)

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO x VALUES (7)")
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        await database.write(half)
    assert database.read("SELECT v FROM x") == []
    database.close()


async def test_a_cancelled_caller_loses_nothing(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    database.setup(CREATE)
    task = insert(database, 5)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await insert(database, 6)
    assert sorted(v for (v,) in database.read("SELECT v FROM x")) == [5, 6]
    database.close()


async def test_what_waits_is_written_before_it_closes(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    database.setup(CREATE)
    for value in range(1200):
        database.submit(lambda c, value=value: c.execute("INSERT INTO x VALUES (?)", (value,)))  # type: ignore[misc]  # bound in the loop
    database.close()
    database.close()
    with pytest.raises(ServiceUnavailable, match="closed"):
        await database.write(lambda c: c.execute("SELECT 1"))
    again = SqliteDatabase(tmp_path)
    assert again.read("SELECT count(*) FROM x") == [(1200,)]
    again.close()


async def test_many_callers_share_a_transaction(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    database.setup(CREATE)
    commits: list[int] = []
    database.on_commit(lambda: commits.append(1))
    await asyncio.gather(*(insert(database, value) for value in range(400)))
    assert len(commits) < 100
    database.close()


async def test_a_reader_beside_the_writer(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    database.setup(CREATE)
    await insert(database, 1)
    reader = SqliteDatabase(tmp_path, read_only=True)
    await insert(database, 2)
    assert reader.read("SELECT count(*) FROM x") == [(2,)]
    reader.setup("CREATE TABLE y(v)")
    with pytest.raises(ServiceUnavailable, match="only read"):
        await reader.write(lambda c: c.execute("INSERT INTO x VALUES (3)"))
    reader.close()
    database.close()


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    first = SqliteDatabase(tmp_path)
    with pytest.raises(Locked, match="in use by process"):
        SqliteDatabase(tmp_path)
    first.close()
    SqliteDatabase(tmp_path).close()


def test_a_file_that_is_no_database_is_named_and_the_lock_let_go(tmp_path: Path) -> None:
    (tmp_path / "concierge.db").write_bytes(b"no database " * 1000)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="cannot open the store") as caught:
            SqliteDatabase(tmp_path)
        assert not isinstance(caught.value, Locked)


@pytest.mark.parametrize("name", ["a folder", "100%41", "what?", "issue#3", "ü"])
def test_any_folder_name(tmp_path: Path, name: str) -> None:
    database = SqliteDatabase(tmp_path / name)
    database.close()
    assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["concierge.db", "lock"]


async def test_in_memory_readers_never_see_a_transaction_in_progress() -> None:
    database = SqliteDatabase(None)
    database.setup(CREATE)

    def pair(connection: sqlite3.Connection, value: int) -> None:
        connection.execute("INSERT INTO x VALUES (?)", (value,))
        connection.execute("INSERT INTO x VALUES (?)", (-value,))

    for value in range(1, 500):
        database.submit(lambda c, value=value: pair(c, value))  # type: ignore[misc]  # bound in the loop
    seen = set()
    while 499 not in seen:
        (count,) = database.read("SELECT count(*) FROM x")[0]
        assert count % 2 == 0
        seen.add(count // 2)
        await asyncio.sleep(0)
    database.close()


async def test_a_loop_gives_way_to_a_writer_that_does_not_get_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that never waits takes the interpreter's lock back before the writer wakes up: commits of tens of seconds were seen."""
    database = SqliteDatabase(tmp_path)
    database.setup(CREATE)
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    go = threading.Event()
    database.submit(lambda _connection: go.wait(30))
    waiting = insert(database, 1)
    await asyncio.sleep(0.1)
    assert pauses
    assert sum(pauses) < 0.01
    go.set()
    await waiting
    await asyncio.sleep(0.03)
    pauses.clear()
    await asyncio.sleep(0.05)
    assert pauses == []
    await insert(database, 2)
    database.close()
