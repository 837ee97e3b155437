"""A sandbox that keeps nothing, made new for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.sandbox.running import Client, running


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with running() as made:
        yield made
