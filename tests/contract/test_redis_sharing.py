"""What all processes of a deployment share in Redis: rates, the version in force, trust in the server."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from orchestrator.errors import ConfigurationError, StoreRefused
from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_health import check_redis, require_redis
from orchestrator.state.redis_rates import RedisRates
from orchestrator.state.redis_versions import RedisVersions
from tests.services.redis_cluster import RedisCluster
from tests.services.redis_server import RedisServer
from workers.build_provider import build_provider
from workers.provider_pool import ProviderPool
from workers.settings import ProviderSettings
from workers.shared_rate import SharedRate


@pytest.fixture(params=["redis", "redis-cluster"])
async def connections(request: pytest.FixtureRequest) -> AsyncIterator[list[RedisConnection]]:
    """Of three processes."""
    server: RedisServer | RedisCluster = request.getfixturevalue("redis_server" if request.param == "redis" else "redis_cluster")
    server.wipe()
    made = [RedisConnection(server.url, cluster=isinstance(server, RedisCluster)) for _ in range(3)]
    yield made
    for one in made:
        await one.close()


async def test_workers_share_a_rate(connections: list[RedisConnection]) -> None:
    """Three that take all they can get send no more than one would."""
    rate, seconds = 200.0, 1.5
    begun = time.monotonic()

    async def worker(connection: RedisConnection) -> int:
        rates, sent = RedisRates(connection), 0
        while time.monotonic() - begun < seconds:
            given, wait = await rates.take("sms:twilio:1", rate, 30, 10)
            assert (given == 0) == (wait > 0)
            assert given == 0 or given >= 10
            sent += given
            await asyncio.sleep(wait / 1000)
        return sent

    sent = await asyncio.gather(*(worker(one) for one in connections))
    took = time.monotonic() - begun
    assert sum(sent) <= rate + took * rate, "a burst of a second, then the rate"
    assert sum(sent) >= rate + seconds * rate * 0.7, "what may be sent is sent"
    assert await RedisRates(connections[0]).take("sms:twilio:2", rate, 30) == (30, 0), "another sender has its own"


async def test_pools_of_several_workers_keep_one_rate(connections: list[RedisConnection]) -> None:
    """Each leases a few at a time, sends what it got, and is told how long to wait when there is nothing."""
    rate, seconds = 100.0, 1.5
    settings = ProviderSettings(channel="email", provider="sandbox", name="main", rate=rate)
    begun = time.monotonic()

    async def worker(connection: RedisConnection) -> int:
        shared = {"main": SharedRate(RedisRates(connection), "email:main", rate)}
        pool = ProviderPool([build_provider(settings, sandbox_url="http://s", public_url="")], 0, shared)
        sent = 0
        while (elapsed := time.monotonic() - begun) < seconds:
            await pool.refill(int(elapsed * 1000))
            number, wait = pool.room(int(elapsed * 1000))
            if number == 0:
                await asyncio.sleep(wait / 1000)
                continue
            pool.reserve(number, int(elapsed * 1000))
            sent += number
        return sent

    sent = await asyncio.gather(*(worker(one) for one in connections))
    took = time.monotonic() - begun
    assert sum(sent) <= rate + took * rate, "a burst of a second, then the rate"
    assert sum(sent) >= rate + seconds * rate * 0.7


async def test_slow_rates_give_one_at_a_time(connections: list[RedisConnection]) -> None:
    rates = RedisRates(connections[0])
    assert await rates.take("slow", 0.5, 64, 10) == (1, 0)
    given, wait = await RedisRates(connections[1]).take("slow", 0.5, 64, 10)
    assert given == 0
    assert 1500 < wait <= 2000
    with pytest.raises(ValueError, match="above 0"):
        await rates.take("slow", 0.0, 1)


async def test_an_applied_version_is_seen_by_every_role(connections: list[RedisConnection]) -> None:
    one, two, three = (RedisVersions(connection) for connection in connections)
    assert (await one.in_force(), await one.read_last()) == (None, None)
    for version in ("a" * 64, "b" * 64):
        await one.apply(version, {"journeys/x.yaml": version.encode(), "logo.png": b"\x00\xff"}, 5)
        for other in (two, three):
            assert await other.in_force() == version
            assert await other.read_last() == (version, {"journeys/x.yaml": version.encode(), "logo.png": b"\x00\xff"})
    with pytest.raises(ValueError, match="SHA-256"):
        await one.apply("short", {}, 5)
    await connections[0].command("SET", keys.VERSION, "c" * 64 + "not what was written")
    with pytest.raises(StoreRefused, match="concierge apply"):
        await two.read_last()


async def test_a_server_that_throws_data_away_is_refused(connections: list[RedisConnection]) -> None:
    connection = connections[0]
    assert await check_redis(connection) == []
    assert "0 of the 1 replicas" in (await require_redis(connection, replicas=1))[0]
    commands = [("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"), ("CONFIG", "SET", "appendfsync", "everysec")]
    await connection.each(commands)
    try:
        with pytest.raises(ConfigurationError, match="maxmemory-policy noeviction"):
            await require_redis(connection)
        await connection.each([("CONFIG", "SET", "maxmemory-policy", "noeviction")])
        assert "a second of writes" in (await require_redis(connection))[0]
    finally:
        await connection.each([("CONFIG", "SET", "maxmemory-policy", "noeviction"), ("CONFIG", "SET", "appendfsync", "always")])
