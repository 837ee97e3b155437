"""A journey's webhook in the embedded runtime: an event comes in over HTTP, a service is called, its answer decides which message goes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.expressions.value import compile_value
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.runtime.settings import Setting, Settings
from orchestrator.workspace.step import WebhookStep
from orchestrator.workspace.workspace import Workspace
from tests.integration.running import running
from tests.one_journey import CONCIERGE, workspace
from tests.unit.workers.calls.receiver import answer, receiving

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - id: score
    webhook: {url: "https://localhost/score/{{ customer.id }}", body: {item: "{{ entry.item }}"}, retries: 0, save: {risk: response.body.risk}}
    on_error: sorry
  - branch: [{when: steps.score.response.risk == 'high', then: [{id: offer, send: offer, channels: [email]}, {exit: offered}]}]
  - {id: mail, send: hello, channels: [email]}
  - {exit: done}
  - {id: sorry, send: sorry, channels: [email]}
"""
MESSAGES = {"offer": "An offer", "sorry": "Sorry"}


def calling(port: int) -> Workspace:
    """The journey calls this machine, which no journey that is written can."""
    made = workspace({"try_it": JOURNEY}, MESSAGES, concierge=CONCIERGE + "webhooks: {hosts: [localhost]}\n")
    journey = made.journeys["try_it"]
    step = journey.steps["score"]
    assert isinstance(step, WebhookStep)
    url = compile_value(f"http://localhost:{port}/score/{{{{ customer.id }}}}", Vocabulary({"customer": frozenset(("id",))}))
    steps = {**journey.steps, "score": replace(step, url=url)}
    return replace(made, journeys={"try_it": replace(journey, steps=steps)}, webhook_hosts=(f"localhost:{port}",))


@pytest.mark.parametrize(("status", "body", "subject"), [(200, b'{"risk":"high"}', "An offer"), (200, b"", "Hello"), (500, b"", "Sorry")])
async def test_the_answer_of_a_service_decides_which_message_goes(tmp_path: Path, status: int, body: bytes, subject: str) -> None:
    async with receiving(answer(status, body)) as receiver:
        settings = Settings({"CALLS_ALLOW_PRIVATE": Setting(f"localhost:{receiver.port}", "test")})
        async with running(calling(receiver.port), tmp_path, settings=settings) as (_runtime, client):
            await client.send({"type": "identify", "userId": "ada/1", "traits": {"email": "ada@example.com"}})
            await client.track("ada/1", "Basket Changed", basket="b1", item="pen")
            [message] = await client.until(lambda found: len(found) == 1)
        assert message["subject"] == subject
        [request] = receiver.seen
        assert request.head[0] == "POST /score/ada%2F1 HTTP/1.1"
        assert json.loads(request.body) == {"item": "pen"}
