"""Line 11, `journey_limit`: so many messages and entries of a journey a day of the workspace's timezone, of all versions together. They are
counted without a limit too: one that is set in the middle of a day is for all of it."""

from orchestrator.contracts.reason import Reason
from orchestrator.engine.turn import Turn
from orchestrator.model.planned import Planned
from orchestrator.model.run import EventSnapshot
from orchestrator.policies.verdict import Refusal
from orchestrator.workspace.journey import Journey


def over_the_limit(turn: Turn, planned: Planned, journey: Journey) -> Refusal | None:
    """Whether the journey has sent its messages of the day: then held to the next, or dropped. Transactional neither waits nor counts."""
    most = journey.limits.messages
    if most is None or not _counts(planned):
        return None
    shared, zone, name = turn.around.shared, turn.workspace.timezone, f"messages/{journey.name}"
    if shared.has_place(name, most, turn.now, zone, _asker(turn, planned)):
        return None
    until = shared.next_day(name, turn.now, zone) if journey.limits.over == "hold" else None
    return Refusal("limits", Reason.JOURNEY_LIMIT, hold=until is not None, until=until, values={"messages_per_day": most})


def count_message(turn: Turn, planned: Planned, journey: Journey) -> None:
    """It is on its way."""
    if _counts(planned):
        turn.around.shared.take_place(f"messages/{journey.name}", turn.now, turn.workspace.timezone, _asker(turn, planned))


def entry_place(turn: Turn, journey: Journey, event: EventSnapshot) -> bool:
    """Take one of the day's entries for what brings the customer in, if there is one left or no limit."""
    shared, zone, name = turn.around.shared, turn.workspace.timezone, f"entries/{journey.name}"
    asker = f"{turn.customer.id}/{journey.name}/{event.sequence}/{event.timestamp}"
    if journey.limits.entries is not None and not shared.has_place(name, journey.limits.entries, turn.now, zone, asker):
        return False
    shared.take_place(name, turn.now, zone, asker)
    return True


def _counts(planned: Planned) -> bool:
    """A message counts once: when it comes back for another try, or goes on to its next channel, it has been counted."""
    return planned.message_class != "transactional" and not planned.tries and planned.fell_from is None


def _asker(turn: Turn, planned: Planned) -> str:
    return f"{turn.customer.id}/{planned.run_id}/{planned.step}/{planned.visit}"
