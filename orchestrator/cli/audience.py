"""`concierge audience NAME`: how many are in it now, who for example, and why each is."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import click

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.open_reader import open_reader
from orchestrator.expressions.problems import nearest
from orchestrator.model.customer import Customer, DamagedProfile
from orchestrator.profiles.audience import values_read
from orchestrator.profiles.facts import CustomerFacts
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.audience import EVERYONE
from orchestrator.workspace.load import load_in_force
from orchestrator.workspace.workspace import Workspace


@dataclass(slots=True)
class Count:
    """`people` are all who were looked at, `members` those in the audience; `sample` maps some of these to what the condition
    reads of them; `damaged` profiles cannot be read."""

    people: int = 0
    members: int = 0
    damaged: int = 0
    sample: dict[str, dict[str, object]] = field(default_factory=dict)


def count(customers: Iterable[Customer], name: str, workspace: Workspace, now: int, most: int) -> Count:
    """Judge everybody at `now` (ms) and keep the first `most` members. Ids that lead elsewhere and erased people are nobody."""
    found = Count()
    audience = workspace.audiences.get(name)
    for customer in customers:
        if customer.damage is not None:
            found.damaged += 1
            continue
        try:
            if customer.identity.moved is not None or customer.identity.erased:
                continue
            facts = CustomerFacts(customer, workspace, now)
            inside, _change = facts.in_audience(name)
            if inside and len(found.sample) < most:
                found.sample[customer.id] = {} if audience is None else values_read(audience, customer, workspace, now, facts)
        except DamagedProfile:
            found.damaged += 1
            continue
        found.people += 1
        found.members += inside
    return found


@click.command(short_help="How many are in an audience, who for example, and why.")
@click.argument("name")
@click.option("--sample", metavar="N", type=click.IntRange(0, 1000), default=5, show_default=True, help="So many of its members.")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def audience(call: Invocation, name: str, sample: int, data: str | None) -> None:
    """How many people are in audience NAME right now, by the version in force; some of them, and what its condition reads of each.

    Everybody is looked at, also while the runtime works. Personal values read •••.
    """
    with open_reader(call, data) as reader:
        version = reader.version()
        workspace = load_in_force(version[1], call.environment).workspace if version else call.load_good().workspace
        if workspace is None:
            raise Stop("the version in force cannot be read by this program version")
        if name != EVERYONE and name not in workspace.audiences:
            where = " in the version in force" if version else ""
            raise Stop(f"no audience {name!r}{where}; {nearest(name, (EVERYONE, *workspace.audiences), 'there are')}")
        with call.progress(f"judging {name}", "people") as progress:
            people = progress.track(reader.customers(), total=None)
            found = count(people, name, workspace, SystemClock().now(), sample)
    declared = workspace.audiences.get(name)
    when = None if declared is None else declared.when.text
    if call.as_json:
        call.print_json({
            "audience": name, "title": name if declared is None else declared.title, "when": when, "members": found.members, "people": found.people,
            "sample": [{"customer": one, "values": values} for one, values in found.sample.items()], "damaged": found.damaged,
        })  # fmt: skip
        return
    click.echo(f"{name}: {found.members} of {found.people} people")
    click.echo(f"  {'every customer is in it' if when is None else f'when {when}'}")
    for one, values in found.sample.items():
        click.echo(f"  {one}")
        for label, value in values.items():
            click.echo(f"      {label} = {_words(value)}")
    if found.damaged:
        click.echo(f"  {found.damaged} stored profiles cannot be read and were left out")


def _words(value: object) -> str:
    return "missing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
