"""`concierge orchestrator`: the role that owns partitions and decides."""

import asyncio

import click

from orchestrator.cli.context import Invocation
from orchestrator.cli.role import DEFAULT_METRICS, run_role, status_listen
from orchestrator.distributed.orchestrator import run_orchestrator
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.settings import Settings


@click.command()
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help=f"Where /healthz, /readyz and /metrics are. Default: CONCIERGE_METRICS_LISTEN or {DEFAULT_METRICS}.",
)
@click.pass_obj
def orchestrator(call: Invocation, listen: str | None) -> None:
    """Own partitions of the customer stream: apply events and receipts, run journeys, queue messages.

    Run as many as there are partitions, and more as spares. Needs CONCIERGE_KAFKA, CONCIERGE_REDIS, CONCIERGE_PUBLIC_URL
    and CONCIERGE_SIGNING_KEY, topics (`concierge topics create`) and a version (`concierge apply`). SIGTERM gives the
    partitions back; kill -9 loses nothing, another process takes over.
    """

    async def work(settings: Settings, stop: asyncio.Event) -> None:
        await run_orchestrator(settings, call.environment, status_listen(call, listen), SystemClock(), RandomIds(), stop)

    run_role(call, work)
