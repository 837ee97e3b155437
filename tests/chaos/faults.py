"""The fault runs on the distributed runtime: each does one kind of harm while events flow, and shows that it did."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import NamedTuple

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.kafka_publisher import KafkaPublisher
from tests.chaos.brokers import one_of_three
from tests.chaos.flood import flood
from tests.chaos.size import Size
from tests.chaos.stage import Stage

Harm = Callable[[Stage, random.Random, Size], Coroutine[None, None, None]]


async def kill(stage: Stage, rng: random.Random, size: Size) -> None:
    """R1: kill -9 of a random orchestrator or sender."""
    for _ in range(size.times):
        await asyncio.sleep(rng.uniform(1.0, 3.0))
        await stage.kill(rng.choice(stage.victims))


async def freeze(stage: Stage, rng: random.Random, size: Size) -> None:
    """R2: stopped for longer than the session, then going on as if nothing had happened."""
    for _ in range(size.times):
        await asyncio.sleep(rng.uniform(0.5, 2.0))
        frozen = [rng.choice(stage.orchestrators), rng.choice(stage.workers)]
        for role in frozen:
            role.freeze()
        await asyncio.sleep(rng.uniform(14.0, 18.0))
        for role in frozen:
            role.thaw()
            stage.ledger.faults += 1
        await asyncio.sleep(4)


async def rolling(stage: Stage, _rng: random.Random, size: Size) -> None:
    """R3: every process stopped with SIGTERM and started again, the next when it is ready."""
    for _ in range(size.times):
        for role in stage.victims:
            took = await stage.restart(role)
            await stage.fleet.ready([role], stage.session)
            if took > 12:
                stage.ledger.violations.append(f"{' '.join(role.arguments[:2])} took {took:.1f} s to stop")


async def scale(stage: Stage, _rng: random.Random, size: Size) -> None:
    """R4: from two of each to four, and back to one."""
    for _ in range(size.times):
        more = [stage.fleet.add("orchestrator") for _ in range(2)] + [stage.fleet.add("worker", "email") for _ in range(2)]
        await stage.fleet.ready(more, stage.session)
        await asyncio.sleep(5)
        for role in (*more, stage.orchestrators[1], stage.workers[1]):
            await stage.remove(role)
            stage.ledger.faults += 1
        await asyncio.sleep(5)
        for role in (stage.orchestrators[1], stage.workers[1]):
            await stage.back(role)


async def broker_outage(stage: Stage, _rng: random.Random, size: Size) -> None:
    """R5: the broker is killed and stays away."""
    for _ in range(size.times):
        await asyncio.sleep(3)
        await asyncio.to_thread(stage.kafka.kill)
        # long: longer than a producer tries by itself
        await asyncio.sleep(40 if size.events > 20_000 else 8)
        await asyncio.to_thread(stage.kafka.start)
        stage.ledger.faults += 1
        await asyncio.sleep(5)


async def redis_kill(stage: Stage, rng: random.Random, size: Size) -> None:
    """R7: Redis is killed and started again, and frozen for longer than anybody waits for an answer."""
    for _ in range(size.times):
        await asyncio.sleep(rng.uniform(2.0, 4.0))
        await asyncio.to_thread(stage.redis.kill)
        await asyncio.sleep(rng.uniform(0.5, 3.0))
        await asyncio.to_thread(stage.redis.start)
        await asyncio.sleep(rng.uniform(2.0, 4.0))
        stage.redis.freeze()
        await asyncio.sleep(15 if size.events > 20_000 else 6)
        stage.redis.thaw()
        stage.ledger.faults += 2


async def redis_behind(stage: Stage, rng: random.Random, size: Size) -> None:
    """R7: Redis comes back without the last second of what it had acknowledged, commits and claims alike."""
    for _ in range(size.times):
        await asyncio.sleep(rng.uniform(4.0, 6.0))
        kept = stage.redis.log_size()
        await asyncio.sleep(1.0)
        await asyncio.to_thread(stage.redis.kill)
        if stage.redis.cut_log(kept) <= 0:
            stage.ledger.violations.append("nothing was written in the second that was to be lost")
        await asyncio.to_thread(stage.redis.start)
        stage.ledger.faults += 1


async def redis_restored(stage: Stage, rng: random.Random, size: Size) -> None:
    """R7: everything is gone from Redis, a snapshot some seconds old is put back, and the runbook is followed."""
    await _wiped(stage, rng, size, stage.folder / "snapshot.rdb")


async def redis_wiped(stage: Stage, rng: random.Random, size: Size) -> None:
    """R7: everything is gone from Redis, and there is no snapshot: the runbook with --from-log."""
    await _wiped(stage, rng, size, None)


async def _wiped(stage: Stage, rng: random.Random, size: Size, snapshot: Path | None) -> None:
    for _ in range(size.times):
        await asyncio.sleep(rng.uniform(3.0, 5.0))
        if snapshot is not None:
            await asyncio.to_thread(stage.redis.snapshot, snapshot)
            await asyncio.sleep(rng.uniform(3.0, 5.0))
        await asyncio.to_thread(stage.redis.wipe)
        stage.ledger.faults += 1
        await asyncio.sleep(4)
        await asyncio.gather(*(stage.remove(role) for role in stage.victims))
        if snapshot is not None:
            await asyncio.to_thread(stage.redis.restore, snapshot)
        await stage.rebuild(*(() if snapshot is not None else ("--from-log",)))
        await asyncio.gather(*(stage.back(role) for role in stage.victims))


async def redis_failover(stage: Stage, rng: random.Random, size: Size) -> None:
    """R7: a Redis master dies whose replica did not get the last second of what it had acknowledged, commits and claims alike."""
    for number in range(size.times):
        await asyncio.sleep(rng.uniform(4.0, 6.0))
        share = (number + 1) % stage.cluster.masters
        await asyncio.to_thread(stage.cluster.cut_off, share)
        await asyncio.sleep(1.0)
        if await asyncio.to_thread(stage.cluster.fail_over, share) <= 0:
            stage.ledger.violations.append("nothing was written in the second that was to be lost")
        stage.ledger.faults += 1


async def poison(stage: Stage, rng: random.Random, size: Size) -> None:
    """R8: one record in a hundred is not JSON, of no known type, without an id, a megabyte, or nothing at all."""
    bad = (b"{not json", b'{"type":"nonsense","userId":"k1"}', b'{"type":"track","event":"Order Placed"}', b"x" * 1_000_000, b"")
    publisher = KafkaPublisher(stage.address)
    await publisher.start()
    try:
        for n in range(size.events // 100):
            value = rng.choice(bad)
            await publisher.publish([Record(topic=CUSTOMER_EVENTS, key=f"bad{n}".encode(), value=value, headers=(("n", str(n).encode()),))])
            stage.ledger.poison += 1
            stage.ledger.faults += 1
            await asyncio.sleep(0.05)
    finally:
        await publisher.stop()


async def provider(stage: Stage, rng: random.Random, size: Size) -> None:
    """R10: storms of 429, bursts of 503, hanging, and answers that are lost though the message was taken."""
    bouts: list[list[dict[str, object]]] = [
        [{"every": 2, "status": 429, "retry_after": 1}],
        [{"every": 2, "status": 503}],
        [{"every": 25, "act": "hang"}],
        [{"every": 10, "act": "lose"}],
        [{"every": 10, "act": "drop"}],
    ]
    for _ in range(size.times):
        for rules in rng.sample(bouts, len(bouts)):
            await stage.set_faults(rules)
            await asyncio.sleep(5)
            if not await stage.faults_acted():
                stage.ledger.violations.append(f"the fault {rules} never happened")
            stage.ledger.faults += 1
        await stage.set_faults([])


async def all_poison(stage: Stage, rng: random.Random, size: Size) -> None:
    """R8: a run of nothing but bad records."""
    for _ in range(size.times):
        await asyncio.sleep(rng.uniform(2.0, 4.0))
        await flood(stage)


class Run(NamedTuple):
    """`long` is for `make chaos`, `short` for `make test`. `cluster`: state on a Redis Cluster with replicas."""

    harm: Harm
    long: Size
    short: Size
    brokers: int = 1
    cluster: bool = False


RUNS = {
    "R1-kill": Run(kill, Size(200_000, 40, 2_000), Size(3_000, 5, 300)),
    "R2-zombie": Run(freeze, Size(60_000, 4, 1_000), Size(3_000, 1, 200)),
    "R3-rolling": Run(rolling, Size(40_000, 2, 500), Size(2_000, 1, 200)),
    "R4-scale": Run(scale, Size(40_000, 2, 500), Size(2_000, 1, 200)),
    "R5-broker": Run(broker_outage, Size(40_000, 2, 500), Size(2_000, 1, 200)),
    "R5-three": Run(one_of_three, Size(40_000, 4, 500), Size(2_000, 2, 200), brokers=3),
    "R7-redis": Run(redis_kill, Size(40_000, 3, 500), Size(2_000, 1, 200)),
    "R7-behind": Run(redis_behind, Size(40_000, 3, 500), Size(2_000, 1, 200)),
    "R7-failover": Run(redis_failover, Size(40_000, 3, 500), Size(2_000, 1, 200), cluster=True),
    "R7-restored": Run(redis_restored, Size(40_000, 2, 500), Size(2_000, 1, 200)),
    "R7-wiped": Run(redis_wiped, Size(40_000, 2, 500), Size(2_000, 1, 200)),
    "R8-poison": Run(poison, Size(40_000, 1, 500), Size(2_000, 1, 200)),
    "R8-flood": Run(all_poison, Size(20_000, 2, 500), Size(2_000, 1, 200)),
    "R10-provider": Run(provider, Size(20_000, 2, 200), Size(2_000, 1, 100)),
}
