"""The ledger of a distributed run: what was accepted, decided and called, against an undisturbed run of the same log."""

import sqlite3
from collections import Counter, defaultdict
from pathlib import Path

import msgspec

from orchestrator.contracts.call import is_answer
from orchestrator.contracts.claim import Claim
from orchestrator.contracts.event import decode_event
from orchestrator.contracts.message import decode_message
from orchestrator.contracts.receipt import Receipt, decode_receipt
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS, INPUT_TOPICS, OUTBOUND_TOPICS, dead_letters
from orchestrator.engine.inputs import InputRecord
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.state.redis_store import RedisStore, open_redis
from orchestrator.state.value import decode_sections
from orchestrator.workspace.workspace import Workspace
from tests.chaos.kafka_log import records
from tests.chaos.ledger import Ledger
from tests.chaos.undisturbed import compared, differences, undisturbed

FORGETFUL = ("R7-behind", "R7-failover", "R7-restored", "R7-wiped")
"""Runs that take claims away."""


async def judge(
    ledger: Ledger, workspace: Workspace, address: KafkaAddress, redis: str, sandbox: Path, expected_ids: set[str], *, cluster: bool = False
) -> None:
    """Fill the ledger in. `sandbox`: the provider's own records."""
    log: dict[int, list[InputRecord]] = defaultdict(list)
    async for record in records(address, INPUT_TOPICS):
        log[record.partition].append(record)
    placed: dict[int, set[str]] = defaultdict(set)
    async for record in records(address, OUTBOUND_TOPICS):
        placed[record.partition].add(decode_message(record.value).intent)
    letters = [one async for one in records(address, [dead_letters(topic) for topic in (*INPUT_TOPICS, *OUTBOUND_TOPICS)])]
    ledger.ownerless = sum(
        dict(one.headers).get("dlq-reason") == b"no_customer" and one.topic == dead_letters(DELIVERY_RECEIPTS) for one in letters
    )
    ledger.dead_letters = len(letters) - ledger.ownerless
    store = await open_redis(redis, address.partitions, "judge", cluster=cluster)
    try:
        intents, wrong = await states(log, workspace, address, store)
        claims: dict[str, Claim] = {}
        for p, some in placed.items():
            claims |= await store.claims(p, sorted(some))
    finally:
        await store.close()
    with sqlite3.connect(f"file:{sandbox}?mode=ro", uri=True) as database:
        sent = Counter(intent for (intent,) in database.execute("SELECT intent FROM message"))
    receipts = _receipts(log)
    _compare(ledger, intents, set().union(*placed.values()), sent, claims, _reported(receipts))
    _twice(ledger, intents, sent, _tried_again(receipts))
    arrived = {_id(one) for some in log.values() for one in some if one.topic == CUSTOMER_EVENTS}
    if expected_ids - arrived:
        ledger.violations.append(f"{len(expected_ids - arrived)} accepted events are not in the log")
    if ledger.dead_letters != ledger.poison:
        ledger.violations.append(f"{ledger.dead_letters} dead letters of {ledger.poison} records that cannot be read")
    if ledger.ownerless and ledger.name not in FORGETFUL:
        ledger.violations.append(f"{ledger.ownerless} webhooks of messages nobody knows of")
    ledger.state_equal = not wrong
    ledger.violations += wrong[:5]


def _id(record: InputRecord) -> str:
    try:
        return decode_event(record.value).message_id or ""
    except (ValueError, msgspec.DecodeError):
        return ""


def _receipts(log: dict[int, list[InputRecord]]) -> list[Receipt]:
    return [
        decode_receipt(one.value) for some in log.values() for one in some if one.topic == DELIVERY_RECEIPTS and not is_answer(one.value)
    ]


def _reported(receipts: list[Receipt]) -> set[str]:
    """Intents of which a receipt says that the provider has them."""
    return {one.intent for one in receipts if one.intent is not None and one.status == "accepted"}


def _tried_again(receipts: list[Receipt]) -> set[str]:
    """Intents of which a receipt says that nobody could find out whether the provider had them, and that they are tried once more."""
    return {one.intent for one in receipts if one.intent is not None and one.status == "deferred" and one.reason == "outcome_unknown"}


def _twice(ledger: Ledger, intents: dict[str, str], sent: Counter[str], admitted: set[str]) -> None:
    """Only a transactional message may have gone out twice, and only where somebody decided to risk it and said so."""
    twice = {intent for intent, times in sent.items() if times > 1}
    wrong = {intent for intent in twice if intents.get(intent) != "transactional"}
    if wrong:
        ledger.violations.append(f"{len(wrong)} messages that are not transactional were sent twice")
    if twice - wrong - admitted:
        ledger.violations.append(f"{len(twice - wrong - admitted)} transactional messages were sent twice though nothing was in doubt")


async def states(
    log: dict[int, list[InputRecord]], workspace: Workspace, address: KafkaAddress, store: RedisStore
) -> tuple[dict[str, str], list[str]]:
    """(class of every intent an undisturbed run makes of the log, by partition; where the stored state differs from that run's)."""
    intents: dict[str, str] = {}
    wrong: list[str] = []
    for p, some in sorted(log.items()):
        some.sort(key=lambda one: (one.at, INPUT_TOPICS.index(one.topic), one.offset))
        customers = sorted({one.key.decode("utf-8", "surrogateescape") for one in some if one.key})
        stored = {name: decode_sections(value) for name, value in (await store.load(p, customers)).items()}
        made, others = undisturbed(workspace, p, address.partitions, some, stored)
        intents.update(others)
        wrong += differences(made, {name: compared(sections) for name, sections in stored.items()})
    return intents, wrong


def _compare(
    ledger: Ledger, intents: dict[str, str], published: set[str], sent: Counter[str], claims: dict[str, Claim], reported: set[str]
) -> None:
    unknown = {intent for intent, claim in claims.items() if claim.state == "unknown"}
    ledger.messages, ledger.provider_calls, ledger.unconfirmed = len(intents), sum(sent.values()), len(unknown)
    lost = intents.keys() - sent.keys() - unknown
    ledger.lost = len(lost)
    ledger.duplicated = sum(times - 1 for times in sent.values())
    if lost:
        ledger.violations.append(
            f"{len(lost)} messages lost, such as {sorted(lost)[:3]} with claims {[claims.get(one) for one in sorted(lost)[:3]]}"
        )
    if intents.keys() != published:
        ledger.violations.append(f"{len(intents.keys() ^ published)} intents differ from an undisturbed run")
    if sent.keys() - intents.keys():
        ledger.violations.append(f"{len(sent.keys() - intents.keys())} messages nobody intended")
    open_claims = [intent for intent, claim in claims.items() if claim.state == "sending"]
    if ledger.name in FORGETFUL:
        ledger.unsettled = len(reported.intersection(open_claims))
        open_claims = [intent for intent in open_claims if intent not in reported]
    if open_claims:
        ledger.violations.append(f"{len(open_claims)} claims neither settled nor counted, such as {open_claims[0]}")
