"""The store in Redis alone: CPU of client and server for what a sender asks of it per message, and a partition's owner per input."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import psutil

from orchestrator.contracts.claim import ClaimRequest, Granted, Settlement
from orchestrator.contracts.guard import GuardQuestion
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import Channel
from orchestrator.state.redis_store import RedisStore, open_redis
from orchestrator.state.store import Commit
from tests.services.redis_server import RedisServer

CHUNK, PARTITIONS = 64, 12
INPUTS, CUSTOMERS, MESSAGES, SET, CLEARED = 500, 300, 100, 120, 60
"""One batch of a partition: inputs, the customers they touch, what they send, timers set and cleared."""
PROFILE, MESSAGE = 3_300, 1_200
"""Bytes of a profile and of a rendered message."""


def _requests(start: int, channel: Channel) -> list[ClaimRequest]:
    """Nobody has a guard, nobody is suppressed, nothing was claimed before: as nearly all messages are."""
    question = GuardQuestion(
        channel=channel, message_class="marketing", topic="offers", rules=("open_service_issue",), not_after=2**50, quiet_from=2**50,
        address_kind=None, now=1_800_000_000_000 + start,
    )  # fmt: skip
    return [
        ClaimRequest(f"{n:032x}", f"customer-{n}", "a" * 16, 1, question, f"{n * 2654435761 % 2**96:024x}")
        for n in range(start, start + CHUNK)
    ]


async def _claims(store: RedisStore, number: int, start: int, channel: Channel) -> None:
    for at in range(start, start + number, CHUNK):
        partition = at // CHUNK % PARTITIONS
        requests = _requests(at, channel)
        assert all(isinstance(one, Granted) for one in await store.claim(partition, requests))
        assert all(
            await store.settle(partition, [Settlement(one.intent, one.sender, "done", 5, f"provider-{one.intent}") for one in requests])
        )


async def _batches(store: RedisStore, number: int) -> None:
    """Load and commit, as a partition's loop does."""
    versions = {p: (await store.take_over(p, "b" * 16)).version for p in range(PARTITIONS)}
    profile, body = os.urandom(PROFILE), os.urandom(MESSAGE)
    for batch in range(number // INPUTS):
        partition = batch % PARTITIONS
        customers = [f"customer-{(batch * 37 + n * 7) % 100_000}" for n in range(CUSTOMERS)]
        await store.load(partition, customers)
        commit = Commit(
            cursors={"customer-events": batch, "delivery-receipts": batch}, profiles=dict.fromkeys(customers, profile),
            timers={one: 1_000 + n if n < SET else None for n, one in enumerate(customers[: SET + CLEARED])},
            outbox=[Record(topic="outbound-email-bulk", key=one.encode(), value=body) for one in customers[:MESSAGES]],
        )  # fmt: skip
        entry = f"{'b' * 16}:{versions[partition]}"
        versions[partition] = await store.commit(partition, "b" * 16, versions[partition], commit)
        await store.published(partition, entry)


async def _cost(server: psutil.Process, number: int, work: Callable[[], Awaitable[None]]) -> Sequence[float]:
    """Microseconds of CPU of (client, server) for each of `number`."""
    before, served = time.process_time(), sum(server.cpu_times()[:2])
    await work()
    return (time.process_time() - before) / number * 1e6, (sum(server.cpu_times()[:2]) - served) / number * 1e6


async def _measure(number: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder))
        redis.start()
        try:
            store = await open_redis(redis.url, PARTITIONS, "bench")
            for partition in range(PARTITIONS):
                await store.take_over(partition, "a" * 16)
            server = psutil.Process(redis.pid)
            await _claims(store, 20 * CHUNK, 0, "email")
            number = number // CHUNK * CHUNK
            found: dict[str, float] = {}
            found["redis_claim_cpu_us"], found["redis_claim_server_us"] = await _cost(
                server, number, lambda: _claims(store, number, 1_000_000, "email")
            )
            found["redis_text_claim_cpu_us"], found["redis_text_claim_server_us"] = await _cost(
                server, number, lambda: _claims(store, number, 2_000_000, "sms")
            )
            await _batches(store, 5 * INPUTS)
            number = max(number, 50 * INPUTS)
            found["redis_commit_cpu_us"], found["redis_commit_server_us"] = await _cost(server, number, lambda: _batches(store, number))
            await store.close()
            return found
        finally:
            redis.stop()


def measure(number: int = 20_000) -> dict[str, float]:
    """Of one message, in chunks of 64: claim, settle, indexes. Of one input, in batches of 500: load, commit, outbox."""
    return asyncio.run(_measure(number))
