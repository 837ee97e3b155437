"""A queue that everybody shares, in a running runtime with its partitions: another text makes it quicker, and lets the first go first."""

import asyncio
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from orchestrator.content.check import check_message
from orchestrator.embedded.reader import StoreReader
from orchestrator.plan.later import Later
from orchestrator.plan.people import where_people_stand
from orchestrator.plan.plan import make_plan
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.earlier import Wanted, carried, own
from orchestrator.workspace.load import load_files
from tests.integration.running import running
from tests.one_journey import files
from tests.unit.versions.test_shared_queue import ANEW, HEAD, STEPS

PEOPLE = ("fay", "ada", "eve", "ben", "dan", "cleo")


async def test_who_waits_queues_anew_by_the_text_that_says_so(tmp_path: Path) -> None:
    first = files({"try_it": HEAD + STEPS})
    loaded = load_files(first, {}, check_message)
    assert loaded.workspace is not None
    async with running(loaded.workspace, tmp_path) as (runtime, client):
        await runtime.apply(loaded.workspace, loaded.files)
        for who in PEOPLE:
            await client.send({"type": "identify", "userId": who, "traits": {"email": f"{who}@example.com"}})
            await client.track(who, "Basket Changed", basket="b1")
            if who == PEOPLE[0]:
                await client.until(lambda found: len(found) == 1)
            else:
                await waiting(tmp_path, PEOPLE.index(who))
        given = files({"try_it": HEAD + ANEW + STEPS.replace("per: 1h", "per: 1s")})
        after = load_files(given, {}, check_message).workspace
        assert after is not None
        reader = StoreReader(tmp_path)
        people = where_people_stand(reader.customers(), (), Later(after, SystemClock().now(), before=loaded.workspace))
        reader.close()
        plan = make_plan((loaded.workspace, own(loaded.files)), (after, given), people, exit_runs=False)
        (change,) = plan.journeys[0].steps
        assert (change.step, change.retimed, change.people) == ("gently", 5, 5)
        assert change.first is not None
        assert change.last is not None
        assert change.last - change.first == 4000
        whole = carried((loaded.workspace, loaded.files), after, given, Wanted(people.may_be_in, people.may_be_sent))
        read = load_files(whole, {}, check_message, tests=False).workspace
        assert read is not None
        await runtime.apply(read, whole)
        found = await client.until(lambda found: len(found) == len(PEOPLE))
    assert [message["to"] for message in found] == [f"{who}@example.com" for who in reversed(PEOPLE)], "in the order they came"
    times = [at for (at,) in records(tmp_path / "sandbox.db", "SELECT at FROM message ORDER BY at")]
    assert all(later - earlier > 700 for earlier, later in pairwise(times[1:])), "one a second"


def records(database: Path, query: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


async def waiting(folder: Path, number: int) -> None:
    """So many stand in the queue."""
    for _ in range(300):
        reader = StoreReader(folder)
        standing = sum(run.state == "throttle" for customer in reader.customers() for run in customer.runs)
        reader.close()
        if standing == number:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{standing} wait, not {number}")
