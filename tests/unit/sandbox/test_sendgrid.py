"""SendGrid's mail send: what is kept, what is refused and how, and that no bytes break it."""

import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.sandbox.running import BEARER, Client, mail, running
from workers.sandbox.sandbox import SandboxSettings
from workers.sandbox.sendgrid_check import check


async def test_one_message_for_each_personalization(client: Client) -> None:
    html = '<body><div data-preheader style="display:none">Grüße &amp; <b>mehr</b></div><p>Hi</p></body>'
    body = mail(
        content=[{"type": "text/plain", "value": "Hi"}, {"type": "text/html", "value": html}],
        headers={"X-All": "a", "X-Own": "request"},
        personalizations=[
            {"to": [{"email": "ada@example.com"}], "custom_args": {"intent": "1" * 32}, "headers": {"X-Own": "person"}},
            {"to": [{"email": "bob@example.com"}], "subject": "Own", "custom_args": {"intent": "2" * 32}},
        ],
    )
    response = await client.mail(body)
    assert response.status == 202
    assert response.headers["Content-Length"] == "0"
    request_id = response.headers["X-Message-Id"]
    bob, ada = await client.messages()
    assert ada == {
        "id": f"{request_id}.0", "provider": "sendgrid", "channel": "email", "to": "ada@example.com", "from": "hello@example.com", "subject": "Hi",
        "preheader": "Grüße & mehr", "text": "Hi", "html": html, "headers": {"X-All": "a", "X-Own": "person"}, "intent": "1" * 32,
        "received_at": 1_772_445_600_000, "status": "delivered",
    }  # fmt: skip
    assert (bob["to"], bob["subject"], bob["intent"], bob["id"]) == ("bob@example.com", "Own", "2" * 32, f"{request_id}.1")


def broken(**more: Any) -> dict[str, Any]:
    return mail(**more)


def person(**more: Any) -> dict[str, Any]:
    return mail(personalizations=[{"to": [{"email": "ada@example.com"}], **more}])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (broken(personalizations=[]), "personalizations"), (broken(**{"from": {"name": "x"}}), "from.email"), (broken(subject=""), "subject"),
        (broken(personalizations=[{"to": []}]), "personalizations.0.to"), (broken(personalizations=["x"]), "personalizations.0"),
        (person(to=[{"email": "nobody"}]), "personalizations.0.to.0.email"), (person(to=[{"email": "a\x00@b.cc"}]), "personalizations.0.to.0.email"),
        (person(cc=[{"email": "ADA@example.com"}]), "personalizations.0"), (person(cc="x"), "personalizations.0.cc"),
        (person(custom_args={"intent": 5}), "personalizations.0.custom_args"), (person(custom_args={"a": "x" * 10_000}), "personalizations.0.custom_args"),
        (person(headers={"Subject": "x"}), "personalizations.0.headers.Subject"), (broken(headers=[1]), "headers"), (person(subject=7), "subject"),
        (broken(content=[]), "content"), (broken(content=[{"type": "text/plain", "value": ""}]), "content.0.value"),
        (broken(content=[{"type": "text/html", "value": "a"}, {"type": "text/plain", "value": "b"}]), "content"),
        (broken(reply_to={"email": "x"}), "reply_to.email"), (broken(send_at=1), "send_at"), (broken(template_id="d-1"), "template_id"),
        (broken(personalizations=[{"to": [{"email": f"p{n}-{m}@example.com"} for m in range(26)]} for n in range(40)]), "personalizations"),
        ([], None), (None, None),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_refused_with_its_field(client: Client, body: object, field: str | None) -> None:
    response = await client.mail(body)
    assert response.status == 400
    answer = await response.json()
    assert answer["errors"][0].get("field") == field
    assert answer["errors"][0]["message"]
    assert set(answer["errors"][0]) == {"message", "help"} | ({"field"} if field else set())
    assert answer["id"]
    assert await client.messages() == []


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "bearer x"])
async def test_a_key_is_required(client: Client, header: str) -> None:
    headers = {**BEARER, "Authorization": header}
    response = await client.call("POST", "/sandbox/sendgrid/v3/mail/send", json=mail(), headers=headers)
    assert response.status == 401
    assert await client.messages() == []


async def test_a_configured_key_is_the_only_one() -> None:
    async with running(settings=SandboxSettings(None, api_key="SG.right")) as client:
        assert (await client.mail(mail())).status == 401
        headers = {**BEARER, "Authorization": "Bearer SG.right"}
        response = await client.call("POST", "/sandbox/sendgrid/v3/mail/send", json=mail(), headers=headers)
        assert response.status == 202


async def test_too_much_is_413_in_sendgrids_words(client: Client) -> None:
    for size in (30 * 1024 * 1024 + 1, 32 * 1024 * 1024):
        response = await client.call("POST", "/sandbox/sendgrid/v3/mail/send", data=io.BytesIO(b" " * size), headers=BEARER)
        assert response.status == 413
        assert "30MB" in (await response.json())["errors"][0]["message"]


async def test_sendgrids_own_sandbox_mode_keeps_nothing(client: Client) -> None:
    response = await client.mail(mail(mail_settings={"sandbox_mode": {"enable": True}}))
    assert response.status == 200
    assert await client.messages() == []


async def test_the_others_of_a_personalization_are_shown(client: Client) -> None:
    parties = {"to": [{"email": "ada@example.com"}, {"email": "bob@example.com"}], "bcc": [{"email": "carl@example.com"}]}
    assert (await client.mail(mail(personalizations=[parties]))).status == 202
    (message,) = await client.messages()
    assert message["headers"] == {"X-Sandbox-Also-To": "bob@example.com", "X-Sandbox-Also-Bcc": "carl@example.com"}


@settings(max_examples=examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | st.sampled_from([b'"\\ud800"', b"[" * 5000, b'{"a":1e999}', json.dumps(mail()).encode()[:-3]]))
async def test_no_bytes_break_it(body: bytes) -> None:
    async with running() as client:
        response = await client.call("POST", "/sandbox/sendgrid/v3/mail/send", data=body, headers=BEARER)
        assert response.status == 400


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=6)  # fmt: skip
KEYS = ("from", "subject", "personalizations", "content", "headers", "custom_args", "reply_to", "reply_to_list", "mail_settings")
PERSON_KEYS = ("to", "cc", "bcc", "subject", "headers", "custom_args", "from")


@settings(max_examples=examples(300))
@given(
    changes=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3), inside=st.dictionaries(st.sampled_from(PERSON_KEYS), JSON, max_size=3)
)
def test_a_check_never_raises(changes: dict[str, object], inside: dict[str, object]) -> None:
    """Whatever stands where, the answer is a reason or none."""
    wrong = check({**mail(personalizations=[{"to": [{"email": "a@b.cc"}], **inside}]), **changes})
    assert wrong is None or isinstance(wrong[0], str)


@settings(max_examples=examples(60))
@given(
    changes=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=2), inside=st.dictionaries(st.sampled_from(PERSON_KEYS), JSON, max_size=2)
)
async def test_what_passes_the_check_is_stored(changes: dict[str, object], inside: dict[str, object]) -> None:
    body = {**mail(personalizations=[{"to": [{"email": "a@b.cc"}], **inside}]), **changes}
    async with running() as client:
        response = await client.mail(body)
        assert response.status in (202, 400)
        assert len(await client.messages()) == (1 if response.status == 202 else 0)
