"""The frame of one customer at one instant, put together from the profile."""

from datetime import UTC, datetime
from functools import partial

from orchestrator.engine.turn import Surroundings
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.profiles.facts import CustomerFacts
from orchestrator.profiles.view import CustomerView
from orchestrator.profiles.zone import locale_of, zone_of

LATE = 60_000
"""An input applied more than this after its instant, in milliseconds, is judged by the batch's clock instead."""


def now_for(instant: int, batch_now: int, latest: int) -> int:
    """`now` of every rule: the instant of the input, the batch's clock when it is late; for a customer it never goes back."""
    return max(instant if batch_now - instant <= LATE else batch_now, latest)


def frame_for(customer: Customer, around: Surroundings, instant: int) -> Frame:
    """Also notes on the customer that this instant was applied."""
    identity = customer.identity
    now = now_for(instant, around.now, identity.latest)
    if now != identity.latest:
        identity.latest = now
        customer.changed("ids")
    workspace = around.workspace
    return Frame(
        customer=customer,
        workspace=workspace,
        now=now,
        instant=datetime.fromtimestamp(now / 1000, UTC),
        view=CustomerView(customer, workspace, now),
        facts=CustomerFacts(customer, workspace, now),
        find_zone=partial(zone_of, customer, workspace),
        locale=locale_of(customer, workspace),
        held_out=around.held_out,
        trace=around.trace,
        arms=around.arms,
        drawn=around.drawn,
        shared=around.shared,
    )
