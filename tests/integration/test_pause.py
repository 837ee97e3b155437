"""`concierge pause` and `resume`: beside a running embedded runtime, on a folder at rest, and at a deployment's store."""

import asyncio
import json
from pathlib import Path

import pytest

from orchestrator.active import ActiveVersion
from orchestrator.content.check import check_message
from orchestrator.distributed.follow_pauses import follow_pauses
from orchestrator.journey_tests.world import NoLinks
from orchestrator.policies.reputation import Figures, bucket_of
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.state.redis_store import open_redis
from orchestrator.state.redis_versions import RedisVersions
from orchestrator.workspace.load import load_workspace
from orchestrator.workspace.workspace import Workspace
from tests.e2e.test_cli import concierge
from tests.integration.running import running
from tests.services.redis_server import RedisServer

ADA = {"type": "identify", "userId": "ada", "traits": {"first_name": "Ada", "email": "ada@example.com", "phone": "+447911123456"}}
VISIT = {"visit_id": "v1", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"}


async def _concierge(*arguments: str, cwd: Path, code: int = 0) -> str:
    return (await asyncio.to_thread(concierge, *arguments, cwd=cwd, code=code)).stdout


async def test_beside_a_running_runtime_and_over_a_restart(brand: Path) -> None:
    data = brand / ".concierge"
    loaded = load_workspace(brand, {}, check_message)
    assert loaded.workspace is not None
    async with running(loaded.workspace, data) as (runtime, client):
        await runtime.apply(loaded.workspace, loaded.files)
        await client.send(ADA)
        told = json.loads(await _concierge("--json", "pause", "visit_survey", cwd=brand))
        assert told == {"journey": "visit_survey", "changed": True, "paused": True, "file": "live", "runs": 0}
        assert json.loads(await _concierge("--json", "pause", "visit_survey", cwd=brand))["changed"] is False
        await _until_status(runtime.active, "paused")
        await client.track("ada", "Visit Completed", **VISIT)
        await client.track("ada", "Order Placed", order_id="A1", package="x", price=1, installed_on="2027-01-01")
        await client.until(lambda found: [m["subject"] for m in found] == ["Your order A1"])
    async with running(loaded.workspace, data) as (runtime, client):
        assert runtime.active.workspace.journeys["visit_survey"].status == "paused"
        assert "journey_paused" in await _concierge("why", "ada", cwd=brand)
        assert "goes on; 0 runs in it" in await _concierge("resume", "visit_survey", cwd=brand)
        await _until_status(runtime.active, "live")
        await client.track("ada", "Visit Completed", **{**VISIT, "visit_id": "v2"})
        await client.until(lambda found: len(found) == 2)
    assert "was not paused by command" in await _concierge("resume", "visit_survey", cwd=brand)
    assert "is paused; 1 run in it" in await _concierge("pause", "visit_survey", cwd=brand)
    assert "in force already" in await _concierge("plan", cwd=brand), "a pause is no change of the files"


async def test_the_guard_pauses_what_too_many_complain_about_and_a_command_lets_it_go_on(brand: Path) -> None:
    loaded = load_workspace(brand, {}, check_message)
    assert loaded.workspace is not None
    async with running(loaded.workspace, brand / ".concierge") as (runtime, client):
        await runtime.apply(loaded.workspace, loaded.files)
        await client.send(ADA)
        ledger = runtime.reputation.ledger
        now = SystemClock().now()
        await ledger.add({"visit_survey": {bucket_of(now): Figures(400, complaints=5)}})
        await runtime.reputation.judge()
        await _until_status(runtime.active, "paused")
        await client.track("ada", "Visit Completed", **VISIT)
        await client.track("ada", "Order Placed", order_id="A1", package="x", price=1, installed_on="2027-01-01")
        await client.until(lambda found: [m["subject"] for m in found] == ["Your order A1"])
        shown = await _concierge("why", "ada", cwd=brand)
        assert "journey_paused" in shown
        assert "guard" in shown
        told = runtime.metrics.text().decode()
        assert 'concierge_journey_paused{cause="guard",journey="visit_survey"} 1.0' in told
        assert 'concierge_reputation_level_ratio{journey="visit_survey",measure="complaints",window="1h"} 1.25' in told
        assert "goes on" in await _concierge("resume", "visit_survey", cwd=brand)
        await _until_status(runtime.active, "live")
        await runtime.reputation.judge()
        assert runtime.active.workspace.journeys["visit_survey"].status == "live", "what was before counts no more"
        await client.track("ada", "Visit Completed", **{**VISIT, "visit_id": "v2"})
        await client.until(lambda found: len(found) == 2)
        await runtime.reputation.keep()
        counted, _since = await ledger.read()
        assert sum(one.sends for one in counted["order_confirmation"].values()) == 1


async def _until_status(active: ActiveVersion, status: str) -> None:
    for _ in range(100):
        if active.workspace.journeys["visit_survey"].status == status:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(active.workspace.journeys["visit_survey"].status)


def test_what_cannot_be_paused(brand: Path) -> None:
    assert "no data in" in concierge("pause", "visit_survey", cwd=brand, code=2).stderr


async def test_at_a_deployments_store(brand: Path, redis: RedisServer, example: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no workspace is in force" in (await asyncio.to_thread(concierge, "pause", "visit_survey", cwd=brand, code=2)).stderr
    await _concierge("apply", cwd=brand)
    assert "did you mean 'visit_survey'" in (await asyncio.to_thread(concierge, "pause", "visit_survy", cwd=brand, code=2)).stderr
    monkeypatch.setattr("orchestrator.distributed.follow_pauses.EVERY", 0.05)
    store = await open_redis(redis.url, 16, RandomIds().token())
    active, changes = ActiveVersion(example, NoLinks()), list[str]()
    following = asyncio.create_task(
        follow_pauses(RedisVersions(store.connection), active, lambda: changes.append(active.workspace.journeys["visit_survey"].status))
    )
    try:
        assert "is paused; 0 runs in it" in await _concierge("pause", "visit_survey", cwd=brand)
        await _until_status(active, "paused")
        assert "was paused before" in await _concierge("pause", "visit_survey", cwd=brand)
        assert "in force already" in await _concierge("plan", cwd=brand)
        assert "goes on" in await _concierge("resume", "visit_survey", cwd=brand)
        await _until_status(active, "live")
    finally:
        following.cancel()
        await store.close()
    assert changes == ["paused", "live"]
