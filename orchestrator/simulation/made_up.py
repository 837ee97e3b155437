"""Made-up customers and what happens to them, from nothing but the workspace's own declarations and a seed."""

from dataclasses import dataclass
from random import Random

from orchestrator.profiles.zone import zone_of
from orchestrator.simulation.compared import compared_values
from orchestrator.simulation.crowd import Crowd, name_of
from orchestrator.simulation.made_up_events import MadeUpEvents
from orchestrator.simulation.made_up_people import MadeUpPeople
from orchestrator.state.value import encode_sections
from orchestrator.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Person:
    """`profile` as it is stored; `events` with their instants in milliseconds, in order."""

    id: str
    profile: bytes
    events: tuple[tuple[int, bytes], ...]


class MadeUp:
    """A crowd, person by person."""

    def __init__(self, workspace: Workspace, crowd: Crowd) -> None:
        compared = compared_values(workspace)
        self._workspace = workspace
        self._crowd = crowd
        self._people = MadeUpPeople(workspace, compared, crowd.start)
        self._events = MadeUpEvents(workspace, compared, crowd)

    def person(self, number: int) -> Person:
        """The person with this number, from 1: made from it and the seed alone. Who they are and what happens to them are drawn apart, so
        that one trait more leaves the events as they are."""
        name, seed = name_of(number), self._crowd.seed
        customer = self._people.make(Random(f"{seed}/{number}/who"), name, number)  # noqa: S311  (repeatable, not secret)
        zone = zone_of(customer, self._workspace)
        events = self._events.make(Random(f"{seed}/{number}/what"), name, zone)  # noqa: S311  (repeatable, not secret)
        return Person(name, encode_sections(customer.sections()), tuple(events))
