"""`concierge schema`: JSON Schemas for editors, and of what stands on the topics."""

import json
from pathlib import Path

import click

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.files_out import make_folder, write_file
from orchestrator.contracts.schemas import CONTRACTS, contract_schema
from orchestrator.workspace.kinds import KINDS, schema_of


def _schema(kind: str) -> dict[str, object]:
    return contract_schema(kind) if kind in CONTRACTS else schema_of(kind)


@click.command(
    help=f"JSON Schemas. KIND is a YAML file's ({', '.join(KINDS)}), for completion in editors, or one of what stands on the topics "
    f"({', '.join(CONTRACTS)}), for backends.",
    short_help="JSON Schemas, for editors and backends.",
)
@click.argument("kind", required=False)
@click.option("--out", type=click.Path(file_okay=False), help="Write all of them (or the one) into this folder.")
@click.pass_obj
def schema(call: Invocation, kind: str | None, out: str | None) -> None:
    kinds = (*KINDS, *CONTRACTS)
    if kind is not None and kind not in kinds:
        raise Stop(f"no kind {kind!r}; there are {', '.join(kinds)}")
    chosen = [kind] if kind else kinds
    if out is None:
        call.print_json(_schema(kind) if kind else {name: _schema(name) for name in chosen})
        return
    folder = Path(out)
    make_folder(folder)
    for name in chosen:
        write_file(folder / f"{name}.schema.json", json.dumps(_schema(name), indent=1) + "\n")
    if call.as_json:
        call.print_json({"folder": str(folder), "schemas": list(chosen)})
    call.console.print(f"{len(chosen)} schema{'' if len(chosen) == 1 else 's'} in {folder}")
