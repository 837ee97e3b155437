"""`concierge apply`: the workspace as its files are, put in force for every process of the deployment."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import click

from orchestrator.cli.context import FINDINGS, MOVED, USAGE, Invocation, Stop
from orchestrator.cli.open_reader import is_deployed, open_reader
from orchestrator.cli.plan import files_to_apply, in_force, people_for, plan_of
from orchestrator.cli.watch import refusal
from orchestrator.distributed.connections import connect
from orchestrator.plan.plan import Plan
from orchestrator.plan.words import words
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds


@click.command(short_help="Lint, test, plan, and put the files in force.")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--exit-runs", is_flag=True, help="People whose step or journey is gone leave (version_exit), instead of standing in the way."
)
@click.pass_obj
def apply(call: Invocation, plan_file: Path | None, exit_runs: bool) -> None:
    """Lint and test the workspace, plan, then put it in force: running processes take it up within seconds, new ones start with it.
    With PLAN (from `concierge plan --out PLAN`) exactly that is done, or nothing: exit code 4 when the files or the version in force
    have changed since.

    For the distributed runtime (CONCIERGE_KAFKA, CONCIERGE_REDIS). `concierge up` applies on its own: the files it finds
    on an empty data folder, and every save with --watch.
    """
    if not is_deployed(call, None):
        raise Stop("apply is for the distributed runtime: set CONCIERGE_KAFKA and CONCIERGE_REDIS. `concierge up` applies on its own")
    loaded = call.load_good()
    assert loaded.workspace is not None
    wanted = None if plan_file is None else _read(plan_file)
    if wanted is not None and wanted["next"] != loaded.workspace.version:
        raise Stop(
            f"the files have changed since this plan: it is for {wanted['next'][:8]}, they are {loaded.workspace.version[:8]}", MOVED
        )
    refused = refusal(call, loaded)
    if refused:
        raise Stop(f"nothing was applied:\n{refused}", FINDINGS)
    with open_reader(call, None) as reader:
        before = in_force(call, reader)
        people = people_for(call, reader, before, loaded)
    made = plan_of(call, before, loaded, people, exit_runs=exit_runs or bool(wanted and wanted["exit_runs"]))
    if wanted is not None and wanted["base"] != made.base:
        raise Stop(
            f"another version is in force than this plan began with: {made.base[:8] or 'none'}, not {wanted['base'][:8] or 'none'}", MOVED
        )
    if made.refused:
        raise Stop("nothing was applied:\n" + "\n".join(words(made, SystemClock().now())), FINDINGS)
    if not made.empty and not asyncio.run(_apply(call, files_to_apply(before, loaded, people), made)):
        raise Stop("somebody has applied another version meanwhile: look at `concierge plan` again", MOVED)
    if call.as_json:
        call.print_json({"version": made.next, "changed": not made.empty})
    else:
        click.echo(f"version {made.next[:8]} is in force already" if made.empty else f"applied version {made.next[:8]}")


def _read(path: Path) -> dict[str, str]:
    """A plan as `plan --out` wrote it. Raises Stop."""
    try:
        found = json.loads(path.read_bytes())
        if isinstance(found, dict) and isinstance(found.get("base"), str) and isinstance(found.get("next"), str):
            return {"base": found["base"], "next": found["next"], "exit_runs": "yes" if found.get("exit_runs") is True else ""}
    except ValueError:
        pass
    raise Stop(f"{path} is no plan: make one with `concierge plan --out {path}`", USAGE)


async def _apply(call: Invocation, files: Mapping[str, bytes], made: Plan) -> bool:
    """False when the version in force is no longer the one the plan began with."""
    connections = await connect(call.settings(), RandomIds())
    try:
        return await connections.versions.apply(made.next, files, SystemClock().now(), after=made.base)
    finally:
        await connections.store.close()
