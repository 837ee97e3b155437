"""`concierge doctor`: is everything reachable, durable and in step; where each setting came from."""

import sqlite3
from collections.abc import Iterator

import click

from orchestrator.cli.context import FINDINGS, Invocation
from orchestrator.cli.doctor_services import check_services
from orchestrator.cli.doctor_store import Check, check_folder
from orchestrator.errors import ConfigurationError
from orchestrator.runtime.settings import DEFAULT_LISTEN, SECRET, Settings
from workers.calls.hosts import read_private
from workers.settings import read_providers


@click.command(short_help="Is everything reachable, durable and in step?")
@click.option("--data", metavar="DIR", help="The embedded store's folder. Default: .concierge in the workspace.")
@click.option(
    "--url", metavar="URL", help=f"The gateway, asked whether it takes events. Default: CONCIERGE_PUBLIC_URL, else http://{DEFAULT_LISTEN}."
)
@click.pass_obj
def doctor(call: Invocation, data: str | None, url: str | None) -> None:
    """Check settings, providers, workspace, store (or Kafka and Redis), disk and gateway, and say what to do.

    `ok` is fine, `--` is worth knowing, `BAD` must be mended: then the exit code is 1. Secrets are masked.
    """
    settings = call.settings()
    checks = [
        *_settings(settings), _providers(call, settings), _workspace(call),
        Check("sqlite", sqlite3.sqlite_version_info >= (3, 38), f"SQLite {sqlite3.sqlite_version}; 3.38 or later is needed"),
        *(check_services(settings, call.load().workspace) if _deployed(settings, data) else check_folder(call.data(data), settings, call.load().workspace)),
        _gateway(url or settings.get("PUBLIC_URL") or f"http://{DEFAULT_LISTEN}"),
    ]  # fmt: skip
    if call.as_json:
        call.print_json([{"check": one.name, "ok": one.ok, "note": one.note, "detail": one.detail} for one in checks])
    else:
        for one in checks:
            click.echo(f"{'BAD' if not one.ok else '-- ' if one.note else 'ok '}  {one.name:<10} {one.detail}")
    if not all(one.ok for one in checks):
        raise SystemExit(FINDINGS)


def _deployed(settings: Settings, data: str | None) -> bool:
    return data is None and bool(settings.get("KAFKA") or settings.get("REDIS"))


def _settings(settings: Settings) -> Iterator[Check]:
    told = [f"{name}={'••••' if name in SECRET else one.value} ({one.source})" for name, one in sorted(settings.values.items())]
    yield Check("settings", True, ", ".join(told) or "defaults: no CONCIERGE_… in the environment, no concierge.toml")
    for name, read in (("partitions", settings.partitions), ("backlog", settings.backlog), ("write keys", settings.write_keys)):
        try:
            read()
        except ConfigurationError as error:
            yield Check(name, False, str(error))
    try:
        private = read_private(settings.get("CALLS_ALLOW_PRIVATE"))
    except ConfigurationError as error:
        yield Check("calls", False, str(error))
    else:
        if private:
            places = ", ".join(sorted(f"{host}:{port}" for host, port in private))
            yield Check("calls", True, f"may go to private addresses and without TLS to {places}; never so in production", note=True)
    if not settings.get("WRITE_KEYS"):
        yield Check("write keys", True, "none set: `up` takes events with the key `demo`; set CONCIERGE_WRITE_KEYS=name:key", note=True)
    if not settings.get("PUBLIC_URL"):
        yield Check(
            "public url", True, "none set: links to unsubscribe lead to this machine only; set CONCIERGE_PUBLIC_URL=https://…", note=True
        )


def _providers(call: Invocation, settings: Settings) -> Check:
    try:
        providers = read_providers(settings.tables, call.environment)
    except ConfigurationError as error:
        return Check("providers", False, str(error))
    words = [f"{channel}: {', '.join(f'{p.name} ({p.provider})' for p in found) or 'sandbox'}" for channel, found in providers.items()]
    return Check("providers", True, "; ".join(words))


def _workspace(call: Invocation) -> Check:
    loaded = call.load()
    errors = sum(f.severity == "error" for f in loaded.findings)
    if loaded.workspace is None:
        return Check("workspace", False, f"{call.root}: {errors} error{'s' if errors != 1 else ''}; `concierge lint` shows where")
    return Check("workspace", True, f"{call.root}: version {loaded.workspace.version[:8]}, {len(loaded.workspace.journeys)} journeys")


def _gateway(url: str) -> Check:
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    try:
        with urlopen(f"{url.rstrip('/')}/readyz", timeout=2):  # noqa: S310  (the operator's own address)
            return Check("gateway", True, f"{url} takes events")
    except HTTPError as error:
        return Check("gateway", False, f"{url} answers {error.code} at /readyz: it takes no events now; its log says why")
    except (URLError, OSError, ValueError):
        return Check("gateway", True, f"nothing answers at {url}; `concierge up` starts it, --url names another address", note=True)
