"""A workspace of one's own, and a deployment's store for its commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_cli import concierge
from tests.services.redis_server import RedisServer, why_not


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    """A folder as `concierge init` makes it."""
    concierge("init", "mybrand", cwd=tmp_path)
    return tmp_path / "mybrand"


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """Commands speak to a deployment with this store."""
    missing = why_not()
    assert missing is None, missing
    server = RedisServer(tmp_path / "redis")
    server.start()
    monkeypatch.setenv("CONCIERGE_REDIS", server.url)
    monkeypatch.setenv("CONCIERGE_KAFKA", "127.0.0.1:1")  # nobody asks it
    yield server
    server.kill()
