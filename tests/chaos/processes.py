"""Real processes for fault runs: `concierge up` and a sandbox that outlives it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp

from tests.integration.running import basic, free_port

ROOT = Path(__file__).parents[2]


class Process:
    """A `concierge` process that can be killed and started again."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self._arguments = arguments
        self._environment = {**os.environ, **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "orchestrator.cli", *self._arguments, cwd=ROOT, env=self._environment,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM, and its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), 30)


class Deployment:
    """One folder, one sandbox, one `up`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self.sandbox_url = f"http://127.0.0.1:{free_port()}"
        listen, sandbox_listen = (url.removeprefix("http://") for url in (self.url, self.sandbox_url))
        self.sandbox = Process("sandbox", "--listen", sandbox_listen, "--data", str(folder), "--webhooks", self.url)
        self.up = Process("up", "--data", str(folder), "--listen", listen, environment={"CONCIERGE_SANDBOX": self.sandbox_url})

    async def wait_ready(self, session: aiohttp.ClientSession, seconds: float = 30) -> float:
        """Seconds until it takes traffic."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        while loop.time() - started < seconds:
            try:
                async with session.get(f"{self.url}/readyz") as response:
                    if response.status == 200:
                        return loop.time() - started
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)
        raise AssertionError("not ready")

    async def send(self, session: aiohttp.ClientSession, events: list[dict[str, object]]) -> None:
        """Until it is accepted: what a backend's client does through a restart. Each event has a messageId."""
        for _ in range(2000):
            try:
                async with session.post(f"{self.url}/v1/batch", json={"batch": events}, headers=basic("demo")) as response:
                    if response.status == 200:
                        return
            except (TimeoutError, aiohttp.ClientError, ConnectionError):
                pass
            await asyncio.sleep(0.03)
        raise AssertionError("never accepted")

    async def sent(self, session: aiohttp.ClientSession) -> list[dict[str, object]]:
        async with session.get(f"{self.sandbox_url}/sandbox/messages", params={"limit": "10000"}) as response:
            found: list[dict[str, object]] = await response.json()
            return found

    async def lag(self, session: aiohttp.ClientSession) -> float:
        """Records that somebody has not finished with."""
        async with session.get(f"{self.url}/metrics") as response:
            lines = (await response.text()).splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("concierge_consumer_lag_records{"))
