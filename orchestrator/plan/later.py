"""The instants that a version gives to people who wait (`waits: reschedule`, or a digest that is full by its new `max`), found as the engine then finds them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from msgspec.structs import replace

from orchestrator.frame import Frame
from orchestrator.journeys.migrate import meet_step, rename, way_of
from orchestrator.journeys.throttle import queue_name
from orchestrator.model.customer import Customer
from orchestrator.model.run import Run
from orchestrator.plan.entering import Entering, entering
from orchestrator.plan.queued import Queued
from orchestrator.plan.standing import Over
from orchestrator.profiles.facts import CustomerFacts
from orchestrator.profiles.view import CustomerView
from orchestrator.profiles.zone import locale_of, zone_of
from orchestrator.workspace.step import ThrottleStep
from orchestrator.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Later:
    """`workspace` comes into force at `now` (milliseconds), after `before`. `entrances`: it may let people in by itself otherwise than what is in
    force."""

    workspace: Workspace
    now: int
    entrances: bool = False
    before: Workspace | None = None

    def entering(self, customer: Customer) -> tuple[Entering, ...]:
        """Entries that it has judged at once."""
        if not self.entrances:
            return ()
        return tuple(entering(customer, self.workspace, self._frame(customer).facts, self.now))

    def over(self, run: Run) -> Over:
        """How it ends then, because of its age or because the journey's period is over; empty where it goes on. One that goes on in the version it
        began with has that one's header."""
        journey = self.workspace.journeys.get(run.journey)
        if journey is None or (journey.in_flight.runs == "continue" and run.version != journey.version):
            return ""
        if journey.active.exits and journey.active.end is not None and journey.active.end <= self.now:
            return "version_exit"
        return "max_age" if run.started_at + journey.max_age <= self.now else ""

    def due(self, customer: Customer, run: Run) -> int | None:
        """When the run goes on by time from then on; what it has where nothing gives it another instant."""
        journey = self.workspace.journeys.get(run.journey)
        if journey is None or run.due is None or journey.version == run.version:
            return run.due
        in_flight = journey.in_flight
        timed = in_flight.reschedules or run.state == "digest"
        if not timed or in_flight.runs != "migrate" or not way_of(run.node, run.state, journey).stays:
            return run.due
        digest = None if run.digest is None else replace(run.digest)
        moved = replace(run, version=journey.version, steps=dict(run.steps), heard=dict(run.heard), digest=digest)
        rename(moved, journey)
        meet_step(moved, journey, self._frame(customer))
        return moved.due

    def queued(self, customer: Customer, run: Run) -> Queued | None:
        """Where it waits in a queue that everybody shares and gets another place."""
        journey = self.workspace.journeys.get(run.journey)
        if (
            run.state != "throttle"
            or run.due is None
            or run.due <= self.now
            or not run.place
            or journey is None
            or journey.version == run.version
        ):
            return None
        step = journey.steps.get(journey.was.get(run.node, run.node))
        if not journey.in_flight.reschedules or not isinstance(step, ThrottleStep) or not step.everybody:
            return None
        before = None if self.before is None else self.before.journey_at(run.journey, run.version)
        was = None if before is None else before.steps.get(run.node)
        known = was if isinstance(was, ThrottleStep) and was.everybody else None
        return Queued(queue_name(step, journey), run.due, run.place, customer.id, run.id, known, step)

    def _frame(self, customer: Customer) -> Frame:
        workspace, now = self.workspace, max(self.now, customer.identity.latest)
        return Frame(
            customer, workspace, now, datetime.fromtimestamp(now / 1000, UTC), CustomerView(customer, workspace, now),
            CustomerFacts(customer, workspace, now), partial(zone_of, customer, workspace), locale_of(customer, workspace),
        )  # fmt: skip
