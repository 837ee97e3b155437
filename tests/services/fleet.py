"""A deployment as real processes: roles of the distributed runtime, each with its log, killed and started at will."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.integration.running import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class RoleProcess:
    """One process. `address` is where /readyz answers."""

    arguments: tuple[str, ...]
    address: str
    log: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    ended: list[int] = field(default_factory=list)
    """Exit codes of its lives so far."""

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "orchestrator.cli", *self.arguments], cwd=ROOT, env={**os.environ, **self.environment}, stdout=log, stderr=log,
            )  # fmt: skip

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self.alive and self.process is not None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        self.signal(signal.SIGKILL)
        self.wait(10)

    def freeze(self) -> None:
        """As a machine that swaps, or a virtual one that is moved."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def wait(self, seconds: float) -> int:
        """Its exit code."""
        assert self.process is not None
        code = self.process.wait(seconds)
        self.ended.append(code)
        return code

    def stop(self, seconds: float = 40) -> int:
        """SIGTERM, and its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(seconds)


class Fleet:
    """Processes that share one Kafka, one Redis and one sandbox; every path and port is its own."""

    def __init__(
        self, folder: Path, kafka: str, redis: str, prefix: str, partitions: int = 4, settings: Mapping[str, str] | None = None
    ) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.gateway_url = f"http://127.0.0.1:{free_port()}"
        self.sandbox_url = f"http://127.0.0.1:{free_port()}"
        self.environment = {
            "CONCIERGE_KAFKA": kafka, "CONCIERGE_REDIS": redis, "CONCIERGE_KAFKA_PREFIX": prefix, "CONCIERGE_PARTITIONS": str(partitions),
            "CONCIERGE_PUBLIC_URL": self.gateway_url, "CONCIERGE_SIGNING_KEY": "0" * 64, "CONCIERGE_WRITE_KEYS": "demo:demo",
            "CONCIERGE_SANDBOX": self.sandbox_url, **(settings or {}),
        }  # fmt: skip
        self.roles: list[RoleProcess] = []

    def command(self, *arguments: str, seconds: float = 90) -> subprocess.CompletedProcess[bytes]:
        """A command run to its end."""
        return subprocess.run(
            [sys.executable, "-m", "orchestrator.cli", *arguments], cwd=ROOT, env={**os.environ, **self.environment}, capture_output=True,
            timeout=seconds, check=False,
        )  # fmt: skip

    def add(self, *arguments: str, listen: str | None = None) -> RoleProcess:
        """A role, started."""
        address = (listen or f"127.0.0.1:{free_port()}").removeprefix("http://")
        log = self._folder / f"{'-'.join(one for one in arguments if one.isalpha())}-{len(self.roles)}.log"
        made = RoleProcess((*arguments, "--listen", address), address, log, self.environment)
        made.start()
        self.roles.append(made)
        return made

    def add_sandbox(self) -> RoleProcess:
        return self.add("sandbox", "--webhooks", self.gateway_url, "--data", str(self._folder / "sandbox"), listen=self.sandbox_url)

    def add_gateway(self) -> RoleProcess:
        return self.add("gateway", listen=self.gateway_url)

    async def ready(self, roles: Iterable[RoleProcess], session: aiohttp.ClientSession, seconds: float = 60) -> None:
        """Raises AssertionError with the log of one that is not."""
        for role in roles:
            path = "/sandbox/faults" if role.arguments[0] == "sandbox" else "/readyz"
            async with asyncio.timeout(seconds):
                while not await _answers(session, f"http://{role.address}{path}"):
                    assert role.alive, f"{role.arguments} ended:\n{role.log.read_text()[-3000:]}"
                    await asyncio.sleep(0.05)

    def close(self) -> None:
        """Everything gone."""
        for role in self.roles:
            role.signal(signal.SIGCONT)
            role.signal(signal.SIGKILL)
        for role in self.roles:
            if role.process is not None:
                role.process.wait(10)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
