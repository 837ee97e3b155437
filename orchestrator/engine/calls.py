"""The answer of a call comes in: the run that waits for it goes on."""

import msgspec

from orchestrator.contracts.call import CallAnswer
from orchestrator.engine.runs import end_run, walk_on
from orchestrator.engine.turn import Turn
from orchestrator.ingest.unfit import unfit_in
from orchestrator.journeys.halt import Ended
from orchestrator.journeys.webhook import answered
from orchestrator.model.run import Run
from orchestrator.workspace.step import WebhookStep


def apply_answer(turn: Turn, answer: CallAnswer) -> None:
    """Once: a run that has gone on, by the first answer or another way, takes no second one. In a paused journey it is kept, and the
    run goes on at the resume."""
    run = _waiting(turn, answer)
    journey = None if run is None else turn.journey_of(run)
    step = None if journey is None or run is None else journey.steps.get(run.node)
    if run is None or journey is None or not isinstance(step, WebhookStep):
        turn.effects.count("calls_answered", "unasked")
        return
    body = None if answer.body is None else msgspec.json.decode(answer.body)
    storable = answer.body is None or unfit_in(bytes(answer.body), body) is None
    turn.customer.changed("runs")
    record = run.steps[run.node]
    halt = answered(step, run, answer, body if storable else None, turn.frame, ok=answer.ok and storable)
    turn.effects.count("calls_answered", answer.why or ("ok" if record.ok else "too_much" if storable else "unfit"))
    if isinstance(halt, Ended):
        end_run(turn, run, halt.how)
    else:
        walk_on(turn, run)


def _waiting(turn: Turn, answer: CallAnswer) -> Run | None:
    for run in turn.customer.runs:
        if run.state != "call" or (run.journey, run.key, run.number) != (answer.journey, answer.key, answer.number):
            continue
        journey = turn.journey_of(run)
        named = answer.step if journey is None else journey.was.get(answer.step, answer.step)
        if run.node == named and named in run.steps and run.steps[named].count == answer.visit:
            return run
    return None
