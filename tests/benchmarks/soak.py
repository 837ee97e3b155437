"""Memory of every role of the distributed runtime over many messages: does it grow with what has passed through?"""

import asyncio

from tests.benchmarks.distributed import order, until_sent, with_people

SAMPLES, CHUNK, AHEAD = 10, 1_000, 4_000
"""Samples taken, messages published at a time, messages that may be under way."""
PEOPLE = 100_000
"""Ten messages each: profiles of some kilobytes. With few people, who get hundreds of messages in minutes, their profiles
grow until old messages leave them, and batches of them with it."""


async def _run(number: int) -> dict[str, float]:
    sizes: list[dict[str, float]] = []
    async with with_people(PEOPLE) as stage:
        for part in range(SAMPLES):
            for start in range(part * number // SAMPLES, (part + 1) * number // SAMPLES, CHUNK):
                await stage.publish([order(n, PEOPLE) for n in range(start, start + CHUNK)])
                await until_sent(stage, start + CHUNK - AHEAD)
            await until_sent(stage, (part + 1) * number // SAMPLES)
            sizes.append(stage.rss())
            print(
                f"  RSS after {(part + 1) * number // SAMPLES}: " + ", ".join(f"{n} {mb:.0f} MB" for n, mb in sizes[-1].items()), flush=True
            )
    half = sizes[SAMPLES // 2 - 1]
    return {
        **{f"soak_{name}_rss_max_mb": max(one[name] for one in sizes) for name in half},
        **{f"soak_{name}_rss_growth_mb": sizes[-1][name] - before for name, before in half.items()},
    }


def measure(number: int = 1_000_000) -> dict[str, float]:
    """The most of ten samples, and the growth over the second half, of each role."""
    return asyncio.run(_run(number))
