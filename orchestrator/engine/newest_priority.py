"""A journey's priority is that in force, also for messages that came due before; a step's own goes with the message."""

from orchestrator.contracts.reason import Reason
from orchestrator.engine.decide import find_send
from orchestrator.engine.turn import Turn


def take_priorities(turn: Turn) -> None:
    """When another version is in force. Who has a turn in a smoothed release keeps it, or takes an earlier one by a higher priority."""
    messages = turn.customer.messages
    for planned in messages.planned:
        journey = turn.journey_for(planned)
        step = None if journey is None else find_send(journey, journey.was.get(planned.step, planned.step))
        if journey is None or step is None or step.priority is not None or planned.priority == journey.priority:
            continue
        if planned.turn_at is not None and planned.reason == Reason.RELEASE_PACED:
            if journey.priority < planned.priority:
                continue
            planned.turn_at, planned.turn_moved, planned.until = None, 0.0, turn.now
        planned.priority = journey.priority
        turn.customer.changed("msgs")
