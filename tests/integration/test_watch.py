"""`concierge up --watch`: what is saved is applied or refused in words, and nothing ends the watching."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from orchestrator.cli import watch as watching
from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.plan import in_force
from orchestrator.content.check import check_message
from orchestrator.embedded.runtime import EmbeddedRuntime
from orchestrator.workspace.load import Loaded, load_workspace
from tests.integration.running import Client, running
from tests.one_journey import files

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: think, delay: 2h}
  - {id: remind, send: hello, channels: [email]}
"""
MESSAGE, STEPS, TEST = "templates/messages/hello.yaml", "config/journeys/try_it.yaml", "config/journeys/try_it.test.yaml"


class Brand:
    """A workspace's folder, and what the terminal says."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys
        self._said = ""
        for name, content in files({"try_it": JOURNEY}).items():
            self.write(name, content)

    def write(self, name: str, content: bytes) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(content)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert old in text
        (self.root / name).write_text(text.replace(old, new))

    def load(self) -> Loaded:
        return load_workspace(self.root, {}, check_message)

    def said(self) -> str:
        """All of it so far."""
        self._said += self._capsys.readouterr().out
        return self._said

    async def until(self, words: str, times: int = 1) -> str:
        for _ in range(400):
            if self.said().count(words) >= times:
                return self._said
            await asyncio.sleep(0.05)
        raise AssertionError(f"never said: {words}; but {self._said}")


@pytest.fixture
def brand(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Brand:
    monkeypatch.setattr(watching, "EVERY", 0.1)
    monkeypatch.setattr(watching, "AGAIN", 0.2)
    return Brand(tmp_path / "brand", capsys)


@contextlib.asynccontextmanager
async def watched(brand: Brand) -> AsyncIterator[tuple[EmbeddedRuntime, Client]]:
    """`up --watch` on a data folder that is not the workspace's own."""
    loaded = brand.load()
    assert loaded.workspace is not None, loaded.findings
    async with running(loaded.workspace, brand.root.parent / "data") as (runtime, client):
        await runtime.apply(loaded.workspace, loaded.files)
        task = asyncio.create_task(watching.watch(Invocation(brand.root, False, False, {}), runtime))
        try:
            yield runtime, client
            assert not task.done()
        finally:
            task.cancel()


async def test_a_save_is_applied_and_a_bad_one_is_not_until_it_is_taken_back(brand: Brand) -> None:
    async with watched(brand) as (runtime, _client):
        brand.edit(MESSAGE, "Hello", "Good day")
        await brand.until("applied version")
        good = runtime.active.workspace.version
        brand.edit(STEPS, "send: hello", "send: helo")
        assert "did you mean 'hello'?" in await brand.until("not applied, the old version stays in force")
        assert "again, which is in force" not in brand.said()
        brand.edit(STEPS, "send: helo", "send: hello")
        await brand.until(f"the files are version {good[:8]} again, which is in force")
        await asyncio.sleep(0.5)
        assert brand.said().count("again, which is in force") == 1
        assert runtime.active.workspace.version == good


async def test_files_in_force_whose_tests_fail_are_not_called_refused(brand: Brand) -> None:
    brand.edit(TEST, "then: {}", "then: {sends: [{at: 0h, step: remind, channel: email}]}")
    async with watched(brand) as (runtime, _client):
        told = await brand.until("FAIL  try_it: one")
        assert f"version {runtime.active.workspace.version[:8]} is in force, but its tests fail" in told
        assert "not applied" not in told
        assert "old version" not in told
        brand.edit(TEST, "then: {sends: [{at: 0h, step: remind, channel: email}]}", "then: {}")
        await brand.until("applied version")


async def test_files_that_are_being_written_are_not_judged(brand: Brand) -> None:
    async with watched(brand):
        whole = (brand.root / "config/concierge.yaml").read_bytes()
        for number in range(60):
            brand.write("config/concierge.yaml", b"" if number % 2 == 0 else whole + b"# %d\n" % number)
            await asyncio.sleep(0.03)
        brand.write("config/concierge.yaml", whole.replace(b"Loom & Kite", b"Kite & Loom"))
        assert "not applied" not in await brand.until("applied version")


async def test_files_that_come_and_go_do_not_end_the_watching(brand: Brand) -> None:
    async with watched(brand):
        for number in range(300):
            name = brand.root / f"config/journeys/sub{number % 3}/new{number}.yaml"
            name.parent.mkdir(exist_ok=True)
            name.write_text("x")
            await asyncio.sleep(0)
            name.unlink()
            name.parent.rmdir()
            await asyncio.sleep(0.005)
        brand.edit(MESSAGE, "Hello", "Good day")
        await brand.until("applied version")


async def test_trouble_is_said_once_and_the_watching_goes_on(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = in_force, [0]

    def trouble(*given: object) -> object:
        asked[0] += 1
        if asked[0] <= 3:
            raise Stop("the version in force cannot be read")
        return real(*given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(watching, "in_force", trouble)
    async with watched(brand):
        await brand.until("not applied: the version in force cannot be read; the watching goes on")
        brand.edit(MESSAGE, "Hello", "Good day")
        assert (await brand.until("applied version")).count("cannot be read") == 1
        assert asked[0] == 4


async def test_what_nobody_expects_is_logged_and_the_watching_goes_on(
    brand: Brand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with watched(brand) as (runtime, _client):
        with caplog.at_level(logging.ERROR), monkeypatch.context() as broken:
            broken.setattr(watching, "refusal", lambda *_given: 1 // 0)
            brand.edit(MESSAGE, "Hello", "Good day")
            for _ in range(200):
                if caplog.records:
                    break
                await asyncio.sleep(0.05)
            await asyncio.sleep(1)
        assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]
        await brand.until("applied version")
        assert runtime.active.workspace.version == brand.load().workspace.version  # type: ignore[union-attr]  # it has just been applied


async def test_who_would_be_stranded_is_counted_in_the_folder_in_use_and_no_option_is_offered_that_is_none(brand: Brand) -> None:
    async with watched(brand) as (_runtime, client):
        await client.send({"type": "identify", "userId": "ada", "traits": {"first_name": "Ada"}})
        await client.track("ada", "Basket Changed", basket="b1")
        await asyncio.sleep(1)
        brand.edit(STEPS, "  - {id: think, delay: 2h}\n", "")
        told = await brand.until("J040  try_it: step 'think' is gone")
        assert "fix: in_flight: {removed: {think: <a later step, or exit>}}" in told
        assert "--exit-runs" not in told
