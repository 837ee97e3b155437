"""`concierge topics`: the deployment's topics on Kafka, made and compared."""

import asyncio

import click

from orchestrator.cli.context import FINDINGS, Invocation, Stop
from orchestrator.kafka_access import check_access
from orchestrator.runtime.kafka_address import KafkaAddress, read_kafka_address
from workers.kafka_topics import TopicState, check_topics, create_topics


@click.group()
def topics() -> None:
    """Kafka's topics: `create` makes what is missing, `check` compares what stands with what is needed."""


def _address(call: Invocation) -> KafkaAddress:
    """Raises Stop, ConfigurationError, ServiceUnavailable."""
    address = read_kafka_address(call.settings())
    if address is None:
        raise Stop("CONCIERGE_KAFKA is not set: host:port of the brokers, separated by commas")
    asyncio.run(check_access(address))
    return address


def source_topics(call: Invocation) -> list[str]:
    """Topics of backends that the workspace's sources read."""
    workspace = call.load_good().workspace
    assert workspace is not None
    return sorted(workspace.source_topics)


@topics.command()
@click.option(
    "--replicas", type=click.IntRange(1, 9), default=3, show_default=True, help="Copies of each partition; 1 for a single broker."
)
@click.pass_obj
def create(call: Invocation, replicas: int) -> None:
    """Make the topics that are missing, with CONCIERGE_PARTITIONS partitions. What stands is left alone. Backends' own topics are theirs to make; those that keep what cannot be mapped of them are made here."""
    made = create_topics(_address(call), replicas, source_topics(call))
    if call.as_json:
        call.print_json({"created": made})
        return
    for name in made:
        click.echo(f"created {name}")
    click.echo(f"{len(made)} created" if made else "all topics are there; `concierge topics check` compares their settings")


@topics.command()
@click.pass_obj
def check(call: Invocation) -> None:
    """Compare partitions, settings and copies of every topic. Exit 1 when one is missing, differs or cannot be written; a copy that
    is away or behind is said beside it."""
    found = check_topics(_address(call), source_topics(call))
    if call.as_json:
        call.print_json(
            [{"topic": one.name, "partitions": one.partitions, "problem": one.problem or None, "note": one.note or None} for one in found]
        )
    else:
        for one in found:
            click.echo(f"{'BAD' if one.problem else 'ok '}  {one.name:<40} {one.problem or _well(one)}")
    if any(one.problem for one in found):
        raise SystemExit(FINDINGS)


def _well(one: TopicState) -> str:
    return f"{one.partitions} partitions" + (f"; {one.note}" if one.note else "")
