"""`concierge pause` and `concierge resume`: a journey stands still, and goes on, without another version of the files."""

import asyncio

import click

from orchestrator.cli.context import USAGE, Invocation, Stop
from orchestrator.cli.open_reader import is_deployed, open_reader
from orchestrator.distributed.connections import connect
from orchestrator.embedded.pauses import set_pause
from orchestrator.expressions.problems import nearest
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.workspace.load import load_in_force


@click.command(short_help="Let a journey stand still, at once; nobody is lost.")
@click.argument("journey")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def pause(call: Invocation, journey: str, data: str | None) -> None:
    """Let JOURNEY stand still: nobody enters it, no step begins, its messages are held (journey_paused). Events still count for goals,
    exits and waits, and what expires expires.

    Running processes take it up within seconds. It outlasts restarts and new versions, until `concierge resume JOURNEY`.
    """
    _set(call, journey, data, paused=True)


@click.command(short_help="End a pause; everything that came due goes on.")
@click.argument("journey")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def resume(call: Invocation, journey: str, data: str | None) -> None:
    """End the pause of JOURNEY: what came due meanwhile goes on at that instant, people who came meanwhile stay outside.

    A journey whose file says `status: paused` stays paused: apply another version.
    """
    _set(call, journey, data, paused=False)


def _set(call: Invocation, journey: str, data: str | None, *, paused: bool) -> None:
    with open_reader(call, data) as reader:
        version = reader.version()
        if version is None:
            raise Stop("no workspace is in force here yet: run `concierge apply`, or `concierge up`", USAGE)
        workspace = load_in_force(version[1], call.environment).workspace
        if workspace is None:
            raise Stop("the version in force cannot be read by this program version")
        known = workspace.journeys.get(journey)
        if known is None and not (journey in reader.pauses() and not paused):
            raise Stop(f"no journey {journey!r} in the version in force; {nearest(journey, workspace.journeys, 'there are')}", USAGE)
        runs = reader.running(journey)
    at = SystemClock().now()
    if is_deployed(call, data):
        changed = asyncio.run(_set_deployed(call, journey, at, paused=paused))
    else:
        changed = set_pause(call.data(data), journey, paused=paused, at=at)
    status = "gone" if known is None else known.status
    stands = status == "paused" or (paused and status != "draft")
    if call.as_json:
        call.print_json({"journey": journey, "changed": changed, "paused": stands, "file": status, "runs": runs})
        return
    click.echo(f"{journey} {_words(status, runs, paused=paused, changed=changed)}")


async def _set_deployed(call: Invocation, journey: str, at: int, *, paused: bool) -> bool:
    connections = await connect(call.settings(), RandomIds())
    try:
        return await connections.versions.set_pause(journey, at, paused=paused)
    finally:
        await connections.store.close()


def _words(status: str, runs: int, *, paused: bool, changed: bool) -> str:
    inside = f"{runs} run{'' if runs == 1 else 's'} in it"
    if paused:
        done = f"is paused; {inside}" if changed else f"was paused before; {inside}"
        return done + {"draft": "; it is a draft, which does nothing anyway", "paused": "; its file says so too"}.get(status, "")
    if status == "paused":
        return "stays paused: its file says so; apply another version"
    return f"goes on; {inside}" if changed else "was not paused by command"
