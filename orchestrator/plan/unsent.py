"""Messages that are due or held when another version comes into force: which of them are never sent."""

from collections import Counter

from orchestrator.engine.decide import find_send
from orchestrator.plan.fate import Fates
from orchestrator.plan.people import People, Unsent
from orchestrator.workspace.journey import Journey


def cancelled(name: str, will_be: Journey | None, people: People, fate: Fates) -> Counter[str]:
    """Message to how many of a journey's: those of runs that end, of steps that people have to leave, and of steps that are gone, which nothing
    sends any more (`journey_exited`)."""
    found: Counter[str] = Counter()
    for one, number in people.unsent.items():
        if one.journey == name and _never_sent(one, will_be, fate):
            found[one.message] += number
    return found


def _never_sent(one: Unsent, will_be: Journey | None, fate: Fates) -> bool:
    if will_be is None:
        return True
    if one.place is None or one.farewell:
        return will_be.in_flight.runs != "continue" and _is_gone(one, will_be)
    kind = fate(one.place).kind
    if kind in ("keeps", "stranded"):
        return False
    return kind == "leaves" or (kind == "moves" and one.step == one.place.step) or _is_gone(one, will_be)


def _is_gone(one: Unsent, will_be: Journey) -> bool:
    return find_send(will_be, will_be.was.get(one.step, one.step)) is None
