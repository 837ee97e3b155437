"""Is a customer in an audience now, and when may time alone change the answer?"""

from datetime import UTC, datetime
from functools import partial

from orchestrator.expressions.scope import Facts, Scope, next_change
from orchestrator.model.customer import Customer
from orchestrator.profiles.view import CustomerView
from orchestrator.profiles.zone import locale_of, zone_of
from orchestrator.workspace.audience import Audience
from orchestrator.workspace.workspace import Workspace

Answer = tuple[bool, int | None]
"""Whether the customer is in it; the instant (ms) at which that may next change by time alone, None for never."""


def membership(audience: Audience, customer: Customer, workspace: Workspace, now: int, facts: Facts) -> Answer:
    """Judge the audience's condition at `now` (ms)."""
    changes: list[int] = []
    instant = datetime.fromtimestamp(now / 1000, UTC)
    scope = Scope(
        names={"customer": CustomerView(customer, workspace, now, changes), "now": instant}, facts=facts, now=instant,
        zone=partial(zone_of, customer, workspace), locale=locale_of(customer, workspace), currency=workspace.currency, changes=changes,
    )  # fmt: skip
    return audience.when.true(scope), next_change(scope)
