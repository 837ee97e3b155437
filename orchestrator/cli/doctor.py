"""`concierge doctor`: is everything reachable, durable and in step; where each setting came from."""

import sqlite3

import click

from orchestrator.cli.context import FINDINGS, Invocation
from orchestrator.embedded.reader import StoreReader
from orchestrator.errors import ConfigurationError
from orchestrator.runtime.settings import SECRET
from workers.settings import read_providers


@click.command()
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def doctor(call: Invocation, data: str | None) -> None:
    """Check settings, workspace and store; secrets are masked. Exit 1 when something is wrong."""
    checks: list[tuple[str, bool, str]] = []
    settings = call.settings()
    checks.append(
        (
            "settings",
            True,
            ", ".join(f"{name}={'••••' if name in SECRET else one.value} ({one.source})" for name, one in sorted(settings.values.items()))
            or "defaults",
        )
    )
    try:
        providers = read_providers(settings.tables, call.environment)
        words = [f"{channel}: {', '.join(f'{p.name} ({p.provider})' for p in found) or 'sandbox'}" for channel, found in providers.items()]
        checks.append(("providers", True, "; ".join(words)))
    except ConfigurationError as error:
        checks.append(("providers", False, str(error)))
    loaded = call.load()
    errors = sum(f.severity == "error" for f in loaded.findings)
    checks.append(
        (
            "workspace",
            errors == 0,
            f"{call.root}: {errors} errors"
            if errors
            else f"{call.root}: version {loaded.workspace.version[:8] if loaded.workspace else ''}",
        )
    )
    checks.append(("sqlite", sqlite3.sqlite_version_info >= (3, 38), f"SQLite {sqlite3.sqlite_version}; 3.38 or later is needed"))
    folder = call.data(data)
    if (folder / "concierge.db").exists():
        reader = StoreReader(folder)
        try:
            force = reader.version()
        finally:
            reader.close()
        same = force is not None and loaded.workspace is not None and force[0] == loaded.workspace.version
        checks.append(
            (
                "store",
                force is not None,
                f"{folder}: version in force {force[0][:8] if force else 'none'}" + ("" if same else "; the files differ from it"),
            )
        )
    else:
        checks.append(("store", True, f"{folder}: empty; `concierge up` makes it"))
    if call.as_json:
        call.print_json([{"check": name, "ok": ok, "detail": detail} for name, ok, detail in checks])
    else:
        for name, ok, detail in checks:
            click.echo(f"{'ok ' if ok else 'BAD'}  {name:<10} {detail}")
    if not all(ok for _name, ok, _detail in checks):
        raise SystemExit(FINDINGS)
