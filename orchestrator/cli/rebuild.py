"""`concierge rebuild`: a store that has lost something, brought back in step with the log."""

import asyncio
from dataclasses import asdict

import click

from orchestrator.cli.context import MOVED, Invocation, Stop
from orchestrator.distributed.connections import addresses
from orchestrator.errors import StoreRefused
from orchestrator.kafka_access import check_access
from orchestrator.kafka_log import KafkaLog
from orchestrator.rebuild.rebuild import Plan, Rebuild, Rebuilt
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_rebuild import RedisRebuild
from workers.kafka_topics import busy_groups


@click.command()
@click.option("--from-log", is_flag=True, help="Begin partitions of which Redis holds nothing usable from what Kafka still has.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.pass_obj
def rebuild(call: Invocation, from_log: bool, dry_run: bool) -> None:
    """Bring a Redis that was restored from a snapshot, emptied or torn back in step with Kafka.

    \b
    1. Stop every orchestrator and worker. The gateway may go on: events wait in Kafka.
    2. Restore the latest snapshot of Redis. Without any, go on with --from-log.
    3. concierge rebuild
    4. concierge apply, if the snapshot had no version of the workspace (doctor says so).
    5. Start the orchestrators, then the workers.

    What was sent since the snapshot is read from Kafka and written down as claims, so that the owners can replay what the snapshot
    does not know without saying anything twice. May be run again at any time before step 5.
    """
    try:
        plan, rebuilt = asyncio.run(_rebuild(call, from_log, dry_run))
    except StoreRefused as error:
        raise Stop(str(error), MOVED) from error
    if call.as_json:
        call.print_json({"plan": _plan(plan), "rebuilt": None if rebuilt is None else asdict(rebuilt)})
        return
    for one in plan.partitions:
        note = " begun from the log" if one.begun else ""
        lost = f", {one.lost} older records are gone" if one.lost else ""
        if one.behind or one.begun or not call.quiet:
            click.echo(f"partition {one.partition}: {one.behind} records to be read again{note}{lost}")
    if rebuilt is None:
        click.echo(f"{plan.records} receipts and outbound messages would be read; nothing was changed")
        return
    states = ", ".join(f"{number} {state}" for state, number in sorted(rebuilt.states.items())) or "none"
    click.echo(f"claims that follow from the log: {states}; {rebuilt.written} of them were missing and have been written")
    click.echo("now start the orchestrators, then the workers")


def _plan(plan: Plan) -> dict[str, object]:
    return {"store": plan.store, "records": plan.records, "partitions": [asdict(one) for one in plan.partitions]}


async def _rebuild(call: Invocation, from_log: bool, dry_run: bool) -> tuple[Plan, Rebuilt | None]:
    settings = call.settings()
    kafka, url = addresses(settings)
    workspace = call.load_good().workspace
    assert workspace is not None
    await check_access(kafka)
    connection = RedisConnection(url, cluster=settings.redis_is_cluster())
    try:
        one = Rebuild(
            KafkaLog(kafka), RedisRebuild(connection, kafka.partitions), lambda groups: asyncio.to_thread(busy_groups, kafka, groups), workspace.name,
        )  # fmt: skip
        plan = await one.plan(RandomIds().token(), from_log=from_log)
        if dry_run:
            return plan, None
        with call.progress("reading", "receipts and messages") as bar:
            task = bar.add_task("", total=plan.records)
            rebuilt = await one.carry_out(plan, SystemClock().now(), lambda number: bar.advance(task, number))
        return plan, rebuilt
    finally:
        await connection.close()
