"""The answer of a call comes in: the run that waits for it goes on."""

import msgspec

from orchestrator.contracts.call import CallAnswer
from orchestrator.dispatch.intent import intent_id
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
    """The run that asked. One that was merged into this profile since goes by another number, and one of this profile's own may have
    that number: the answer's id, which holds whose call it was, tells them apart."""
    found = [run for run in turn.customer.runs if run.state == "call" and _asked(turn, run, answer)]
    if len(found) > 1:
        found.sort(key=lambda run: (run.asked_as == 0) != _is_own(turn, run, answer))
    return found[0] if found else None


def _asked(turn: Turn, run: Run, answer: CallAnswer) -> bool:
    if (run.journey, run.key, run.asked_as or run.number) != (answer.journey, answer.key, answer.number):
        return False
    journey = turn.journey_of(run)
    named = answer.step if journey is None else journey.was.get(answer.step, answer.step)
    return run.node == named and named in run.steps and run.steps[named].count == answer.visit


def _is_own(turn: Turn, run: Run, answer: CallAnswer) -> bool:
    journey = turn.journey_of(run)
    step = answer.step if journey is None else journey.origin(answer.step)
    return answer.id == intent_id(turn.customer.id, answer.journey, answer.key, answer.number, step, answer.visit, "webhook")
