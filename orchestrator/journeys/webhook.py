"""Webhooks: what is called, and where the answer sends the run."""

from collections.abc import Mapping

import msgspec

from orchestrator.contracts.call import CallAnswer
from orchestrator.expressions.values import canonical_text, plain
from orchestrator.frame import Frame
from orchestrator.journeys.halt import Acts, Ended, Halt, Waiting
from orchestrator.journeys.names import run_names
from orchestrator.model.run import Run
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import EXIT, WebhookStep

MOST_SAVED = 16 * 1024
"""Bytes, as JSON, that a run keeps of one answer."""


def ask(step: WebhookStep, run: Run, journey: Journey, frame: Frame, acts: Acts) -> Halt | None:
    """A run gets to a webhook. With a value missing in the URL there is nobody to call: that is an error like no answer."""
    if not call(step, run, frame, acts, run_names(run, journey, frame)):
        return go_on(step, run, frame, ok=False)
    run.state, run.due, run.asked_as = "call", None, 0
    return Waiting()


def call(step: WebhookStep, run: Run, frame: Frame, acts: Acts, names: Mapping[str, object]) -> bool:
    """Have the service called. False with a value missing in the URL: nobody is."""
    scope = frame.scope(names)
    url = step.url.evaluate_url(scope)
    if url is None:
        return False
    found = {name: value.evaluate(scope) for name, value in step.headers.items()}
    headers = {name: canonical_text(value) for name, value in found.items() if value is not None}
    acts.call(run, step, url, headers, None if step.body is None else plain(step.body.evaluate(scope)))
    return True


def answered(step: WebhookStep, run: Run, answer: CallAnswer, body: object, frame: Frame, *, ok: bool) -> Halt | None:
    """What the run does with the answer and its body: it keeps what the step saves, and goes on or (not `ok`) takes `on_error`. More
    than can be kept is an error, since steps that read it would go wrong."""
    scope = frame.scope({"response": {"status": answer.status, "headers": dict(answer.headers), "body": body}})
    saved = {name: value for name, one in step.save.items() if (value := plain(one.evaluate(scope))) is not None}
    fits = len(msgspec.json.encode(saved)) <= MOST_SAVED
    run.steps[step.node].response = saved if fits else {}
    return go_on(step, run, frame, ok=ok and fits)


def go_on(step: WebhookStep, run: Run, frame: Frame, *, ok: bool) -> Halt | None:
    """To the next step, or where errors go; `exit` there is an ending of its own."""
    run.steps[step.node].ok = ok
    frame.took(run.journey, step.node, "ok" if ok else "error")
    run.state, run.due = "ready", None
    if not ok and step.on_error == EXIT:
        return Ended("webhook_failed")
    run.node = step.next if ok else step.on_error
    return None
