"""Commands that other processes leave for the one that owns the data folder."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.command import Erase, Forwarded, Readmit, decode_command, encode_command
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.embedded.command_spool import give, spool_of, take_all
from orchestrator.runtime.clock import SettableClock
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog


def in_log(log: SqliteLog) -> list[object]:
    return [decode_command(one.value) for one in log.read(CUSTOMER_EVENTS, 0, 0, 100)]


async def test_they_are_taken_in_the_order_they_were_given(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SettableClock(1), 1)
    assert await take_all(tmp_path, log) == 0, "no folder yet"
    readmit, erase = Readmit(customer="ada", id="a", at=1_000_000_000_000), Erase(customer="ada", id="b", at=999_999_999_999)
    files = [give(tmp_path, one) for one in (readmit, erase)]
    assert await take_all(tmp_path, log) == 2
    assert in_log(log) == [erase, readmit]
    assert not any(file.exists() for file in files)
    database.close()


async def test_a_file_stays_until_its_command_is_durable(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path)
    log = SqliteLog(database, SettableClock(1), 1)
    file = give(tmp_path, Erase(customer="ada", id="a", at=1))
    database.close()
    with pytest.raises(Exception, match="closed"):
        await take_all(tmp_path, log)
    assert file.exists()


@given(st.binary(max_size=60) | st.just(encode_command(Forwarded(customer="a", event=b"{}", at=1))))
async def test_what_cannot_be_read_is_set_aside_and_stops_nothing(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("data")
    database = SqliteDatabase(None)
    log = SqliteLog(database, SettableClock(1), 1)
    erase = Erase(customer="ada", id="b", at=2)
    give(folder, erase)
    bad = spool_of(folder) / f"{1:015d}-a.json"
    bad.write_bytes(content)
    assert await take_all(folder, log) == 1
    assert in_log(log) == [erase]
    assert bad.with_suffix(".bad").read_bytes() == content
    database.close()
