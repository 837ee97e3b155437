"""What is reported on request: opens, clicks, bounces, complaints; and orders that are refused."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.gateway import sendgrid_webhook
from tests.examples import examples
from tests.unit.sandbox.running import Client, mail, running
from workers.sandbox.problem import RefusedError
from workers.sandbox.receipt import read_receipt
from workers.sandbox.reply import read_reply
from workers.sandbox.sandbox import SandboxSettings

TO = "+447911123456"


async def order(client: Client, **body: object) -> tuple[int, dict[str, Any]]:
    async with client.session.post(f"{client.url}/sandbox/receipt", json=body) as response:
        return response.status, json.loads(await response.read())


async def sent(client: Client, number: int) -> list[bytes]:
    for _ in range(200):
        if len(client.gateway.calls) >= number:
            return [call.body for call in client.gateway.calls]
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(client.gateway.calls)} of {number}")


@pytest.mark.parametrize(
    ("ordered", "status", "event", "dead"),
    [
        ({"event": "open"}, "opened", "open", False), ({"event": "open", "machine": True}, "opened", "open", False), ({"event": "bounce"}, "bounced", "bounce", True),
        ({"event": "click", "url": "https://x.example/"}, "clicked", "click", False), ({"event": "blocked"}, "failed", "bounce", False), ({"event": "complaint"}, "complained", "spamreport", False),
        ({"event": "unsubscribe"}, "unsubscribed", "unsubscribe", False), ({"event": "deferred"}, "deferred", "deferred", False), ({"event": "dropped"}, "failed", "dropped", False),
    ],
)  # fmt: skip
async def test_mail_receipts_read_as_what_they_are(ordered: dict[str, object], status: str, event: str, dead: bool) -> None:
    """The gateway's own reading of the event and the status that is shown agree."""
    async with running(settings=SandboxSettings(None, deliver=False)) as client:
        await client.mail(mail())
        assert (await client.messages())[0]["status"] == "accepted"
        assert await order(client, intent="ab" * 16, **ordered) == (200, {"ok": True})
        (told,) = json.loads((await sent(client, 1))[0])
        receipts = sendgrid_webhook.receipts_of(told, "ada")
        assert told["event"] == event
        assert (await client.messages())[0]["status"] == status
        (receipt,) = receipts
        assert (receipt.status, receipt.address_dead, receipt.intent) == ("sent" if event == "deferred" else status, dead, "ab" * 16)
        assert receipt.human is not bool(ordered.get("machine", False))


async def test_text_receipts() -> None:
    async with running(settings=SandboxSettings(None, deliver=False)) as client:
        form = {"To": TO, "From": "+441520000000", "Body": "x", "StatusCallback": f"{client.gateway.url}/s"}
        sid = (await (await client.text(**form)).json())["sid"]
        assert (await order(client, id=sid, event="failed", code=30007))[0] == 200
        told = dict(parse_qsl((await sent(client, 1))[0].decode()))
        assert (told["MessageStatus"], told["ErrorCode"]) == ("failed", "30007")
        assert (await order(client, id=sid, event="bounce"))[0] == 200
        assert [m["status"] for m in await client.messages()] == ["bounced"]
        status, problem = await order(client, id=sid, event="read")
        assert (status, "whatsapp" in problem["detail"].lower()) == (400, True)


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"event": "open"}, 400, "intent"), ({"event": "explode", "id": "x"}, 400, "$.event"), ({"id": "x"}, 400, "event"), ({"event": "open", "id": "none"}, 404, "lists"),
        ({"event": "open", "id": "x", "extra": 1}, 400, "extra"),
    ],
)  # fmt: skip
async def test_orders_that_are_refused_say_why(client: Client, body: dict[str, object], status: int, word: str) -> None:
    answered, problem = await order(client, **body)
    assert (answered, problem["status"]) == (status, status)
    assert word in problem["detail"]


@pytest.mark.parametrize(
    "body", [{"channel": "email", "from": TO, "text": "x"}, {"channel": "sms", "from": "ada", "text": "x"}, {"channel": "sms", "from": TO}, [],
             {"channel": "sms", "from": TO, "text": "x" * 1601}, {"channel": "whatsapp", "from": f"whatsapp:{TO}", "text": "x"}],
)  # fmt: skip
async def test_replies_that_are_refused_say_why(client: Client, body: object) -> None:
    async with client.session.post(f"{client.url}/sandbox/reply", json=body) as response:
        assert response.status == 400
        assert (await response.json(content_type="application/problem+json"))["detail"]
    assert client.gateway.calls == []


@settings(max_examples=examples(200))
@given(body=st.binary(max_size=60) | st.sampled_from([b"[" * 5000, b'{"event":"open","id":"\\ud800"}']))
def test_any_bytes_are_refused_or_read(body: bytes) -> None:
    for read in (read_receipt, read_reply):
        try:
            read(body)
        except RefusedError as refused:
            assert str(refused)
