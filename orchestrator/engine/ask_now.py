"""What policies would say of one message to one person at this instant, with nothing planned, sent or changed."""

from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.decide import find_send
from orchestrator.engine.question import ask
from orchestrator.engine.runs import plan
from orchestrator.engine.turn import Surroundings, Turn
from orchestrator.model.customer import Customer
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.policies.question import Question
from orchestrator.workspace.journey import Journey


def ask_now(customer: Customer, journey: Journey, step_id: str, around: Surroundings) -> Question:
    """`customer` is a copy of the caller's own. A run of the journey that is under way lends its entry event and steps; without
    one these are missing. Raises KeyError when the step is no send."""
    step = find_send(journey, step_id)
    if step is None:
        raise KeyError(step_id)
    turn = Turn(customer, around, frame_for(customer, around, around.now))
    run = next((run for run in customer.runs if run.journey == journey.name), None)
    if run is None:
        nothing = EventSnapshot(name=next(iter(journey.entry.events), ""), type="track", timestamp=turn.now, arrival=turn.now, sequence=0)
        run = Run(journey=journey.name, key="", number=0, version=journey.version, started_at=turn.now, sequence=0, entry=nothing)
    plan(turn, run, journey, step)
    planned = customer.messages.planned[-1]
    message = turn.message_for(planned) or turn.workspace.messages[step.message]
    return ask(turn, planned, journey, message, step, at_release=False)
