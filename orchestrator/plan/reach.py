"""Who still comes to a step of a new version."""

from collections.abc import Callable, Mapping
from functools import cache

from orchestrator.plan.fate import Fates
from orchestrator.plan.standing import Place
from orchestrator.plan.written import Tree
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


def names_in(written: Mapping[str, Tree], journey: Journey) -> dict[str, str]:
    """A step as a plan calls it to the name it runs under. Of those without an id jumps run under what they lead to; the others are told by their
    order in the file."""
    found = {name: name for name in written if name in journey.steps}
    unnamed = [name for name in written if name not in found]
    jumps = [name for name in journey.order if name.startswith("#jump.")]
    places = [name for name in journey.order if name.startswith("#") and name not in jumps]
    for name in unnamed:
        target = written[name].get("jump")
        if not isinstance(target, str):
            found[name] = places.pop(0) if places else name
            continue
        one = next((jump for jump in jumps if jump == f"#jump.{target}" or jump.startswith(f"#jump.{target}.")), name)
        found[name] = one
        jumps = [jump for jump in jumps if jump != one]
    return found


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
