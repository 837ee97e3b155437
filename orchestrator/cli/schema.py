"""`concierge schema`: JSON Schemas for editors."""

import json
from pathlib import Path

import click

from orchestrator.cli.context import Invocation, Stop
from orchestrator.workspace.kinds import KINDS, schema_of


@click.command()
@click.argument("kind", required=False)
@click.option("--out", type=click.Path(file_okay=False), help="Write all of them (or the one) into this folder.")
@click.pass_obj
def schema(call: Invocation, kind: str | None, out: str | None) -> None:
    """JSON Schema of every YAML file, for completion in editors. KIND: concierge, profile, policies, journey, message, source."""
    if kind is not None and kind not in KINDS:
        raise Stop(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    chosen = [kind] if kind else list(KINDS)
    if out is None:
        call.print_json(schema_of(kind) if kind else {name: schema_of(name) for name in chosen})
        return
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        (folder / f"{name}.schema.json").write_text(json.dumps(schema_of(name), indent=1) + "\n", "utf-8")
    call.console.print(f"{len(chosen)} schemas in {folder}")
