"""Webhooks back: signed so that the providers' own verifiers take them, tried again, and only where they may go."""

import asyncio
import json
from urllib.parse import parse_qsl

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.request_validator import RequestValidator

from tests.unit.sandbox.running import Called, Client, mail, running
from workers.sandbox.sandbox import SandboxSettings
from workers.sandbox.webhooks import WebhookTargets, hosts_of, twilio_signature

TO = "+447911123456"


async def until(client: Client, number: int, seconds: float = 5) -> list[Called]:
    """The gateway's calls, once there are so many."""
    for _ in range(int(seconds * 50)):
        if len(client.gateway.calls) >= number:
            return client.gateway.calls
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(client.gateway.calls)} of {number} webhooks")


def signed_by_sendgrid(client: Client, call: Called) -> bool:
    verifier = EventWebhook(client.sandbox.public_key())
    return bool(
        verifier.verify_signature(
            call.body.decode(),
            call.headers["X-Twilio-Email-Event-Webhook-Signature"],
            call.headers["X-Twilio-Email-Event-Webhook-Timestamp"],
        )
    )


async def test_mail_events_come_in_signed_batches(client: Client) -> None:
    await asyncio.gather(*(client.mail(mail(f"p{n}@example.com")) for n in range(30)))
    calls = await until(client, 1)
    for _ in range(100):
        events = [event for call in calls for event in json.loads(call.body)]
        if len(events) == 60:
            break
        await asyncio.sleep(0.05)
    assert len(events) == 60
    assert len(calls) < 10
    assert {call.path for call in calls} == {"/webhooks/sendgrid"}
    assert all(signed_by_sendgrid(client, call) for call in calls)
    changed = Called(calls[0].path, "", calls[0].headers, calls[0].body.replace(b"delivered", b"delivereD"))
    assert not signed_by_sendgrid(client, changed)
    assert {event["event"] for event in events} == {"processed", "delivered"}
    assert {event["intent"] for event in events} == {"ab" * 16}
    assert len({event["sg_event_id"] for event in events}) == 60


async def test_status_callbacks_are_signed_over_url_and_form(client: Client) -> None:
    callback = f"{client.gateway.url}/webhooks/twilio/status?intent=ab"
    sid = (await (await client.text(To=TO, From="TARN", Body="Hi & bye", StatusCallback=f"{callback}#rc=5&rp=all")).json())["sid"]
    calls = await until(client, 2)
    forms = [dict(parse_qsl(call.body.decode(), keep_blank_values=True)) for call in calls]
    assert {form["MessageStatus"] for form in forms} == {"sent", "delivered"}
    assert {form["MessageSid"] for form in forms} == {sid}
    assert {call.query for call in calls} == {"intent=ab"}
    validator = RequestValidator(client.sandbox.settings.auth_token)
    for call, form in zip(calls, forms, strict=True):
        assert validator.validate(callback, form, call.headers["X-Twilio-Signature"])
        assert not validator.validate(callback, {**form, "MessageStatus": "read"}, call.headers["X-Twilio-Signature"])


async def test_a_reply_is_an_inbound_webhook(client: Client) -> None:
    await client.text(To=TO, From="+441520000000", Body="Hi")
    await client.call("POST", "/sandbox/reply", json={"channel": "sms", "from": TO, "text": " Danke ü & + "})
    (call,) = await until(client, 1)
    form = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
    assert call.path == "/webhooks/twilio/inbound"
    assert (form["From"], form["To"], form["Body"], form["NumMedia"]) == (TO, "+441520000000", " Danke ü & + ", "0")
    url = f"{client.gateway.url}/webhooks/twilio/inbound"
    assert RequestValidator(client.sandbox.settings.auth_token).validate(url, form, call.headers["X-Twilio-Signature"])
    await client.call("POST", "/sandbox/reply", json={"channel": "whatsapp", "from": TO, "text": ""})
    form = dict(parse_qsl((await until(client, 2))[1].body.decode(), keep_blank_values=True))
    assert (form["From"], form["WaId"], form["Body"]) == (f"whatsapp:{TO}", TO[1:], "")


async def test_they_are_tried_again_while_the_gateway_is_away(client: Client) -> None:
    client.gateway.status = 503
    await client.mail(mail())
    first = (await until(client, 2))[0]
    client.gateway.status = 200
    for _ in range(200):
        if client.sandbox.webhooks.tally.sent == 1:
            break
        await asyncio.sleep(0.02)
    assert client.gateway.calls[-1].body == first.body
    assert client.sandbox.webhooks.tally.sent == 1


async def test_a_plain_no_is_not_asked_again_and_is_counted(client: Client) -> None:
    client.gateway.status = 403
    await client.mail(mail())
    await until(client, 1)
    await asyncio.sleep(0.4)
    assert len(client.gateway.calls) == 1
    async with client.session.get(f"{client.url}/sandbox/webhooks") as response:
        assert await response.json() == {"waiting": 0, "sent": 0, "given_up": 1, "dropped": 0, "not_allowed": 0}


async def test_a_request_cannot_send_webhooks_just_anywhere(client: Client) -> None:
    for url in ("http://169.254.169.254/latest", "https://elsewhere.example/x", "http://127.0.0.1.evil.example/"):
        assert (await client.text(To=TO, From="A", Body="x", StatusCallback=url)).status == 201
    assert client.sandbox.webhooks.tally.not_allowed == 6
    assert client.sandbox.webhooks.waiting == 0


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://localhost:1/x", True), ("http://127.0.0.1/x", True), ("http://[::1]:9/x", True), ("https://brand.example/x", True),
        ("https://brand.example.evil.example/x", False), ("https://user@evil.example/brand.example", False), ("file:///etc/passwd", False),
        ("http://brand.example@evil.example/", False), ("http://[", False), ("", False),
    ],
)  # fmt: skip
def test_where_they_may_go(url: str, allowed: bool) -> None:
    assert WebhookTargets("", "", hosts_of("https://brand.example/base", "")).allow(url) is allowed


async def test_without_a_gateway_nothing_waits() -> None:
    async with running(settings=SandboxSettings(None, webhook_base="http://127.0.0.1:9")) as client:
        await client.mail(mail())
        await asyncio.sleep(0.3)
        assert (await client.mail(mail())).status == 202, "webhooks that nobody takes don't block sending"


def test_signature_of_the_documented_example() -> None:
    form = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309", "To": "+18005551212"}
    assert twilio_signature("https://mycompany.com/myapp.php?foo=1&bar=2", form, "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
