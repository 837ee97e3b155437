"""`concierge sandbox`: the sandbox provider as a process of its own."""

import asyncio
import signal
from pathlib import Path

import click
from aiohttp import web

from orchestrator.cli.context import Invocation, Stop
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.serving import serve
from workers.sandbox.routes import build_sandbox_app
from workers.sandbox.sandbox import Sandbox, SandboxSettings


@click.command()
@click.option("--listen", default="127.0.0.1:8081", show_default=True, metavar="HOST:PORT")
@click.option("--data", metavar="DIR", help="Where messages and the signing key are kept; nowhere when left out.")
@click.option("--webhooks", metavar="URL", default="", help="The gateway that webhooks go to; none when left out.")
@click.pass_obj
def sandbox(call: Invocation, listen: str, data: str | None, webhooks: str) -> None:
    """Run the sandbox alone: SendGrid's and Twilio's API, a phone and an inbox at /sandbox/.

    Point `concierge up` at it with CONCIERGE_SANDBOX=http://HOST:PORT.
    """
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit():
        raise Stop(f"--listen {listen!r} is not HOST:PORT")
    serve(_run(call, host, int(port), Path(data) if data else None, webhooks.rstrip("/")))


async def _run(call: Invocation, host: str, port: int, folder: Path | None, webhooks: str) -> None:
    ids = RandomIds()
    made = Sandbox(SandboxSettings(folder, webhooks), SystemClock().now, lambda: ids.token() + ids.token())
    runner = web.AppRunner(build_sandbox_app(made), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise Stop(f"cannot listen on {host}:{port}: {error.strerror}") from error
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    call.console.print(f"ready: http://{host}:{port}/sandbox/")
    await stop.wait()
    await runner.cleanup()
