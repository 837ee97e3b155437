"""Our requests and the sandbox's answers against the providers' own descriptions and packages."""

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from orchestrator.contracts.message import EmailContent, OutboundMessage, SenderAddress, TemplateContent, TextContent
from orchestrator.contracts.topics import Channel
from orchestrator.gateway import sendgrid_webhook, twilio_webhook
from orchestrator.runtime.webhook_key import public_key
from workers.email.sendgrid_request import sendgrid_body, sendgrid_request
from workers.sandbox.routes import build_sandbox_app
from workers.sandbox.sandbox import Sandbox, SandboxSettings
from workers.sms.twilio_request import TwilioAccount, package_form, twilio_form, twilio_request

pytestmark = pytest.mark.contracts
EMAIL = EmailContent(
    subject="Grüße",
    html="<p>Hi</p>",
    text="Hi",
    headers={"List-Unsubscribe": "<https://x.example/u>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
)
ACCOUNT = TwilioAccount("http://sandbox", "AC" + "0" * 32, "token", "https://x.example/webhooks/twilio/status")


def outbound(channel: Channel, content: EmailContent | TextContent | TemplateContent) -> OutboundMessage:
    return OutboundMessage(
        intent="ab" * 16, partition=0, customer="c", channel=channel, lane="bulk", message_class="service", to="ada@example.com" if channel == "email" else "+447911123456",
        sender=SenderAddress(address="hello@example.com" if channel == "email" else "+441520000000", name="Tarn", reply_to="care@example.com"), content=content, journey="j", step="s", message="m",
    )  # fmt: skip


@pytest.fixture
async def sandbox() -> AsyncIterator[str]:
    numbers = count(1)
    made = Sandbox(SandboxSettings(None), lambda: 1_772_445_600_000, lambda: f"{next(numbers):032x}")
    runner = web.AppRunner(build_sandbox_app(made))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def description(folder: Path, name: str) -> OpenAPI:
    return OpenAPI.from_dict(json.loads((folder / "openapi" / "checked" / name).read_text("utf-8")))


async def test_sendgrid_takes_our_request_and_we_answer_as_it_does(provider_contracts: Path, sandbox: str) -> None:
    api = description(provider_contracts, "sendgrid_mail_v3.json")
    request = sendgrid_request(outbound("email", EMAIL), "https://api.sendgrid.com", "SG.x")
    seen = MockRequest(
        "https://api.sendgrid.com",
        "post",
        "/v3/mail/send",
        data=request.body,
        headers=dict(request.headers),
        content_type="application/json",
    )
    api.validate_request(seen)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{sandbox}/sandbox/sendgrid/v3/mail/send", data=request.body, headers=request.headers) as response,
    ):
        assert response.status == 202
        assert response.headers["X-Message-Id"]
        assert await response.read() == b""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{sandbox}/sandbox/sendgrid/v3/mail/send", data=b"{}", headers=request.headers) as response,
    ):
        body = await response.read()
        assert response.status == 400
        api.validate_response(seen, MockResponse(data=body, status_code=400, content_type="application/json"))


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
async def test_twilio_takes_our_request_and_we_answer_as_it_does(provider_contracts: Path, sandbox: str, channel: Channel) -> None:
    api = description(provider_contracts, "twilio_messages_v2010.json")
    contents: list[TextContent | TemplateContent] = [TextContent(body="Hällo 😀", segments=1)]
    if channel == "whatsapp":
        contents.append(TemplateContent(content_sid="HX" + "0" * 32, variables={"1": "Ada"}))
    for content in contents:
        request = twilio_request(outbound(channel, content), ACCOUNT)
        path = f"/2010-04-01/Accounts/{ACCOUNT.account_sid}/Messages.json"
        seen = MockRequest(
            "https://api.twilio.com",
            "post",
            path,
            data=request.body,
            headers=dict(request.headers),
            content_type="application/x-www-form-urlencoded",
        )
        api.validate_request(seen)
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{sandbox}/sandbox/twilio{path}", data=request.body, headers=request.headers) as response,
        ):
            assert response.status == 201, await response.text()
            api.validate_response(seen, MockResponse(data=await response.read(), status_code=201, content_type="application/json"))
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{sandbox}/sandbox/twilio{path}?To=%2B447911123456", headers=request.headers) as response,
        ):
            listing = MockRequest("https://api.twilio.com", "get", path, args={"PageSize": "50"}, headers=dict(request.headers))
            api.validate_response(listing, MockResponse(data=await response.read(), status_code=200, content_type="application/json"))


@pytest.mark.parametrize(
    ("channel", "content"),
    [
        ("sms", TextContent(body="Hi & bye + ü", segments=1)),
        ("whatsapp", TextContent(body="Hi")),
        ("whatsapp", TemplateContent(content_sid="HX" + "0" * 32, variables={"1": "Ada", "2": "ü"})),
    ],
)
def test_our_form_is_the_packages_form(channel: Channel, content: TextContent | TemplateContent) -> None:
    message = outbound(channel, content)
    assert twilio_form(message, ACCOUNT) == package_form(message, ACCOUNT)


def test_nothing_personal_stands_in_tags() -> None:
    body = sendgrid_body(outbound("email", EMAIL))
    assert body["personalizations"][0]["custom_args"] == {"intent": "ab" * 16, "intent_attempt": "1"}
    assert "categories" not in body
    assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]


async def test_the_packages_own_clients_can_use_the_sandbox(sandbox: str) -> None:
    import asyncio

    from sendgrid import SendGridAPIClient
    from twilio.rest import Client

    def send() -> tuple[int, str]:
        mail = SendGridAPIClient("SG.x", host=f"{sandbox}/sandbox/sendgrid").client.mail.send.post(
            request_body=sendgrid_body(outbound("email", EMAIL)), timeout=5
        )
        client = Client("AC" + "0" * 32, "t")
        client.api.base_url = f"{sandbox}/sandbox/twilio"
        return mail.status_code, client.messages.create(to="+447911123456", from_="TARN", body="hi").sid

    status, sid = await asyncio.to_thread(send)
    assert status == 202
    assert sid.startswith("SM")


def test_sendgrids_signature_vectors(provider_contracts: Path) -> None:
    vectors = json.loads((provider_contracts / "webhooks" / "sendgrid_signature_vectors.json").read_text("utf-8"))["official"]
    assert len(vectors) >= 10
    for vector in vectors:
        keys = [public_key(vector["public_key"])]
        assert (
            sendgrid_webhook.is_signed(b64decode(vector["body_base64"]), vector["signature"], vector["timestamp"], keys) is vector["valid"]
        ), vector["name"]


def test_twilios_signature_vectors(provider_contracts: Path) -> None:
    data = json.loads((provider_contracts / "webhooks" / "twilio_signature_vectors.json").read_text("utf-8"))
    forms = [v for v in data["official"] if v["json_body"] is None and "note" not in v]
    assert len(forms) >= 15
    for vector in forms:
        pairs = [(name, value) for name, value in vector["params"]]
        assert twilio_webhook.is_signed(vector["url"], pairs, vector["signature"], [data["official_auth_token"]]) is vector["valid"], (
            vector["name"]
        )


def test_the_providers_example_events_become_receipts(provider_contracts: Path) -> None:
    found: set[str] = set()
    for name in ("sendgrid_events_docs.json", "sendgrid_events_anymail.json"):
        for event in _events(json.loads((provider_contracts / "webhooks" / name).read_text("utf-8"))):
            found |= {receipt.status for receipt in sendgrid_webhook.receipts_of(event, "ada")}
    assert found >= {"delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "failed"}


def _events(data: object) -> list[dict[str, object]]:
    """All objects with an `event` and a `timestamp`, however they are wrapped."""
    if isinstance(data, list):
        return [one for item in data for one in _events(item)]
    if isinstance(data, dict):
        return (
            [data]
            if isinstance(data.get("event"), str) and "timestamp" in data
            else [one for item in data.values() for one in _events(item)]
        )
    return []


def test_our_webhooks_are_signed_as_twilio_signs(sandbox: str) -> None:
    from twilio.request_validator import RequestValidator

    from workers.sandbox.webhooks import twilio_signature

    form = {"MessageSid": "SM1", "Body": "", "To": "+44", "From": "whatsapp:+1"}
    url = f"{sandbox}/webhooks/twilio/status?intent=ab"
    assert RequestValidator("token").validate(url, form, twilio_signature(url, form, "token"))
    assert twilio_webhook.is_signed(url, list(form.items()), twilio_signature(url, form, "token"), ["other", "token"])
    assert not twilio_webhook.is_signed(url, list(form.items()), b64encode(b"x" * 20).decode(), ["token"])
