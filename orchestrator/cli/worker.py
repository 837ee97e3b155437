"""`concierge worker`: the role that sends one channel's messages, or makes calls."""

import asyncio
from typing import Literal

import click

from orchestrator.cli.context import Invocation
from orchestrator.cli.role import DEFAULT_METRICS, run_role, status_listen
from orchestrator.contracts.topics import CHANNELS, Channel
from orchestrator.distributed.calls_worker import run_calls_worker
from orchestrator.distributed.worker import run_worker
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.settings import Settings


@click.command()
@click.argument("channel", metavar="[email|sms|whatsapp|calls]", type=click.Choice((*CHANNELS, "calls")))
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help=f"Where /healthz, /readyz and /metrics are. Default: CONCIERGE_METRICS_LISTEN or {DEFAULT_METRICS}.",
)
@click.pass_obj
def worker(call: Invocation, channel: Channel | Literal["calls"], listen: str | None) -> None:
    """Send one channel's messages: claim, call the provider, report. Or, with `calls`, make the calls of webhook steps.

    Scale by starting more; each partition of a lane is served by one at a time, so that processes beyond the number of
    partitions stand by. Providers stand in concierge.toml; CONCIERGE_SANDBOX serves a channel that has none. With
    CONCIERGE_INSTANCE (a name of its own for each process, such as the pod's) a restart causes no rebalance. SIGTERM
    finishes the calls under way, within ten seconds.

    `calls` needs no provider: the workspace lists the hosts (webhooks.hosts), CONCIERGE_SECRET_<NAME> holds what steps call `secret`.
    """

    async def work(settings: Settings, stop: asyncio.Event) -> None:
        if channel == "calls":
            await run_calls_worker(settings, call.environment, status_listen(call, listen), SystemClock(), RandomIds(), stop)
            return
        await run_worker(channel, settings, call.environment, status_listen(call, listen), SystemClock(), RandomIds(), stop)

    run_role(call, work)
