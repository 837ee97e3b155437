"""kill -9 of `up` at random moments under load: nothing accepted is lost, nothing is sent twice, the state is that of an
undisturbed run of the same log."""

import asyncio
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import aiohttp

from orchestrator.state.sqlite_database import SqliteDatabase
from tests.chaos.ledger import Ledger
from tests.chaos.load import events
from tests.chaos.processes import Deployment
from tests.chaos.replay import intents_published, replayed
from tests.chaos.undisturbed import differences
from workers.retry import FIRST

BATCH = 50
AGAIN = FIRST // 1000 * 2**4
"""Seconds, more than the wait before any try that as many kills can lead to."""


async def kill_run(folder: Path, number: int, kills: int, seed: int) -> Ledger:
    """`number` events, `kills` kill -9 of `up`."""
    rng = random.Random(seed)
    ledger, started = Ledger("E1-kill", seed), time.monotonic()
    deployment = Deployment(folder)
    await deployment.sandbox.start()
    await deployment.up.start()
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        try:
            await deployment.wait_ready(session)
            load = asyncio.create_task(_load(deployment, session, events(number, rng), ledger))
            for _ in range(kills):
                await asyncio.sleep(rng.uniform(0.3, 1.5))
                await deployment.up.kill()
                ledger.faults += 1
                await deployment.up.start()
                ledger.recovery_s_max = max(ledger.recovery_s_max, await deployment.wait_ready(session))
            await load
            await _settle(deployment, session)
            sent = await _all_sent(folder)
        finally:
            await deployment.up.stop()
            await deployment.sandbox.stop()
    _judge(ledger, folder, sent, number)
    ledger.seconds = round(time.monotonic() - started, 1)
    return ledger


async def _load(deployment: Deployment, session: aiohttp.ClientSession, all_events: list[dict[str, object]], ledger: Ledger) -> None:
    for start in range(0, len(all_events), BATCH):
        part = all_events[start : start + BATCH]
        await deployment.send(session, part)
        ledger.accepted += len(part)


async def _settle(deployment: Deployment, session: aiohttp.ClientSession) -> None:
    """Until nobody has anything to do, and a while longer where something is missing: of a transactional message whose call was cut off, and that
    the provider has no record of, nothing but a timer is left until it is tried again."""
    quiet = 0
    for _ in range(3000):
        quiet = quiet + 1 if await deployment.lag(session) == 0 else 0
        if quiet > 15 and (quiet > AGAIN * 10 or not _missing(deployment.folder, await _all_sent(deployment.folder))):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("never settled")


def _missing(folder: Path, sent: Counter[str]) -> set[str]:
    """Intents that are published and neither taken by the provider nor given up."""
    database = SqliteDatabase(folder, read_only=True)
    found = intents_published(database)
    database.close()
    return found - sent.keys() - _with_state(_claims(folder), "unknown")


def _claims(folder: Path) -> dict[str, str]:
    """Intent to the state of its claim."""
    with closing(sqlite3.connect(f"file:{folder / 'concierge.db'}?mode=ro", uri=True)) as database:
        return dict(database.execute("SELECT id,state FROM claim"))


def _with_state(claims: Mapping[str, str], state: str) -> set[str]:
    return {intent for intent, held in claims.items() if held == state}


async def _all_sent(folder: Path) -> Counter[str]:
    """How often the provider took each intent, from its own records."""
    with closing(sqlite3.connect(f"file:{folder / 'sandbox.db'}?mode=ro", uri=True)) as database:
        return Counter(intent for (intent,) in database.execute("SELECT intent FROM message"))


def _judge(ledger: Ledger, folder: Path, sent: Counter[str], number: int) -> None:
    made, intents, stored, published = replayed(folder)
    claims = _claims(folder)
    unknown, open_claims = _with_state(claims, "unknown"), len(_with_state(claims, "sending"))
    ledger.messages, ledger.provider_calls, ledger.unconfirmed = len(intents), sum(sent.values()), len(unknown)
    lost = sorted(intents.keys() - sent.keys() - unknown)
    ledger.lost = len(lost)
    ledger.duplicated = sum(times - 1 for times in sent.values())
    wrong = differences(made, stored)
    ledger.state_equal = not wrong
    if ledger.lost:
        ledger.violations.append(f"{ledger.lost} messages lost, such as {[(one, claims.get(one)) for one in lost[:3]]}")
    twice = [intent for intent, times in sent.items() if times > 1 and intents.get(intent) != "transactional"]
    if twice:
        ledger.violations.append(f"{len(twice)} messages that are not transactional were sent twice")
    if intents.keys() != published:
        ledger.violations.append(f"{len(intents.keys() ^ published)} intents differ from an undisturbed run")
    if open_claims:
        ledger.violations.append(f"{open_claims} claims neither settled nor counted")
    if sent.keys() - intents.keys():
        ledger.violations.append(f"{len(sent.keys() - intents.keys())} messages nobody intended")
    ledger.violations += wrong[:5]
    if ledger.accepted != number:
        ledger.violations.append("not all events were accepted")
