"""`concierge customer erase` and `readmit`: forgetting a person, and the only way back."""

import sys
import time
from pathlib import Path

import click

from orchestrator.cli.context import FINDINGS, Invocation, Stop
from orchestrator.contracts.command import Erase, Readmit
from orchestrator.embedded.command_spool import give
from orchestrator.embedded.reader import StoreReader
from orchestrator.model.customer import Customer
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds

TAKEN, APPLIED = 3.0, 30.0
"""Seconds: within which a running `up` takes a command, and has applied what came before it as well."""


def find(folder: Path, customer_id: str) -> Customer:
    """Raises Stop where nobody is called so."""
    reader = StoreReader(folder)
    try:
        found = reader.customer(customer_id)
    finally:
        reader.close()
    if found is None:
        raise Stop(f"nobody is called {customer_id!r} here", FINDINGS)
    return found


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
    folder = call.data(data)
    found = find(folder, customer_id)
    if found.identity.erased:
        _say(call, found.id, "erased", f"{found.id} was erased before")
        return
    if not yes and sys.stdin.isatty() and not click.confirm(f"Erase {found.id} with everything that is known of them? It cannot be undone"):
        raise Stop("nothing was erased", FINDINGS)
    _command(call, folder, Erase(customer=found.id, id=RandomIds().message_id(), at=SystemClock().now()), erased=True)


@click.command()
@click.argument("customer_id", metavar="ID")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def readmit(call: Invocation, customer_id: str, data: str | None) -> None:
    """Let an erased id in again: the only way back. Nothing that was erased comes back with it; they begin as a new customer.

    Their old addresses get transactional messages only until they give consent anew.
    """
    folder = call.data(data)
    found = find(folder, customer_id)
    if not found.identity.erased:
        raise Stop(f"{found.id} is not erased", FINDINGS)
    _command(call, folder, Readmit(customer=found.id, id=RandomIds().message_id(), at=SystemClock().now()), erased=False)


def _command(call: Invocation, folder: Path, command: Erase | Readmit, *, erased: bool) -> None:
    """Give it, and wait for who runs there, if anybody does."""
    done = "erased" if erased else "readmitted"
    clock = SystemClock()
    file = give(folder, command)
    until = clock.monotonic() + TAKEN
    while file.exists():
        if clock.monotonic() > until:
            _say(
                call, command.customer, "waiting", f"noted, durably: {command.customer} will be {done} when `concierge up` runs on {folder}"
            )
            return
        time.sleep(0.05)
    until = clock.monotonic() + APPLIED
    while find(folder, command.customer).identity.erased is not erased:
        if clock.monotonic() > until:
            _say(call, command.customer, "waiting", f"accepted: {command.customer} will be {done} when what came before is applied")
            return
        time.sleep(0.05)
    _say(call, command.customer, done, f"{done}: {command.customer}")


def _say(call: Invocation, customer_id: str, state: str, words: str) -> None:
    if call.as_json:
        call.print_json({"customer": customer_id, "state": state})
    else:
        click.echo(words)
