"""`in_flight: continue` and `content: pinned` at a deployment's store and beside a running `up --watch`: what was before comes along, and goes when
nobody needs it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from orchestrator.cli.context import Invocation
from orchestrator.cli.saves import stamp_of
from orchestrator.cli.watch import Watching
from orchestrator.content.check import check_message
from orchestrator.distributed.connections import workspace_in_force
from orchestrator.embedded.reader import StoreReader
from orchestrator.embedded.runtime import EmbeddedRuntime
from orchestrator.runtime.ids import RandomIds
from orchestrator.state.redis_store import open_redis
from orchestrator.state.redis_versions import RedisVersions
from orchestrator.workspace.earlier import packed_in
from orchestrator.workspace.load import load_files, load_workspace
from tests.e2e.test_cli import concierge
from tests.integration.running import running
from tests.integration.test_pause import ADA, VISIT
from tests.services.redis_server import RedisServer


def edit(brand: Path, text: str) -> str:
    """The journey with a line more in its header; returns the version it had."""
    loaded = load_workspace(brand, {}, check_message)
    assert loaded.workspace is not None
    path = brand / "config/journeys/visit_survey.yaml"
    path.write_text(path.read_text().replace("\nsteps:", f"\n{text}\nsteps:", 1))
    return loaded.workspace.journeys["visit_survey"].version


async def test_at_a_deployments_store(brand: Path, redis: RedisServer) -> None:
    await asyncio.to_thread(concierge, "apply", cwd=brand)
    first = edit(brand, "in_flight: continue")
    assert "in_flight: continue" in (await asyncio.to_thread(concierge, "plan", cwd=brand)).stdout
    await asyncio.to_thread(concierge, "apply", cwd=brand)
    second = edit(brand, "max_age: 90d")
    store = await open_redis(redis.url, 16, RandomIds().token())
    try:
        versions = RedisVersions(store.connection)
        assert list((await workspace_in_force(versions, {})).earlier) == [("visit_survey", first)]
        await asyncio.to_thread(concierge, "apply", cwd=brand)
        workspace = await workspace_in_force(versions, {})
        assert list(workspace.earlier) == [("visit_survey", second)], "nobody is in the first"
        assert workspace.version == await versions.in_force()
    finally:
        await store.close()
    assert "in force already" in (await asyncio.to_thread(concierge, "plan", cwd=brand)).stdout


@asynccontextmanager
async def ada_inside(brand: Path) -> AsyncIterator[tuple[EmbeddedRuntime, Invocation]]:
    """A runtime with these files in force, and Ada in the survey."""
    loaded = load_workspace(brand, {}, check_message)
    assert loaded.workspace is not None
    async with running(loaded.workspace, brand / ".concierge") as (runtime, client):
        await runtime.apply(loaded.workspace, loaded.files)
        await client.send(ADA)
        await client.track("ada", "Visit Completed", **VISIT)
        await client.until(lambda found: len(found) == 1)
        yield runtime, Invocation(brand, as_json=False, quiet=True, environment={})


async def test_beside_a_running_runtime(brand: Path) -> None:
    async with ada_inside(brand) as (runtime, call):
        first = edit(brand, "in_flight: continue")
        await Watching(call, runtime).judge(stamp_of(brand))
        assert list(runtime.active.workspace.earlier) == [("visit_survey", first)]
        second = edit(brand, "max_age: 90d")
        await Watching(call, runtime).judge(stamp_of(brand))
        assert set(runtime.active.workspace.earlier) == {("visit_survey", first), ("visit_survey", second)}, "Ada is in the first"
    reader = StoreReader(brand / ".concierge")
    held, customer = reader.version(), reader.customer("ada")
    reader.close()
    assert held is not None
    assert customer is not None
    assert [run.version for run in customer.runs] == [first]
    assert len(packed_in(held[1])) == 2
    again = load_files(held[1], {}, check_message, tests=False).workspace
    assert again is not None
    assert len(again.earlier) == 2


def reword(brand: Path, word: str) -> str:
    """Another subject; the version of all messages from then on."""
    path = brand / "templates/messages/visit_survey.yaml"
    path.write_text(re.sub(r'subject: ".*"', f'subject: "{word}"', path.read_text()))
    loaded = load_workspace(brand, {}, check_message)
    assert loaded.workspace is not None, loaded.findings
    return loaded.workspace.content


async def test_a_text_goes_on_beside_a_running_runtime_and_after_its_restart(brand: Path) -> None:
    edit(brand, "in_flight: {content: pinned}")
    first = reword(brand, "One")
    async with ada_inside(brand) as (runtime, call):
        reword(brand, "Two")
        await Watching(call, runtime).judge(stamp_of(brand))
        assert list(runtime.active.workspace.earlier_messages) == [first]
    reader = StoreReader(brand / ".concierge")
    held, customer = reader.version(), reader.customer("ada")
    reader.close()
    assert held is not None
    assert customer is not None
    assert [run.content for run in customer.runs] == [first]
    again = load_files(held[1], {}, check_message, tests=False).workspace
    assert again is not None
    kept, now = again.message_at("visit_survey", first), again.messages["visit_survey"]
    assert kept is not None
    assert [one.content["en"].subject for one in (kept, now)] == ["One", "Two"]


async def test_what_an_earlier_text_needs_is_not_taken_away(brand: Path) -> None:
    edit(brand, "in_flight: {content: pinned}")
    message, snippet = brand / "templates/messages/visit_survey.yaml", brand / "templates/snippets/foot.md"
    snippet.parent.mkdir(exist_ok=True)
    snippet.write_text("With love")
    plain = message.read_text()
    message.write_text(plain.replace("How was it?\n", "How was it?\n\n      {% include 'foot.md' %}\n"))
    async with ada_inside(brand) as (runtime, call):
        before = runtime.active.workspace.version
        message.write_text(plain)
        snippet.unlink()
        refused = (await asyncio.to_thread(concierge, "plan", cwd=brand, code=1)).stdout
        assert "1 person in flight keeps the one they began with" in refused
        assert (
            "J049  1 person may still be sent an earlier text of 'visit_survey', and beside these files it fails: M015 no snippet 'foot.md'"
            in refused
        )
        await Watching(call, runtime).judge(stamp_of(brand))
        assert runtime.active.workspace.version == before, "nor by saving it"
        snippet.write_text("With love")
        assert "refused    nothing" in (await asyncio.to_thread(concierge, "plan", cwd=brand)).stdout


async def test_a_text_comes_along_at_a_deployments_store(brand: Path, redis: RedisServer) -> None:
    edit(brand, "in_flight: {content: pinned}")
    first = reword(brand, "One")
    await asyncio.to_thread(concierge, "apply", cwd=brand)
    second = reword(brand, "Two")
    await asyncio.to_thread(concierge, "apply", cwd=brand)
    store = await open_redis(redis.url, 16, RandomIds().token())
    try:
        workspace = await workspace_in_force(RedisVersions(store.connection), {})
        assert (workspace.content, workspace.content_before, list(workspace.earlier_messages)) == (second, first, [first])
    finally:
        await store.close()
