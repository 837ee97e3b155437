"""The sandbox against the providers' own clients and descriptions: every request and answer is one they know."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Content, CustomArg, Email, Header, Mail, Personalization, To
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client as TwilioClient

from tests.unit.sandbox.running import ACCOUNT, BEARER, Client, mail, running
from workers.sandbox.sandbox import SandboxSettings

pytestmark = pytest.mark.contracts
TO = "+447911123456"
WINDOWLESS = "HX" + "0" * 32


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with running() as made:
        yield made


def description(folder: Path, name: str) -> OpenAPI:
    return OpenAPI.from_dict(json.loads((folder / "openapi" / "checked" / name).read_text("utf-8")))


class Recording(TwilioHttpClient):  # type: ignore[misc]  # the package ships no types
    """Twilio's own client, sent to the sandbox; keeps each exchange."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=5)
        self.url = url
        self.seen: list[tuple[str, str, dict[str, Any], dict[str, Any], Response]] = []

    def request(self, method: str, url: str, params: Any = None, data: Any = None, **more: Any) -> Response:
        path = urlsplit(url)
        query = dict(params or {}) or dict(parse_qsl(path.query))
        ours = url.replace("https://api.twilio.com", self.url)
        response = super().request(method, ours, params=params, data=data, **more)
        self.seen.append((method.lower(), path.path, query, data or {}, response))
        return response


def check_twilio(folder: Path, recording: Recording) -> None:
    """Each accepted request and each of its answers follows Twilio's description."""
    api = description(folder, "twilio_messages_v2010.json")
    for method, path, query, data, response in recording.seen:
        form = [(name, one) for name, value in data.items() for one in (value if isinstance(value, list) else [value])]
        request = MockRequest(
            "https://api.twilio.com", method, path, args={name: str(value) for name, value in query.items()},
            data=urlencode(form).encode() if method == "post" else None, content_type="application/x-www-form-urlencoded",
            headers={"Authorization": "Basic QUM6dA=="},
        )  # fmt: skip
        if response.status_code < 300:
            api.validate_request(request)
            answer = MockResponse(data=response.text.encode(), status_code=response.status_code, content_type="application/json")
            api.validate_response(request, answer)
        else:
            body = json.loads(response.text)
            assert set(body) == {"code", "message", "more_info", "status"}
            assert body["status"] == response.status_code
    assert recording.seen


async def twilio(client: Client, folder: Path, use: Callable[[TwilioClient], Any]) -> Any:
    recording = Recording(f"{client.url}/sandbox/twilio")
    made = TwilioClient(ACCOUNT, "token", http_client=recording)
    try:
        return await asyncio.to_thread(use, made)
    finally:
        check_twilio(folder, recording)


@pytest.mark.parametrize(
    "form",
    [
        {"to": TO, "from_": "TARN", "body": "Grüße 😀 & + %"}, {"to": TO, "messaging_service_sid": "MG" + "0" * 32, "body": "x" * 1600},
        {"to": f"whatsapp:{TO}", "from_": "whatsapp:+441520000000", "content_sid": WINDOWLESS, "content_variables": '{"1":"Ada"}'},
        {"to": f"whatsapp:{TO}", "from_": "whatsapp:+441520000000", "body": "outside the window"},
        {"to": TO, "from_": "TARN", "media_url": ["https://x.example/a.png", "https://x.example/b.png"]},
        {"to": TO, "from_": "TARN", "body": "x", "status_callback": "http://127.0.0.1:9/s?intent=ab", "validity_period": 600},
    ],
)  # fmt: skip
async def test_twilios_client_sends_and_reads(provider_contracts: Path, client: Client, form: dict[str, Any]) -> None:
    def use(made: TwilioClient) -> tuple[str, str]:
        sent = made.messages.create(**form)
        return sent.sid, made.messages(sent.sid).fetch().sid

    sid, found = await twilio(client, provider_contracts, use)
    assert sid == found
    assert [m["id"] for m in await client.messages()] == [sid]


async def test_twilios_client_lists_over_pages(provider_contracts: Path, client: Client) -> None:
    for number in range(7):
        await client.text(To=TO, From="TARN", Body=f"{number}")
        client.clock.advance(1000)
    found = await twilio(client, provider_contracts, lambda made: [m.body for m in made.messages.list(to=TO, from_="TARN", page_size=3)])
    assert found == ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("form", "code"),
    [({"to": "12", "from_": "A", "body": "x"}, 21211), ({"to": TO, "body": "x"}, 21603), ({"to": TO, "from_": "A"}, 21602), ({"to": TO, "from_": "A", "body": "x" * 1601}, 21617)],
)  # fmt: skip
async def test_twilios_client_reads_our_errors(provider_contracts: Path, client: Client, form: dict[str, str], code: int) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await twilio(client, provider_contracts, lambda made: made.messages.create(**form))
    assert (caught.value.status, caught.value.code) == (400, code)


async def test_twilios_client_reads_a_stop(provider_contracts: Path, client: Client) -> None:
    await client.text(To=TO, From="+441520000000", Body="Hi")
    await client.call("POST", "/sandbox/reply", json={"channel": "sms", "from": TO, "text": "stop"})
    with pytest.raises(TwilioRestException) as caught:
        await twilio(client, provider_contracts, lambda made: made.messages.create(to=TO, from_="+441520000000", body="x"))
    assert caught.value.code == 21610


async def test_sendgrids_client_sends(provider_contracts: Path, client: Client) -> None:
    message = Mail(from_email=Email("hello@example.com", "Tarn"), subject="Grüße")
    for number in range(3):
        person = Personalization()
        person.add_to(To(f"p{number}@example.com"))
        person.add_custom_arg(CustomArg("intent", f"{number}" * 32))
        person.add_header(Header("X-Own", str(number)))
        message.add_personalization(person)
    message.add_content(Content("text/plain", "Hi"))
    message.add_content(Content("text/html", "<p>Hi</p>"))
    request = MockRequest(
        "https://api.sendgrid.com", "post", "/v3/mail/send", data=json.dumps(message.get()).encode(), headers=dict(BEARER), content_type="application/json",
    )  # fmt: skip
    description(provider_contracts, "sendgrid_mail_v3.json").validate_request(request)
    host = f"{client.url}/sandbox/sendgrid"
    response = await asyncio.to_thread(
        lambda: SendGridAPIClient("SG.x", host=host).client.mail.send.post(request_body=message.get(), timeout=5)
    )
    assert (response.status_code, response.body) == (202, b"")
    assert response.headers["X-Message-Id"]
    assert {m["to"]: m["intent"] for m in await client.messages()} == {f"p{n}@example.com": f"{n}" * 32 for n in range(3)}


@pytest.mark.parametrize(
    ("body", "key", "status"),
    [({}, "right", 400), (mail(subject=""), "right", 400), (mail(headers={"To": "x"}), "right", 400), (mail(personalizations=[{"to": [{"email": "x"}]}]), "right", 400), (mail(), "wrong", 401)],
)  # fmt: skip
async def test_sendgrids_client_reads_our_errors(provider_contracts: Path, body: dict[str, object], key: str, status: int) -> None:
    async with running(settings=SandboxSettings(None, api_key="right")) as client:
        host = f"{client.url}/sandbox/sendgrid"
        with pytest.raises(HTTPError) as caught:
            await asyncio.to_thread(lambda: SendGridAPIClient(key, host=host).client.mail.send.post(request_body=body, timeout=5))
    assert caught.value.status_code == status
    request = MockRequest(
        "https://api.sendgrid.com", "post", "/v3/mail/send", data=b"{}", headers=dict(BEARER), content_type="application/json"
    )
    answer = MockResponse(data=caught.value.body, status_code=status, content_type="application/json")
    description(provider_contracts, "sendgrid_mail_v3.json").validate_response(request, answer)


@pytest.mark.parametrize(
    "body",
    [mail(), mail(custom_args={"a": "b"}), mail(reply_to={"email": "care@example.com"}), mail(personalizations=[{"to": [{"email": "a@b.cc"}], "subject": "Own"}]),
     mail(personalizations=[]), mail(subject=5), mail(content=[]), mail(headers={"Subject": "x"}), mail(custom_args={"a": 1}), mail(headers=[1]),
     mail(personalizations=[{"to": []}]), mail(reply_to={"email": "a@b.cc"}, reply_to_list=[{"email": "c@d.ee"}])],
)  # fmt: skip
async def test_what_the_description_refuses_the_sandbox_refuses(provider_contracts: Path, client: Client, body: dict[str, object]) -> None:
    request = MockRequest(
        "https://api.sendgrid.com", "post", "/v3/mail/send", data=json.dumps(body).encode(), headers=dict(BEARER), content_type="application/json",
    )  # fmt: skip
    refused = bool(list(description(provider_contracts, "sendgrid_mail_v3.json").iter_apicall_request_errors(request)))
    assert (await client.mail(body)).status == (400 if refused else 202)
