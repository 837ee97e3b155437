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
    one that has its name now; `leaves` (`version_exit`); `stranded`: nothing says where it goes, and a plan is refused. `whole`: so it
    is with all who are in the journey. `too_old`: it leaves by `max_age`; `cancels`: who leaves takes what is not sent yet along."""

    kind: Literal["keeps", "stays", "moves", "leaves", "stranded"]
    to: str = ""
    whole: bool = False
    too_old: bool = False
    cancels: bool = True

    @property
    def by_version(self) -> bool:
        """Whether it leaves, and not for its age."""
        return self.kind == "leaves" and not self.too_old


Fates = Callable[[Place], Fate]


def fates(will_be: Journey | None, *, exit_runs: bool = False) -> Fates:
    """Place by place. `exit_runs`: who would be stranded leaves."""
    nobody = will_be is None or will_be.status == "draft"
    nowhere = Fate("leaves", EXIT, whole=nobody) if exit_runs else Fate("stranded", whole=nobody)

    def of(place: Place) -> Fate:
        fate = _of(place)
        if not place.over or fate.kind in ("leaves", "stranded"):
            return fate
        too_old = place.over == "max_age"
        return Fate("leaves", EXIT, too_old=too_old, cancels=not too_old or fate.kind == "moves")

    def _of(place: Place) -> Fate:
        if will_be is None or (nobody and will_be.in_flight.runs != "exit"):
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
