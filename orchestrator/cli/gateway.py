"""`concierge gateway`: events and webhooks over HTTP into Kafka."""

import asyncio

import click

from orchestrator.cli.context import Invocation
from orchestrator.cli.role import run_role
from orchestrator.distributed.gateway import run_gateway
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.settings import DEFAULT_LISTEN, Settings


@click.command()
@click.option("--listen", default=DEFAULT_LISTEN, show_default=True, metavar="HOST:PORT", help="Where it serves.")
@click.pass_obj
def gateway(call: Invocation, listen: str) -> None:
    """Take events (the Segment HTTP API), webhooks, unsubscribes and preferences; answer 200 once Kafka has them.

    Any number of them behind a load balancer. Needs CONCIERGE_KAFKA, CONCIERGE_REDIS, CONCIERGE_WRITE_KEYS and
    CONCIERGE_SIGNING_KEY; CONCIERGE_PUBLIC_URL where it is reached under another address than --listen.
    """

    async def work(settings: Settings, stop: asyncio.Event) -> None:
        await run_gateway(settings, call.environment, listen, SystemClock(), RandomIds(), stop)

    run_role(call, work)
