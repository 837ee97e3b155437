"""Memory of `up` over many events: does it grow with what has passed through?"""

import asyncio
import random
import tempfile
from pathlib import Path

import aiohttp
import psutil

from tests.chaos.load import events
from tests.chaos.processes import Deployment

BATCH = 200
SAMPLES = 10


async def _run(number: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        deployment = Deployment(Path(folder))
        await deployment.sandbox.start()
        await deployment.up.start()
        async with aiohttp.ClientSession() as session:
            try:
                await deployment.wait_ready(session)
                process = psutil.Process(deployment.up.pid)
                everything = events(number, random.Random(1))
                sizes = []
                for part in range(SAMPLES):
                    for start in range(part * number // SAMPLES, (part + 1) * number // SAMPLES, BATCH):
                        await deployment.send(session, everything[start : start + BATCH])
                    while await deployment.lag(session):
                        await asyncio.sleep(0.2)
                    sizes.append(process.memory_info().rss / 2**20)
                print("  RSS in MB after each tenth: " + " ".join(f"{size:.0f}" for size in sizes), flush=True)
                half = sizes[SAMPLES // 2 - 1]
                return {"embedded_rss_max_mb": max(sizes), "embedded_rss_growth_mb": sizes[-1] - half}
            finally:
                await deployment.up.stop()
                await deployment.sandbox.stop()


def measure(number: int = 100_000) -> dict[str, float]:
    """The most of ten samples, and the growth over the second half."""
    return asyncio.run(_run(number))
