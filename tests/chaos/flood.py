"""Nothing but bad records: the orchestrators stop and say so instead of filling the dead letters, until an operator lets them pass."""

import asyncio
import re

from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.contracts.partition import partition_of
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS, dead_letters
from orchestrator.distributed.orchestrator import DEAD_LETTER_LIMIT
from orchestrator.kafka_publisher import KafkaPublisher
from tests.chaos.kafka_log import lag, records
from tests.chaos.stage import Stage
from tests.services.fleet import RoleProcess

SETTING = "CONCIERGE_DEAD_LETTER_LIMIT"
KEY = b"flood"
SLICE = 100
WITHIN = 90.0
"""Seconds that anything waited for may take."""
COUNTED = re.compile(
    rf'^concierge_dead_letters_total{{reason="{DeadLetterReason.NOT_JSON.value}",topic="{CUSTOMER_EVENTS}"}} (\S+)', re.MULTILINE
)


async def flood(stage: Stage) -> None:
    """All of it on one partition, half as many again as the limit lets through, while nothing good comes."""
    assert stage.gateway is not None
    number = DEAD_LETTER_LIMIT * 3 // 2
    await stage.remove(stage.gateway)
    await _applied(stage)
    ends = [asyncio.create_task(stage.end_of(role)) for role in stage.orchestrators]
    before = await _letters(stage)
    counting = asyncio.create_task(_counted(stage))
    await _send(stage, number)
    _judge(stage, await asyncio.gather(*ends))
    if not await counting:
        stage.ledger.violations.append("concierge_dead_letters_total never counted one")
    # a supervisor starts them again: they stop again, and do not go on where they stopped
    for role in stage.orchestrators:
        role.start()
    _judge(stage, await asyncio.gather(*(stage.end_of(role) for role in stage.orchestrators)))
    kept = await _letters(stage) - before
    if not 0 < kept <= DEAD_LETTER_LIMIT:
        stage.ledger.violations.append(f"{kept} dead letters, the limit is {DEAD_LETTER_LIMIT}")
    stage.fleet.environment[SETTING] = "0"
    for role in (*stage.orchestrators, stage.gateway):
        await stage.back(role)
    async with asyncio.timeout(WITHIN):
        while await _letters(stage) - before < number:
            await asyncio.sleep(0.5)
    del stage.fleet.environment[SETTING]
    for role in stage.orchestrators:
        await stage.restart(role)


async def _send(stage: Stage, number: int) -> None:
    publisher = KafkaPublisher(stage.address)
    await publisher.start()
    try:
        for _ in range(0, number, SLICE):
            await publisher.publish([Record(topic=CUSTOMER_EVENTS, key=KEY, value=b"{no json") for _ in range(SLICE)])
            stage.ledger.poison += SLICE
            await asyncio.sleep(0.2)
    finally:
        await publisher.stop()


def _judge(stage: Stage, codes: list[int]) -> None:
    for role, code in zip(stage.orchestrators, codes, strict=True):
        stage.ledger.faults += 1
        log = role.log.read_text()
        last = log.rstrip().rpartition("\n")[2]
        if (
            code != 1
            or "Traceback" in log
            or not re.search(rf"records cannot be read, the latest {CUSTOMER_EVENTS} offset \d+: not_json.* {SETTING}", last)
        ):
            stage.ledger.violations.append(f"an orchestrator ended with {code}, its last line: {last}")


async def _counted(stage: Stage) -> float:
    """The most that a process counted before it ended."""
    most = 0.0
    while any(role.alive for role in stage.orchestrators):
        for role in stage.orchestrators:
            most = max(most, await _asked(stage, role))
        await asyncio.sleep(0.1)
    return most


async def _asked(stage: Stage, role: RoleProcess) -> float:
    try:
        async with stage.session.get(f"http://{role.address}/metrics") as response:
            found = COUNTED.search(await response.text())
    except OSError:
        return 0.0
    return float(found[1]) if found else 0.0


async def _letters(stage: Stage) -> int:
    here = partition_of(KEY, stage.address.partitions)
    return sum([one.partition == here async for one in records(stage.address, [dead_letters(CUSTOMER_EVENTS)])])


async def _applied(stage: Stage) -> None:
    async with asyncio.timeout(WITHIN):
        while (await lag(stage.address))[CUSTOMER_EVENTS]:
            await asyncio.sleep(0.3)
