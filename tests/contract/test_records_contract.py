"""Looking a message up: every request we make and every answer of the sandbox, against the providers' own descriptions."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from orchestrator.contracts.message import EmailContent, OutboundMessage, SenderAddress, TextContent
from orchestrator.contracts.topics import Channel
from tests.unit.sandbox.running import BEARER, NOW, Client, running
from workers.email.sendgrid_records import sendgrid_records
from workers.email.sendgrid_request import sendgrid_request
from workers.records import Absent, Finding, Found, Inquiry, Sought
from workers.sms.twilio_records import twilio_records
from workers.sms.twilio_request import TwilioAccount, twilio_request
from workers.transport import Answer, Request

pytestmark = pytest.mark.contracts
SENDGRID, TWILIO = "/sandbox/sendgrid", "/sandbox/twilio"
HOSTS = {SENDGRID: "https://api.sendgrid.com", TWILIO: "https://api.twilio.com"}
DESCRIPTIONS = {SENDGRID: "official/sendgrid_email_logs_v3.json", TWILIO: "checked/twilio_messages_v2010.json"}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with running() as made:
        yield made


def described(folder: Path, provider: str) -> OpenAPI:
    """The description itself is not checked: SendGrid's has an object where OpenAPI 3.1 wants a list of examples."""
    found = json.loads((folder / "openapi" / DESCRIPTIONS[provider]).read_text("utf-8"))
    return OpenAPI.from_dict(found, config=Config(spec_validator_cls=None))


def outbound(channel: Channel, intent: str) -> OutboundMessage:
    email = channel == "email"
    return OutboundMessage(
        intent=intent, partition=0, customer="c", channel=channel, lane="bulk", message_class="service",
        to="ada.o'neil@example.com" if email else "+447911123456",
        sender=SenderAddress(address="hello@example.com" if email else "+441520000000", name="Tarn"),
        content=EmailContent(subject="Grüße", html="<p>Hi</p>", text="Hi") if email else TextContent(body=f"Hällo {intent[0]}", segments=1),
        journey="j", step="s", message="m",
    )  # fmt: skip


async def said(client: Client, request: Request) -> Answer:
    async with client.session.request(request.method, request.url, data=request.body or None, headers=request.headers) as response:
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, await response.read())


def check(api: OpenAPI, provider: str, client: Client, request: Request, answer: Answer) -> None:
    """Raises where one of them is not as described."""
    parts = urlsplit(request.url.removeprefix(client.url + provider))
    seen = MockRequest(
        HOSTS[provider], request.method.lower(), parts.path, args=dict(parse_qsl(parts.query)), data=request.body or None,
        headers=dict(request.headers), content_type=request.headers.get("Content-Type", "application/json"),
    )  # fmt: skip
    api.validate_request(seen)
    api.validate_response(seen, MockResponse(data=answer.body, status_code=answer.status, content_type="application/json"))


async def found(api: OpenAPI, provider: str, client: Client, inquiry: Inquiry) -> tuple[Finding, list[str]]:
    """What the inquiry ends with, and the methods it used."""
    methods: list[str] = []
    try:
        request = next(inquiry)
        while True:
            methods.append(request.method)
            answer = await said(client, request)
            check(api, provider, client, request, answer)
            request = inquiry.send(answer)
    except StopIteration as end:
        return end.value, methods


async def test_a_mail_is_looked_up_as_sendgrid_describes(provider_contracts: Path, client: Client) -> None:
    api, base = described(provider_contracts, SENDGRID), client.url + SENDGRID
    sent = outbound("email", "a" * 32)
    answer = await said(client, sendgrid_request(sent, base, "SG.key"))
    finding, methods = await found(api, SENDGRID, client, sendgrid_records(Sought(sent, NOW, NOW, set()), base, "SG.key"))
    assert finding == Found(answer.headers["x-message-id"])
    assert methods == ["POST", "GET"]
    never_sent = Sought(outbound("email", "b" * 32), NOW, NOW, set())
    assert await found(api, SENDGRID, client, sendgrid_records(never_sent, base, "SG.key")) == (Absent(), ["POST", "GET"])


async def test_sendgrids_refusals_have_its_form(provider_contracts: Path, client: Client) -> None:
    api, logs = described(provider_contracts, SENDGRID), f"{client.url}{SENDGRID}/v3/logs"
    for request, status in [
        (Request(logs, b'{"query": "to_email LIKE \'a\'"}', dict(BEARER)), 400),
        (Request(f"{logs}/nobody.0", b"", dict(BEARER), "GET"), 404),
    ]:
        answer = await said(client, request)
        check(api, SENDGRID, client, request, answer)
        assert answer.status == status
        assert json.loads(answer.body)["errors"][0]["message"]


async def test_a_text_is_looked_up_as_twilio_describes(provider_contracts: Path, client: Client) -> None:
    api = described(provider_contracts, TWILIO)
    account = TwilioAccount(client.url + TWILIO, "AC" + "0" * 32, "token", "")
    sent = outbound("sms", "a" * 32)
    sid = json.loads((await said(client, twilio_request(sent, account))).body)["sid"]
    assert await found(api, TWILIO, client, twilio_records(Sought(sent, NOW, NOW, set()), account)) == (Found(sid), ["GET"])
    never_sent = Sought(outbound("sms", "b" * 32), NOW, NOW, set())
    assert await found(api, TWILIO, client, twilio_records(never_sent, account)) == (Absent(), ["GET"])
