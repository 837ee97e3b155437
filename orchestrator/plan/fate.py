"""What becomes of the runs at one place of a journey when another version of it comes into force: what the engine then does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from orchestrator.journeys.migrate import way_of
from orchestrator.plan.standing import Place
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import EXIT


@dataclass(frozen=True, slots=True)
class Fate:
    """`keeps`: it goes on in the version it is in; `stays` in its step, which is called `to` now; `moves` to another one, or to the
    one that has its name now; `leaves` (`version_exit`); `stranded`: nothing says where it goes, and a plan is refused. `whole`: all who
    are in the journey leave."""

    kind: Literal["keeps", "stays", "moves", "leaves", "stranded"]
    to: str = ""
    whole: bool = False


Fates = Callable[[Place], Fate]


def fates(will_be: Journey | None, *, exit_runs: bool = False) -> Fates:
    """Place by place. `exit_runs`: who would be stranded leaves."""
    nowhere = Fate("leaves", EXIT, whole=will_be is None) if exit_runs else Fate("stranded")

    def of(place: Place) -> Fate:
        if will_be is None:
            return nowhere
        if place.version == will_be.version or will_be.in_flight.runs == "continue":
            return Fate("keeps", place.step)
        if will_be.in_flight.runs == "exit":
            return Fate("leaves", EXIT, whole=True)
        way = way_of(place.step, place.state, will_be)
        if way.to is None:
            return nowhere
        return Fate("stays", way.to) if way.stays else Fate("leaves", EXIT) if way.to == EXIT else Fate("moves", way.to)

    return of
