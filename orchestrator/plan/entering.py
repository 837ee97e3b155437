"""Whom a version lets in by itself, the moment it comes into force: an audience means other people, or a journey is new to those who are in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from orchestrator.engine.audiences import followed
from orchestrator.expressions.scope import Facts
from orchestrator.model.customer import Customer
from orchestrator.model.sections import Memberships, Standing
from orchestrator.workspace.workspace import Workspace

_NOWHERE = Standing()


class Entering(NamedTuple):
    """A journey's entry by an audience: `how` is its change, or `existing`."""

    journey: str
    audience: str
    how: str


@dataclass(frozen=True, slots=True)
class Enters:
    """So many people have it."""

    journey: str
    audience: str
    how: str
    people: int


def entering(customer: Customer, workspace: Workspace, facts: Facts, now: int) -> Iterator[Entering]:
    """Journeys that judge the entry of this customer at `now` (ms), and would let somebody in then."""
    if customer.identity.erased or customer.identity.first_seen == 0:
        return
    held = customer.memberships or Memberships()
    for audience, names in followed(workspace, held).items():
        standing = held.audiences.get(audience, _NOWHERE)
        inside, _change = facts.in_audience(audience)
        for name in names:
            journey = workspace.journeys[name]
            if journey.status != "live" or not journey.active.holds(now):
                continue
            if name in standing.inside or name in standing.outside:
                if (journey.entry.change == "joins") == inside and (name in standing.inside) != inside:
                    yield Entering(name, audience, journey.entry.change)
            elif inside and journey.entry.existing == "enter" and not held.knows(name):
                yield Entering(name, audience, "existing")
