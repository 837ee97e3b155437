"""Fixtures of the senders' tests."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from orchestrator.runtime.clock import SystemClock
from tests.unit.sandbox.running import Client, running
from tests.unit.workers.stub_provider import Stub


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    made = Stub()
    app = web.Application()
    app.router.add_post("/2010-04-01/Accounts/{sid}/Messages.json", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A sandbox that keeps nothing; its clock stands at the present, as a provider's does."""
    async with running() as made:
        made.clock.set(SystemClock().now())
        yield made
