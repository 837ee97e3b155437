"""`concierge customer erase` and `readmit`: forgetting a person, and the only way back."""

import asyncio
import sys
import time
from pathlib import Path

import click

from orchestrator.cli.context import FINDINGS, Invocation, Stop
from orchestrator.cli.open_reader import is_deployed, known, open_reader
from orchestrator.contracts.command import Erase, Readmit, encode_command
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.distributed.connections import addresses
from orchestrator.embedded.command_spool import give
from orchestrator.kafka_publisher import KafkaPublisher
from orchestrator.model.customer import Customer
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds

TAKEN, APPLIED = 3.0, 30.0
"""Seconds: within which a running `up` takes a command, and has applied what came before it as well."""


def find(call: Invocation, data: str | None, customer_id: str) -> Customer:
    """Raises Stop where nobody is called so."""
    with open_reader(call, data) as reader:
        return known(reader, customer_id)


@click.command()
@click.argument("customer_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask (it only asks on a terminal).")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def erase(call: Invocation, customer_id: str, data: str | None, *, yes: bool) -> None:
    """Forget this person, for good: profile, history, journeys under way and what is planned.

    The id stays erased: its events, late or new, are not kept and nothing is sent, until `concierge customer readmit ID`. Works
    while `up` runs, and while it doesn't: then it takes effect when it runs again.
    """
    found = find(call, data, customer_id)
    if found.identity.erased:
        _say(call, found.id, "erased", f"{found.id} was erased before")
        return
    if not yes and sys.stdin.isatty() and not click.confirm(f"Erase {found.id} with everything that is known of them? It cannot be undone"):
        raise Stop("nothing was erased", FINDINGS)
    _command(call, data, Erase(customer=found.id, id=RandomIds().message_id(), at=SystemClock().now()), erased=True)


@click.command()
@click.argument("customer_id", metavar="ID")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def readmit(call: Invocation, customer_id: str, data: str | None) -> None:
    """Let an erased id in again: the only way back. Nothing that was erased comes back with it; they begin as a new customer.

    Their old addresses get transactional messages only until they give consent anew.
    """
    found = find(call, data, customer_id)
    if not found.identity.erased:
        raise Stop(f"{found.id} is not erased", FINDINGS)
    _command(call, data, Readmit(customer=found.id, id=RandomIds().message_id(), at=SystemClock().now()), erased=False)


def _command(call: Invocation, data: str | None, command: Erase | Readmit, *, erased: bool) -> None:
    """Give it, and wait for who runs there, if anybody does."""
    done = "erased" if erased else "readmitted"
    clock = SystemClock()
    if is_deployed(call, data):
        asyncio.run(_publish(call, command))
    elif not _is_taken(give(call.data(data), command), clock):
        where = f"when `concierge up` runs on {call.data(data)}"
        _say(call, command.customer, "waiting", f"noted, durably: {command.customer} will be {done} {where}")
        return
    until = clock.monotonic() + APPLIED
    while find(call, data, command.customer).identity.erased is not erased:
        if clock.monotonic() > until:
            _say(call, command.customer, "waiting", f"accepted: {command.customer} will be {done} when what came before is applied")
            return
        time.sleep(0.05)
    _say(call, command.customer, done, f"{done}: {command.customer}")


def _is_taken(file: Path, clock: SystemClock) -> bool:
    until = clock.monotonic() + TAKEN
    while file.exists():
        if clock.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


async def _publish(call: Invocation, command: Erase | Readmit) -> None:
    """Onto the stream of the customer's partition, as everything that changes a profile. Raises ServiceUnavailable."""
    address, _redis = addresses(call.settings())
    publisher = KafkaPublisher(address)
    await publisher.start()
    try:
        await publisher.publish([Record(topic=CUSTOMER_EVENTS, key=command.customer.encode(), value=encode_command(command))])
    finally:
        await publisher.stop()


def _say(call: Invocation, customer_id: str, state: str, words: str) -> None:
    if call.as_json:
        call.print_json({"customer": customer_id, "state": state})
    else:
        click.echo(words)
