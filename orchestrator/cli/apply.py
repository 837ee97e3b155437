"""`concierge apply`: the workspace as its files are, put in force for every process of the deployment."""

import asyncio

import click

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.watch import refusal
from orchestrator.distributed.connections import connect
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.workspace.load import Loaded


@click.command()
@click.pass_obj
def apply(call: Invocation) -> None:
    """Lint and test the workspace, then put it in force: running processes take it up within seconds, new ones start with it.

    For the distributed runtime (CONCIERGE_KAFKA, CONCIERGE_REDIS). `concierge up` applies on its own: the files it finds
    on an empty data folder, and every save with --watch.
    """
    loaded = call.load_good()
    refused = refusal(call, loaded)
    if refused:
        raise Stop(f"nothing was applied:\n{refused}", 1)
    changed = asyncio.run(_apply(call, loaded))
    assert loaded.workspace is not None
    version = loaded.workspace.version
    if call.as_json:
        call.print_json({"version": version, "changed": changed})
    else:
        click.echo(f"applied version {version[:8]}" if changed else f"version {version[:8]} is in force already")


async def _apply(call: Invocation, loaded: Loaded) -> bool:
    assert loaded.workspace is not None
    connections = await connect(call.settings(), RandomIds())
    try:
        if await connections.versions.in_force() == loaded.workspace.version:
            return False
        await connections.versions.apply(loaded.workspace.version, loaded.files, SystemClock().now())
    finally:
        await connections.store.close()
    return True
