"""`concierge worker`: the role that sends one channel's messages."""

import asyncio

import click

from orchestrator.cli.context import Invocation
from orchestrator.cli.role import DEFAULT_METRICS, run_role, status_listen
from orchestrator.contracts.topics import CHANNELS, Channel
from orchestrator.distributed.worker import run_worker
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.settings import Settings


@click.command()
@click.argument("channel", type=click.Choice(CHANNELS))
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help=f"Where /healthz, /readyz and /metrics are. Default: CONCIERGE_METRICS_LISTEN or {DEFAULT_METRICS}.",
)
@click.pass_obj
def worker(call: Invocation, channel: Channel, listen: str | None) -> None:
    """Send one channel's messages: claim, call the provider, report.

    Scale by starting more; each partition of a lane is served by one at a time, so that processes beyond the number of
    partitions stand by. Providers stand in concierge.toml; CONCIERGE_SANDBOX serves a channel that has none. With
    CONCIERGE_INSTANCE (a name of its own for each process, such as the pod's) a restart causes no rebalance. SIGTERM
    finishes the calls under way, within ten seconds.
    """

    async def work(settings: Settings, stop: asyncio.Event) -> None:
        await run_worker(channel, settings, call.environment, status_listen(call, listen), SystemClock(), RandomIds(), stop)

    run_role(call, work)
