"""A sandbox on a real port, its clock and ids in the test's hands, and a gateway that keeps what it is told."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from orchestrator.runtime.clock import SettableClock
from workers.sandbox.routes import build_sandbox_app
from workers.sandbox.sandbox import Sandbox, SandboxSettings

NOW = 1_772_445_600_000
ACCOUNT = "AC" + "1" * 32
BASIC = {"Authorization": "Basic " + b64encode(f"{ACCOUNT}:token".encode()).decode()}
BEARER = {"Authorization": "Bearer SG.key", "Content-Type": "application/json"}
TWILIO = f"/sandbox/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages"


@dataclass
class Called:
    """One webhook, as it came."""

    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Gateway:
    """Answers with `status`; keeps what it got."""

    url: str = ""
    status: int = 200
    calls: list[Called] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.calls.append(Called(request.path, request.query_string, dict(request.headers), await request.read()))
        return web.Response(status=self.status)


@dataclass
class Client:
    """Talks to the sandbox under test."""

    url: str
    session: aiohttp.ClientSession
    sandbox: Sandbox
    clock: SettableClock
    gateway: Gateway

    async def call(self, method: str, path: str, **more: Any) -> aiohttp.ClientResponse:
        """The answer, its body read."""
        async with self.session.request(method, self.url + path, **more) as response:
            await response.read()
            return response

    async def mail(self, body: object, headers: dict[str, str] = BEARER) -> aiohttp.ClientResponse:
        return await self.call("POST", "/sandbox/sendgrid/v3/mail/send", json=body, headers=headers)

    async def text(self, **form: str) -> aiohttp.ClientResponse:
        return await self.call("POST", f"{TWILIO}.json", data=form, headers=BASIC)

    async def messages(self, **query: str) -> list[dict[str, object]]:
        async with self.session.get(f"{self.url}/sandbox/messages", params=query) as response:
            assert response.status == 200, await response.text()
            found: list[dict[str, object]] = await response.json()
            return found


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    """A server that takes every webhook."""
    made = Gateway()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@asynccontextmanager
async def running(folder: Path | None = None, settings: SandboxSettings | None = None, start: int = 1) -> AsyncIterator[Client]:
    """A sandbox alone, with a gateway to call back; ids count from `start`."""
    numbers = count(start)
    clock = SettableClock(NOW)
    async with gateway() as called:
        chosen = replace(settings or SandboxSettings(folder), folder=folder)
        if not chosen.webhook_base:
            chosen = replace(chosen, webhook_base=called.url)
        made = Sandbox(chosen, clock.now, lambda: f"{next(numbers):032x}")
        runner = web.AppRunner(build_sandbox_app(made), shutdown_timeout=5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as session:
            yield Client(f"http://127.0.0.1:{runner.addresses[0][1]}", session, made, clock, called)
        await runner.cleanup()


def mail(to: str = "ada@example.com", **more: object) -> dict[str, object]:
    """A mail SendGrid takes."""
    return {
        "from": {"email": "hello@example.com", "name": "Tarn"},
        "subject": "Hi",
        "personalizations": [{"to": [{"email": to}], "custom_args": {"intent": "ab" * 16}, "headers": {"X-Own": "1"}}],
        "content": [{"type": "text/plain", "value": "Hi"}, {"type": "text/html", "value": "<p>Hi</p>"}],
        **more,
    }
