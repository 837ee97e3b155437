"""A role as a process: its status over HTTP, its first line, its way to stop, its last line."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

from aiohttp import web

from orchestrator.errors import ConfigurationError
from orchestrator.gateway.problem import problem
from orchestrator.gateway.routes import Health

_log = logging.getLogger(__name__)


def split_listen(listen: str, name: str = "--listen") -> tuple[str, int]:
    """Raises ConfigurationError for an address that is none."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise ConfigurationError(f"{name} {listen!r} is not HOST:PORT")
    return host or "127.0.0.1", int(port)


@contextlib.asynccontextmanager
async def serving(app: web.Application, listen: str, name: str = "--listen") -> AsyncIterator[str]:
    """Serve; yields the address. Raises ConfigurationError when the port is taken."""
    host, port = split_listen(listen, name)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
        except OSError as error:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}; choose another with {name}") from error
        bound = site._server.sockets[0].getsockname()[1] if site._server is not None else port  # type: ignore[attr-defined]  # noqa: SLF001  (port 0: which one it became)
        yield f"{host}:{bound}"
    finally:
        await runner.cleanup()


def status_app(health: Health) -> web.Application:
    """/healthz, /readyz and /metrics of a role that has no gateway."""
    app = web.Application()
    app.add_routes([web.get("/healthz", health.live), web.get("/readyz", health.ready), web.get("/metrics", health.metrics)])

    async def elsewhere(request: web.Request) -> web.Response:
        return problem(404, "Not found", f"{request.path}: this role serves /healthz, /readyz and /metrics")

    app.router.add_route("*", "/{path:.*}", elsewhere)
    return app


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and Ctrl-C begin a graceful stop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)


async def run_until(stop: asyncio.Event, *works: Callable[[], Awaitable[None]]) -> None:
    """All works at once, until `stop` is set or one of them ends: then they have 30 s to end by themselves. A failure is raised once
    all have ended, the first one first."""
    tasks = [asyncio.ensure_future(work()) for work in works]
    waiting = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        waiting.cancel()
        _done, late = await asyncio.wait(tasks, timeout=30)
        for task in late:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def until(stop: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """A work that would go on for ever, cancelled at `stop`. Raises what it raises."""
    task, waiting = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not task.done():
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def say_ready(joined: asyncio.Event, who: str) -> None:
    """The line a person and a script wait for. Goes on until cancelled, as every part of a role does."""
    await joined.wait()
    _log.info("ready: %s", who)
    await asyncio.Event().wait()
