"""Calls in the embedded runtime: from the log to a receiver on this machine, and the answer back in the log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from orchestrator.contracts.call import CallAnswer, OutboundCall, decode_answer, is_answer
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CALLERS, DELIVERY_RECEIPTS, OUTBOUND_CALLS, dead_letters
from orchestrator.embedded.runtime import EmbeddedRuntime
from orchestrator.errors import ConfigurationError
from orchestrator.runtime.settings import Setting, Settings
from orchestrator.workspace.workspace import Workspace
from tests.integration.running import Client, running
from tests.unit.workers.calls.receiver import Receiver, answer, call, receiving, silence
from workers.calls.call_broker import call_record

SECRETS = {"CONCIERGE_SECRET_CRM_TOKEN": "s3cret"}


@asynccontextmanager
async def calling(example: Workspace, folder: Path, receiver: Receiver) -> AsyncIterator[tuple[EmbeddedRuntime, Client]]:
    place = f"localhost:{receiver.port}"
    settings = Settings({"CALLS_ALLOW_PRIVATE": Setting(place, "test")})
    async with running(replace(example, webhook_hosts=(place,)), folder, settings=settings, environment=SECRETS) as made:
        yield made


def to(receiver: Receiver, number: int = 0, **changes: object) -> Record:
    made: OutboundCall = call(f"http://localhost:{receiver.port}/{number}", id=f"{number:032x}", customer=f"c{number}", **changes)
    return call_record(made)


def answers(runtime: EmbeddedRuntime) -> list[CallAnswer]:
    found = [one.value for p in range(runtime.log.partitions) for one in runtime.log.read(DELIVERY_RECEIPTS, p, 0, 1000)]
    return [decode_answer(value) for value in found if is_answer(value)]


async def answered(runtime: EmbeddedRuntime, number: int, seconds: float = 20.0) -> list[CallAnswer]:
    async with asyncio.timeout(seconds):
        while len(answers(runtime)) < number or runtime.log.depth(CALLERS, OUTBOUND_CALLS):
            await asyncio.sleep(0.05)
    return answers(runtime)


def letters(runtime: EmbeddedRuntime, topic: str) -> list[bytes]:
    return [one.value for p in range(runtime.log.partitions) for one in runtime.log.read(dead_letters(topic), p, 0, 100)]


async def test_calls_are_answered_and_the_engine_takes_the_answers(example: Workspace, tmp_path: Path) -> None:
    async with receiving(answer(200, b'{"risk":1}')) as receiver, calling(example, tmp_path, receiver) as (runtime, client):
        poison = Record(topic=OUTBOUND_CALLS, key=b"c1", value=b"no call")
        await runtime.log.append([to(receiver, 0, secret="crm_token"), poison, *(to(receiver, n) for n in range(1, 40))])
        found = await answered(runtime, 40)
        assert {one.id for one in found} == {f"{n:032x}" for n in range(40)}
        assert all(one.ok and one.body == msgspec.Raw(b'{"risk":1}') for one in found)
        assert letters(runtime, OUTBOUND_CALLS) == [b"no call"]
        assert sum(one.header("authorization") == "Bearer s3cret" for one in receiver.seen) == 1
        async with asyncio.timeout(10):
            while runtime.log.depth("orchestrator", DELIVERY_RECEIPTS):
                await asyncio.sleep(0.05)
        assert letters(runtime, DELIVERY_RECEIPTS) == []
        async with client.session.get(f"{client.url}/metrics") as response:
            text = await response.text()
        assert f'concierge_calls_total{{host="localhost:{receiver.port}",outcome="ok"}} 40.0' in text
        assert "concierge_calls_in_flight 0.0" in text
        assert 'concierge_consumer_lag_records{topic="outbound-calls"} 0.0' in text


async def test_failures_are_answers_too(example: Workspace, tmp_path: Path) -> None:
    async with receiving(answer(500), answer(429, Retry_After="1"), answer(302, Location="/"), answer(200, b"<p>")) as receiver:
        async with calling(example, tmp_path, receiver) as (runtime, _client):
            await runtime.log.append([to(receiver, 1, retries=2)])
            (first,) = await answered(runtime, 1)
            assert (first.ok, first.why, first.attempts) == (False, "redirect", 3)
            elsewhere = msgspec.structs.replace(call("https://elsewhere.example/"), id="e", customer="c9")
            await runtime.log.append([to(receiver, 2), to(receiver, 3, secret="none"), call_record(elsewhere)])
            found = {one.id[-1]: one.why for one in await answered(runtime, 4)}
            assert found == {"1": "redirect", "2": "not_json", "3": "secret_missing", "e": "host_not_listed"}


async def test_what_had_no_answer_at_a_stop_is_called_again_under_the_same_key(example: Workspace, tmp_path: Path) -> None:
    async with receiving(silence, answer(503, Retry_After="60"), answer()) as receiver:
        async with calling(example, tmp_path, receiver) as (runtime, _client):
            await runtime.log.append([to(receiver, 1, timeout=30_000)])
            while len(receiver.seen) < 1:
                await asyncio.sleep(0.02)
            await runtime.log.append([to(receiver, 2)])
            while len(receiver.seen) < 2:
                await asyncio.sleep(0.02)
            stopping = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - stopping < 10
        async with calling(example, tmp_path, receiver) as (runtime, _client):
            found = await answered(runtime, 2)
    assert all(one.ok for one in found)
    keys = [one.header("idempotency-key") for one in receiver.seen]
    assert sorted(keys[:2]) == sorted(keys[2:]), "each twice"  # type: ignore[type-var]  # every call has one


async def test_private_places_are_refused_unless_ops_permit_them(example: Workspace, tmp_path: Path) -> None:
    async with receiving(answer()) as receiver:
        place = f"localhost:{receiver.port}"
        async with running(replace(example, webhook_hosts=(place,)), tmp_path) as (runtime, _client):
            plain = call(f"http://{place}/", id="plain", customer="c1")
            tls = call(f"https://{place}/", id="tls", customer="c2")
            await runtime.log.append([call_record(plain), call_record(tls)])
            assert {one.id: one.why for one in await answered(runtime, 2)} == {"plain": "host_not_listed", "tls": "address_refused"}
        assert not receiver.seen


async def test_a_setting_that_cannot_be_read_ends_the_start(example: Workspace, tmp_path: Path) -> None:
    settings = Settings({"CALLS_ALLOW_PRIVATE": Setting("*.local", "test")})
    with pytest.raises(ConfigurationError, match="CONCIERGE_CALLS_ALLOW_PRIVATE"):
        await running(example, tmp_path, settings=settings).__aenter__()
    assert not (tmp_path / "concierge.db").exists()
