"""R5 with three brokers: one is killed and stays away, others take over what it led, it comes back and catches up; then another."""

import asyncio
import random
import time

from orchestrator.kafka_stream import GROUP
from tests.chaos.leaders import LeaderWatch
from tests.chaos.returning import returning
from tests.chaos.size import Size
from tests.chaos.stage import Stage
from tests.services.fleet import RoleProcess

LOOK_UPS_A_SECOND = 20
"""At most, by a worker, for the coordinators of its two lanes' groups: a dead one's successor is asked for with patience."""
RETURNING = 60
"""Customers whose events and receipts are under way together."""
CUSTOMERS_RATE = 5.0
"""Customers a second whom the backend writes of, for the source that is mapped by Faust."""


async def one_of_three(stage: Stage, rng: random.Random, size: Size) -> None:
    """R5: a broker is killed; the first one coordinates the orchestrators' group, the second leads most partitions, then any."""
    watch = LeaderWatch(stage.address)
    await watch.start()
    others = [asyncio.create_task(one) for one in (stage.backend.write(CUSTOMERS_RATE), returning(stage, RETURNING))]
    try:
        for number in range(size.times):
            await asyncio.sleep(3)
            await _away(stage, watch, await _victim(watch, number, rng), 30 if size.events > 20_000 else 8)
    finally:
        for one in others:
            one.cancel()
        ended = await asyncio.gather(*others, return_exceptions=True)
        await watch.close()
    stage.ledger.violations += [repr(one) for one in ended if not isinstance(one, asyncio.CancelledError)]


async def _victim(watch: LeaderWatch, number: int, rng: random.Random) -> int:
    match number:
        case 0:
            return await watch.coordinator(GROUP)
        case 1:
            return (await watch.look()).busiest()
        case _:
            return rng.choice(sorted(set((await watch.look()).of.values())))


async def _away(stage: Stage, watch: LeaderWatch, node: int, seconds: float) -> None:
    """Killed for so long, and until others lead what it led; then back, and in step again."""
    led = (await watch.look()).led_by(node)
    if not led:
        stage.ledger.violations.append(f"broker {node} led nothing: its death is no fault")
    before, started = [_look_ups(worker) for worker in stage.workers], time.monotonic()
    await asyncio.to_thread(stage.kafka.node(node).kill)
    moved = asyncio.create_task(watch.until(lambda now: all(now.of[one] not in (node, -1) for one in led)))
    await asyncio.gather(asyncio.sleep(seconds), moved)
    stage.ledger.leaders_moved += len(led)
    most = max(_look_ups(worker) - number for worker, number in zip(stage.workers, before, strict=True))
    if most > LOOK_UPS_A_SECOND * (time.monotonic() - started):
        stage.ledger.violations.append(f"a worker looked its groups' coordinators up {most} times")
    for command in ("topics", "check"), ("doctor", "--url", stage.fleet.gateway_url):
        asked = await asyncio.to_thread(stage.fleet.command, *command)
        if asked.returncode:
            stage.ledger.violations.append(
                f"`{' '.join(command)}` with a broker away ended with {asked.returncode}: {(asked.stdout + asked.stderr)[-300:]!r}"
            )
    await asyncio.to_thread(stage.kafka.node(node).start)
    await watch.until(lambda now: not now.behind)
    stage.ledger.faults += 1


def _look_ups(worker: RoleProcess) -> int:
    return worker.log.read_text("utf-8").count("Discovered coordinator")
