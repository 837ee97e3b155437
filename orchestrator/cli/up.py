"""`concierge up`: the embedded runtime, one process on one folder."""

import asyncio
import signal
import sys
from pathlib import Path

import click

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.demo import play_demo
from orchestrator.cli.summary import print_summary
from orchestrator.cli.watch import watch
from orchestrator.embedded.runtime import EmbeddedRuntime, Place
from orchestrator.embedded.versions import Versions
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.logs import set_up_logs
from orchestrator.runtime.serving import serve
from orchestrator.runtime.settings import DEFAULT_LISTEN, Settings
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.workspace.load import Loaded, load_in_force


def place_of(listen: str, folder: Path, settings: Settings) -> Place:
    """Raises Stop for an address that is none."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65536:
        raise Stop(f"--listen {listen!r} is not HOST:PORT")
    public = (settings.get("PUBLIC_URL") or f"http://{'127.0.0.1' if host in ('', '0.0.0.0') else host}:{port}").rstrip("/")  # noqa: S104  (compared, not bound)
    return Place(folder, host or "127.0.0.1", int(port), public, (settings.get("SANDBOX") or "").rstrip("/"))


def version_in_force(call: Invocation, folder: Path) -> tuple[Loaded, bool]:
    """The version last applied; on an empty data folder the files as they are (then to be applied). Raises Stop."""
    if (folder / "concierge.db").exists():
        database = SqliteDatabase(folder, read_only=True)
        try:
            last = Versions.read_last(database)
        finally:
            database.close()
        if last is not None:
            loaded = load_in_force(last[1], call.environment)
            if loaded.workspace is None:
                raise Stop(
                    "the version in force was applied by another program version and cannot be read by this one; its findings:\n"
                    + "\n".join(f"{f.file}:{f.line} {f.code} {f.what}" for f in loaded.findings if f.severity == "error")
                )
            return loaded, False
    return call.load_good(), True


@click.command(short_help="Run everything in one process, on one folder.")
@click.option("--data", metavar="DIR", help="The embedded store's folder. Default: .concierge in the workspace.")
@click.option(
    "--listen",
    default=DEFAULT_LISTEN,
    show_default=True,
    metavar="HOST:PORT",
    help="Where the gateway, the sandbox and metrics are served.",
)
@click.option("--demo", is_flag=True, help="Play the sample customers and events in (config/fixtures/demo).")
@click.option("--watch", "watched", is_flag=True, help="Apply the workspace on save, when lint and the journey tests pass.")
@click.pass_obj
def up(call: Invocation, data: str | None, listen: str, demo: bool, watched: bool) -> None:
    """Run everything in one process: gateway, engine, senders, sandbox, metrics.

    The workspace in force is the one last applied; on an empty data folder `up` applies the one it finds. Ctrl-C stops
    cleanly, kill -9 loses nothing: start it again and it carries on.
    """
    serve(_up(call, call.data(data), listen, demo=demo, watched=watched))


async def _up(call: Invocation, folder: Path, listen: str, *, demo: bool, watched: bool) -> None:
    settings = call.settings()
    set_up_logs(settings.get("LOG") or "info", sys.stderr)
    loaded, fresh = version_in_force(call, folder)
    assert loaded.workspace is not None
    clock = SystemClock()
    runtime = EmbeddedRuntime(loaded.workspace, place_of(listen, folder, settings), settings, call.environment, clock, RandomIds())
    if fresh:
        await runtime.versions.apply(loaded.workspace.version, loaded.files, clock.now())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, runtime.stop)
    ready = asyncio.Event()
    running = asyncio.create_task(runtime.run(ready))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done():
        await running
        return
    extra: list[asyncio.Task[None]] = []
    _say_ready(call, runtime, folder, loaded, fresh=fresh)
    if watched:
        extra.append(asyncio.create_task(watch(call, runtime)))
    if demo:
        await play_demo(call, runtime)
        print_summary(call, runtime)
        _addresses(call, runtime)
    try:
        await running
    finally:
        for task in extra:
            task.cancel()
    call.console.print("stopped cleanly; start it again and it carries on")


def _say_ready(call: Invocation, runtime: EmbeddedRuntime, folder: Path, loaded: Loaded, *, fresh: bool) -> None:
    assert loaded.workspace is not None
    call.console.print(
        f"ready: workspace {loaded.workspace.name}, version {loaded.workspace.version[:8]}, {len(loaded.workspace.journeys)} journeys, data in {folder}"
    )
    if not fresh:
        now = call.load()
        if now.workspace is None or now.workspace.version != loaded.workspace.version:
            call.console.print("note: the files differ from the version in force; `concierge up --watch` applies them on save")
    _addresses(call, runtime)


def _addresses(call: Invocation, runtime: EmbeddedRuntime) -> None:
    url = runtime.place.public_url
    call.console.print(
        f"  phone and inbox  {url}/sandbox/\n  events           {url}/v1/batch (write key: demo, unless set)\n  metrics          {url}/metrics"
    )
