"""The embedded runtime end to end: `up` in one process, the sandbox in another, events over HTTP, durable."""

import asyncio
import random
import tempfile
from pathlib import Path

import aiohttp
import psutil

from tests.chaos.load import events
from tests.chaos.processes import Deployment

BATCH = 200


def orders(number: int, start: int) -> list[dict[str, object]]:
    """One message each."""
    return [
        {
            "type": "track",
            "userId": f"k{n % 5000}",
            "messageId": f"b{start + n}",
            "event": "Order Placed",
            "properties": {"order_id": f"o{start + n}", "package": "x", "price": 1.5, "installed_on": "2027-01-01"},
        }
        for n in range(number)
    ]


async def metrics(session: aiohttp.ClientSession, url: str, name: str) -> dict[str, float]:
    async with session.get(f"{url}/metrics") as response:
        lines = (await response.text()).splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name)}


async def _accepted(session: aiohttp.ClientSession, url: str) -> float:
    return sum(value for name, value in (await metrics(session, url, "concierge_messages_total")).items() if 'status="accepted"' in name)


async def _run(number: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        deployment = Deployment(Path(folder))
        await deployment.sandbox.start()
        await deployment.up.start()
        async with aiohttp.ClientSession() as session:
            try:
                await deployment.wait_ready(session)
                people = [event for event in events(20_000, random.Random(1)) if event["type"] == "identify"]
                for start in range(0, len(people), BATCH):
                    await deployment.send(session, people[start : start + BATCH])
                await asyncio.sleep(2)
                process = psutil.Process(deployment.up.pid)
                loop = asyncio.get_running_loop()
                before_cpu, started = sum(process.cpu_times()[:2]), loop.time()
                before = await _accepted(session, deployment.url)
                for start in range(0, number, BATCH):
                    await deployment.send(session, orders(BATCH, start))
                while await _accepted(session, deployment.url) - before < number:
                    await asyncio.sleep(0.1)
                    if loop.time() - started > 300:
                        raise AssertionError("not all messages were sent")
                seconds = loop.time() - started
                cpu = sum(process.cpu_times()[:2]) - before_cpu
                rss_before = process.memory_info().rss
                first = await metrics(session, deployment.url, "concierge_event_to_provider_seconds_bucket")
                for n in range(500):  # 50 a second
                    await deployment.send(session, orders(1, 10_000_000 + n))
                    await asyncio.sleep(0.02)
                await asyncio.sleep(1)
                second = await metrics(session, deployment.url, "concierge_event_to_provider_seconds_bucket")
                return {
                    "embedded_messages_per_s": number / seconds,
                    "embedded_cpu_us_per_message": cpu / number * 1e6,
                    "embedded_latency_p50_ms": quantile(first, second, 0.5) * 1000,
                    "embedded_latency_p99_ms": quantile(first, second, 0.99) * 1000,
                    "embedded_rss_mb": max(rss_before, process.memory_info().rss) / 2**20,
                }
            finally:
                await deployment.up.stop()
                await deployment.sandbox.stop()


def quantile(first: dict[str, float], second: dict[str, float], share: float) -> float:
    """The upper bound of the bucket in which the quantile lies, in seconds."""
    counts: dict[float, float] = {}
    for name, value in second.items():
        bound = float(name.split('le="')[1].split('"')[0].replace("+Inf", "inf"))
        counts[bound] = counts.get(bound, 0) + value - first.get(name, 0)
    total = max(counts.values(), default=0)
    return next((bound for bound, count in sorted(counts.items()) if count >= share * total), float("inf"))


def measure(number: int = 10_000) -> dict[str, float]:
    """Messages a second and CPU per message of `up`; latency at 50 events a second; memory."""
    return asyncio.run(_run(number))
