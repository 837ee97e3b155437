"""The instants that a version gives to people who wait (`waits: reschedule`), found as the engine then finds them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from msgspec.structs import replace

from orchestrator.frame import Frame
from orchestrator.journeys.migrate import rename, reschedule, way_of
from orchestrator.model.customer import Customer
from orchestrator.model.run import Run
from orchestrator.profiles.facts import CustomerFacts
from orchestrator.profiles.view import CustomerView
from orchestrator.profiles.zone import locale_of, zone_of
from orchestrator.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Later:
    """`workspace` comes into force at `now` (milliseconds)."""

    workspace: Workspace
    now: int

    def due(self, customer: Customer, run: Run) -> int | None:
        """When the run goes on by time from then on; what it has where nothing gives it another instant."""
        journey = self.workspace.journeys.get(run.journey)
        if journey is None or run.due is None or journey.version == run.version:
            return run.due
        in_flight = journey.in_flight
        if in_flight.waits != "reschedule" or in_flight.runs != "migrate" or not way_of(run.node, run.state, journey).stays:
            return run.due
        digest = None if run.digest is None else replace(run.digest)
        moved = replace(run, version=journey.version, steps=dict(run.steps), heard=dict(run.heard), digest=digest)
        rename(moved, journey)
        reschedule(moved, journey, self._frame(customer))
        return moved.due

    def _frame(self, customer: Customer) -> Frame:
        workspace, now = self.workspace, max(self.now, customer.identity.latest)
        return Frame(
            customer, workspace, now, datetime.fromtimestamp(now / 1000, UTC), CustomerView(customer, workspace, now),
            CustomerFacts(customer, workspace, now), partial(zone_of, customer, workspace), locale_of(customer, workspace),
        )  # fmt: skip
