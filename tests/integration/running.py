"""A whole embedded runtime in this process, on a free port, for the length of a test."""

import asyncio
import contextlib
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import aiohttp

from orchestrator.embedded.runtime import EmbeddedRuntime, Place
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.settings import Settings
from orchestrator.workspace.workspace import Workspace
from tests.worlds import without_holdout


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}


class Client:
    """Talks to it as a backend and as a person at the sandbox would."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def send(self, *events: Mapping[str, object]) -> dict[str, object]:
        async with self.session.post(f"{self.url}/v1/batch", json={"batch": list(events)}, headers=basic("demo")) as response:
            assert response.status == 200, await response.text()
            found: dict[str, object] = await response.json()
            return found

    async def track(self, user: str, event: str, /, **properties: object) -> None:
        await self.send({"type": "track", "userId": user, "event": event, "properties": properties})

    async def messages(self, **query: str) -> list[dict[str, object]]:
        async with self.session.get(f"{self.url}/sandbox/messages", params={"limit": "10000", **query}) as response:
            found: list[dict[str, object]] = await response.json()
            return found

    async def until(self, what: Callable[[list[dict[str, object]]], bool], seconds: float = 15.0, **query: str) -> list[dict[str, object]]:
        for _ in range(int(seconds / 0.05)):
            found = await self.messages(**query)
            if what(found):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(
            f"not within {seconds} s; the sandbox has {[(m['to'], m.get('subject'), m['status']) for m in await self.messages()]}"
        )


@contextlib.asynccontextmanager
async def running(
    workspace: Workspace,
    folder: Path,
    port: int | None = None,
    settings: Settings | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[EmbeddedRuntime, Client]]:
    """Started, ready, and stopped at the end."""
    port = port or free_port()
    place = Place(folder, "127.0.0.1", port, f"http://127.0.0.1:{port}")
    runtime = EmbeddedRuntime(without_holdout(workspace), place, settings or Settings(), environment or {}, SystemClock(), RandomIds())
    ready = asyncio.Event()
    task = asyncio.create_task(runtime.run(ready))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
    async with aiohttp.ClientSession() as session:
        try:
            yield runtime, Client(place.public_url, session)
        finally:
            runtime.stop()
            await task
