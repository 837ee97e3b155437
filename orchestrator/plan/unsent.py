"""Messages that are due or held when another version comes into force: which of them are never sent."""

from collections import Counter
from collections.abc import Mapping

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


def dropped_by_limit(name: str, was: Journey | None, will_be: Journey | None, people: People, fate: Fates) -> int:
    """How many of a journey's messages wait for the next day of a limit that from now on drops what is beyond it."""
    if was is None or will_be is None or not will_be.limits.messages or (was.limits.over, will_be.limits.over) != ("hold", "drop"):
        return 0
    return sum(
        number for one, number in people.unsent.items() if one.journey == name and one.limited and not _never_sent(one, will_be, fate)
    )  # fmt: skip


def falls_no_more(name: str, will_be: Journey | None, people: People) -> int:
    """How many of a journey's messages that are sent go on to no other channel: the step that sent them is gone."""
    if will_be is not None and will_be.in_flight.runs == "continue":
        return 0
    return sum(number for one, number in people.falling.items() if one.journey == name and _step_is_gone(one.step, will_be))


def _step_is_gone(step: str, will_be: Journey | None) -> bool:
    return will_be is None or will_be.status == "draft" or find_send(will_be, will_be.was.get(step, step)) is None


def still_falling(message: str, journeys: Mapping[str, Journey], people: People) -> int:
    """How many of a message may go on to another channel, by steps that are still there."""
    return sum(
        number for one, number in people.falling.items() if one.message == message and not _step_is_gone(one.step, journeys.get(one.journey))
    )  # fmt: skip


AS_PLANNED = ("send", "channels", "choose", "class", "priority", "expires", "if_held")
"""Keys of a send that a message takes when it comes due, and keeps while it is held. All others count when it leaves."""


def kept_keys(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[str, ...]:
    """Those of `AS_PLANNED` that are other in a send's next text. The best channel is chosen when a message leaves, of the channels there are then,
    and without a priority of its own a message has the journey's, the newest."""
    at_once = ("channels", "choose") if new.get("choose") == "best" else ()
    newest = ("priority",) if "priority" not in new else ()
    return tuple(key for key in AS_PLANNED if old.get(key) != new.get(key) and key not in (*at_once, *newest))


def still_to_go(name: str, step: str, will_be: Journey, people: People, fate: Fates) -> int:
    """Messages of a step, by its name until now, that are due or held and are not cancelled."""
    return sum(
        number for one, number in people.unsent.items() if (one.journey, one.step) == (name, step) and not _never_sent(one, will_be, fate)
    )  # fmt: skip


def _never_sent(one: Unsent, will_be: Journey | None, fate: Fates) -> bool:
    if will_be is None or will_be.status == "draft":
        return True
    if one.place is None or one.farewell:
        return will_be.in_flight.runs != "continue" and _is_gone(one, will_be)
    goes = fate(one.place)
    kind = goes.kind
    if kind in ("keeps", "stranded"):
        return False
    if kind == "leaves" and not goes.cancels:
        return _is_gone(one, will_be)
    return kind == "leaves" or (kind == "moves" and one.step == one.place.step) or _is_gone(one, will_be)


def _is_gone(one: Unsent, will_be: Journey) -> bool:
    return _step_is_gone(one.step, will_be)
