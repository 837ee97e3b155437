"""The gateway over a real log that nobody reads: past its bound it says when to come back, and nothing of what it refused is kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS
from orchestrator.embedded.publisher import LogPublisher
from orchestrator.embedded.source import GROUP
from orchestrator.errors import ConfigurationError
from orchestrator.gateway.publisher import Overloaded
from orchestrator.gateway.segment_api import SegmentApi
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.runtime.settings import Setting, Settings
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from tests.integration.running import basic, free_port
from tests.worlds import T0

MOST = 50
EVENT = {"type": "track", "userId": "ada", "event": "Product Viewed"}


@asynccontextmanager
async def log_in(folder: Path) -> AsyncIterator[SqliteLog]:
    database = SqliteDatabase(folder)
    try:
        yield SqliteLog(database, SettableClock(T0), 1)
    finally:
        database.close()


def events(number: int) -> list[Record]:
    return [Record(topic=CUSTOMER_EVENTS, key=b"ada", value=b"{}")] * number


async def test_so_many_events_may_wait_and_no_more(tmp_path: Path) -> None:
    async with log_in(tmp_path) as log:
        publisher = LogPublisher(log, MOST)
        for _ in range(5):
            await publisher.publish(events(10))
        with pytest.raises(Overloaded):
            await publisher.publish(events(1))
        assert log.depth(GROUP, CUSTOMER_EVENTS) == MOST
        await publisher.publish([Record(topic=DELIVERY_RECEIPTS, key=b"ada", value=b"{}")])  # somebody who leaves is not told to come back
        await log.advance([(GROUP, CUSTOMER_EVENTS, 0, 1_000)])
        await publisher.publish(events(MOST))


async def test_a_batch_larger_than_the_bound_can_be_sent_when_nothing_waits(tmp_path: Path) -> None:
    async with log_in(tmp_path) as log:
        publisher = LogPublisher(log, MOST)
        await publisher.publish(events(MOST + 1))
        with pytest.raises(Overloaded):
            await publisher.publish(events(1))


async def test_over_http_it_is_429_with_retry_after(tmp_path: Path) -> None:
    refused: list[tuple[str, str, int]] = []
    async with log_in(tmp_path) as log:
        api = SegmentApi(LogPublisher(log, MOST), {"demo": "demo"}, SettableClock(T0), CountedIds(), lambda *what: refused.append(what))
        app = web.Application()
        app.router.add_post("/v1/batch", api.batch)
        runner, port = web.AppRunner(app), free_port()
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            async with aiohttp.ClientSession(headers=basic("demo")) as session:
                answers = []
                for _ in range(20):
                    async with session.post(f"http://127.0.0.1:{port}/v1/batch", json={"batch": [EVENT] * 10}) as response:
                        answers.append((response.status, response.headers.get("Retry-After"), response.content_type))
        finally:
            await runner.cleanup()
        assert answers == [(200, None, "application/json")] * 5 + [(429, "5", "application/problem+json")] * 15
        assert log.depth(GROUP, CUSTOMER_EVENTS) == MOST
        assert refused[-1] == ("refused", "overloaded", 10)


@pytest.mark.parametrize("text", ["0", "-1", "x", "1e5", "٣"])
def test_the_bound_is_a_number_of_events(text: str) -> None:
    with pytest.raises(ConfigurationError, match="CONCIERGE_BACKLOG"):
        Settings({"BACKLOG": Setting(text, "test")}).backlog()
