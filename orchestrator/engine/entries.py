"""Somebody at the door of a journey: in, or refused with a decision."""

from functools import partial

from orchestrator.contracts.decision import Decision
from orchestrator.engine.limits import entry_place
from orchestrator.engine.runs import end_run, walk_on
from orchestrator.engine.turn import Turn
from orchestrator.journeys.enter import Entered, Joined, consider_entry
from orchestrator.model.run import EventSnapshot


def consider(turn: Turn, name: str, event: EventSnapshot) -> None:
    """May this event, or change of membership, start a run? Of drafts nothing is kept, not even a refusal."""
    journey = turn.workspace.journeys[name]
    if journey.status == "draft":
        return
    outcome = consider_entry(journey, event, turn.frame, partial(entry_place, turn, journey, event))
    if isinstance(outcome, Entered):
        if outcome.restarted is not None:
            end_run(turn, outcome.restarted, "restarted")
        turn.customer.runs.append(outcome.run)
        turn.customer.changed("runs")
        turn.effects.count("runs_started", name, "")
        turn.effects.count("running", name)
        walk_on(turn, outcome.run)
        return
    if isinstance(outcome, Joined):
        return
    turn.effects.decide(
        turn.customer,
        Decision(
            reason=outcome.reason, effect="E", at=turn.now, customer=turn.customer.id, journey=name,
            version=journey.version, run=f"{name}/{outcome.key}" if outcome.key else None, values=dict(outcome.values),
            message_class=journey.message_class, checked_at="plan",
        ),
    )  # fmt: skip
