"""Who still comes to a step of a new version."""

from collections.abc import Callable
from functools import cache

from orchestrator.plan.fate import Fates
from orchestrator.plan.standing import Place
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.journey_graph import successors


def reaching(will_be: Journey, step: str, fate: Fates) -> Callable[[Place], bool]:
    """Whether somebody at a place may come to the step: it lies ahead, or they are sent there. `step` by the name it runs under."""

    @cache
    def comes_from(start: str) -> bool:
        return start in will_be.steps and _comes_to(will_be, start, step)

    def of(place: Place) -> bool:
        goes = fate(place)
        begins = goes.kind == "moves" or (goes.kind == "stays" and place.state == "ready")
        return (begins and goes.to == step) or (goes.kind in ("stays", "moves") and comes_from(goes.to))

    return of


def _comes_to(journey: Journey, start: str, step: str) -> bool:
    seen: set[str] = set()
    waiting = list(successors(journey.steps[start]))
    while waiting:
        name = waiting.pop()
        if name == step:
            return True
        if name not in seen and name in journey.steps:
            seen.add(name)
            waiting.extend(successors(journey.steps[name]))
    return False
