"""The distributed runtime as its operators run it: real processes on real Kafka and Redis."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from orchestrator.runtime.ids import RandomIds
from orchestrator.state.redis_reputation import RedisReputation
from orchestrator.state.redis_store import open_redis
from orchestrator.state.redis_versions import RedisVersions
from tests.integration.running import Client, free_port
from tests.services.fleet import Fleet
from tests.services.kafka_server import KafkaServer
from tests.services.redis_server import RedisServer

_numbers = itertools.count()


@pytest.fixture
async def fleet(tmp_path: Path, kafka: KafkaServer, redis_server: RedisServer) -> AsyncIterator[Fleet]:
    redis_server.wipe()
    made = Fleet(tmp_path, kafka.address, redis_server.url, f"fleet{next(_numbers)}-")
    yield made
    made.close()


def order(number: int) -> dict[str, object]:
    who = f"fleet-{number}"
    return {
        "type": "track", "userId": who, "messageId": f"order-{number}", "event": "Order Placed",
        "properties": {"order_id": f"o{number}", "package": "Fibre 100", "price": 19.9, "installed_on": "2027-01-15"},
    }  # fmt: skip


def person(number: int) -> dict[str, object]:
    return {
        "type": "identify", "userId": f"fleet-{number}", "messageId": f"person-{number}",
        "traits": {"email": f"fleet-{number}@example.com", "first_name": "Ada", "country": "GB", "locale": "en"},
    }  # fmt: skip


async def test_the_first_start_says_what_to_do(fleet: Fleet) -> None:
    role = fleet.add("orchestrator")
    assert await asyncio.to_thread(role.wait, 30) == 2
    assert "concierge apply" in role.log.read_text()
    assert fleet.command("apply").returncode == 0
    again = fleet.command("apply")
    assert again.returncode == 0
    assert b"in force already" in again.stdout
    role = fleet.add("orchestrator")
    assert await asyncio.to_thread(role.wait, 30) == 2
    assert "concierge topics create" in role.log.read_text()
    assert fleet.command("topics", "check").returncode == 1
    missing = fleet.command("doctor", "--url", f"http://127.0.0.1:{free_port()}")
    assert (missing.returncode, b"customer-events: missing" in missing.stdout) == (1, True)
    made = fleet.command("topics", "create", "--replicas", "1")
    assert made.returncode == 0, made.stderr
    checked = fleet.command("topics", "check")
    assert checked.returncode == 0, checked.stdout
    told = fleet.command("doctor", "--url", f"http://127.0.0.1:{free_port()}")
    assert told.returncode == 0, told.stdout
    assert b"ok   redis" in told.stdout
    assert b"topics, 4 partitions each" in told.stdout


async def test_every_process_may_die_and_each_message_arrives_once(fleet: Fleet, tmp_path: Path) -> None:
    assert fleet.command("topics", "create", "--replicas", "1").returncode == 0
    assert fleet.command("apply").returncode == 0
    roles = [
        fleet.add_sandbox(),
        fleet.add_gateway(),
        *(fleet.add("orchestrator") for _ in range(2)),
        *(fleet.add("worker", "email") for _ in range(2)),
    ]
    async with aiohttp.ClientSession() as session:
        await fleet.ready(roles, session)
        client = Client(fleet.gateway_url, session)
        number = 300
        await client.send(*(person(n) for n in range(number)))
        for first in range(0, number, 50):
            await client.send(*(order(n) for n in range(first, first + 50)))
            victim = roles[2 + first // 50 % 4]
            await asyncio.to_thread(victim.kill)
            victim.start()
        # straight into the topic, as a backend in the same network may do
        lines = tmp_path / "events.jsonl"
        lines.write_text("\n".join(json.dumps(one) for one in (person(number), order(number), {**order(1), "userId": None})))
        emitted = await asyncio.to_thread(
            fleet.command, "emit", str(lines), "--to", f"kafka:///{fleet.environment['CONCIERGE_KAFKA_PREFIX']}customer-events"
        )
        assert (emitted.returncode, emitted.stdout) == (1, b"2 accepted, 1 refused\n"), emitted.stderr
        number += 1
        sandbox = Client(fleet.sandbox_url, session)
        found = await sandbox.until(lambda messages: len(messages) >= number, 90, channel="email")
        await asyncio.sleep(2)
        found = await sandbox.messages(channel="email")
        assert sorted(str(one["to"]) for one in found) == sorted(f"fleet-{n}@example.com" for n in range(number))
        why = await asyncio.to_thread(fleet.command, "why", "fleet-1")
        assert b"order_confirmation" in why.stdout
        shown = json.loads((await asyncio.to_thread(fleet.command, "--json", "customer", "show", "fleet-1")).stdout)
        assert [one["status"] for one in shown["messages"]] == ["delivered"]
        erased = await asyncio.to_thread(fleet.command, "customer", "erase", "fleet-1", "--yes")
        assert (erased.returncode, erased.stdout) == (0, b"erased: fleet-1\n"), erased.stderr
        for role in roles[1:]:
            assert await asyncio.to_thread(role.stop) == 0, role.log.read_text()[-2000:]
    assert number / 2 < await counted(fleet.environment["CONCIERGE_REDIS"], "order_confirmation") <= number, (
        "but what those who were killed had in hand"
    )


async def counted(redis: str, journey: str) -> int:
    """Sends of a journey, as the reputation guard knows them."""
    store = await open_redis(redis, 4, RandomIds().token())
    try:
        found, _since = await RedisReputation(store.connection, RedisVersions(store.connection)).read()
        return sum(figures.sends for figures in found[journey].values())
    finally:
        await store.close()
