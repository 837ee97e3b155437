"""Twilio's messages: answers, errors, STOP, the WhatsApp window, look-ups."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.sandbox.running import ACCOUNT, BASIC, NOW, TWILIO, Client, running
from workers.sandbox.twilio_check import check

TO = "+447911123456"


async def test_an_answer_in_twilios_shape(client: Client) -> None:
    response = await client.text(To=TO, From="TARN", Body="Hi", StatusCallback="http://127.0.0.1:1/s?intent=ab")
    assert response.status == 201
    answer = await response.json()
    assert re.fullmatch(r"SM[0-9a-f]{32}", answer["sid"])
    assert answer["date_created"].endswith("+0000")
    assert {key: answer[key] for key in ("status", "to", "from", "body", "num_segments", "account_sid", "error_code", "uri")} == {
        "status": "queued", "to": TO, "from": "TARN", "body": "Hi", "num_segments": "1", "account_sid": ACCOUNT, "error_code": None,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{answer['sid']}.json",
    }  # fmt: skip
    (message,) = await client.messages(channel="sms", to=TO)
    assert message == {
        "id": answer["sid"], "provider": "twilio", "channel": "sms", "to": TO, "from": "TARN", "text": "Hi", "intent": "ab", "received_at": NOW, "status": "delivered",
    }  # fmt: skip


async def test_with_a_service_the_sender_is_not_known_yet(client: Client) -> None:
    service = "MG" + "2" * 32
    answer = await (await client.text(To=TO, MessagingServiceSid=service, Body="Hi")).json()
    assert (answer["status"], answer["from"], answer["messaging_service_sid"], answer["num_segments"]) == ("accepted", None, service, "0")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": "A", "Body": "x"}, 21604), ({"To": "12", "From": "A", "Body": "x"}, 21211), ({"To": "+٤٤٧٩١١١٢٣٤٥٦", "From": "A", "Body": "x"}, 21211),
        ({"To": TO, "Body": "x"}, 21603), ({"To": TO, "From": "A"}, 21602), ({"To": TO, "From": "A", "Body": ""}, 21602),
        ({"To": TO, "From": "A", "Body": "x" * 1601}, 21617), ({"To": TO, "From": "A", "Body": "x", "ContentVariables": "{}"}, 21654),
        ({"To": TO, "From": "A", "ContentSid": "HX" + "0" * 32, "ContentVariables": "[1]"}, 21656), ({"To": TO, "From": "A", "ContentSid": "nope"}, 21655),
        ({"To": f"whatsapp:{TO}", "From": "+441520000000", "Body": "x"}, 63007), ({"To": TO, "From": "whatsapp:+441520000000", "Body": "x"}, 63007),
        ({"To": TO, "From": "A", "Body": "x", "StatusCallback": "http://under_score/x"}, 21609), ({"To": TO, "From": "A", "MediaUrl": "file:///etc/passwd"}, 21620),
        ({"To": TO, "From": "A", "Body": "x", "SendAt": "2027-01-01T00:00:00Z"}, 20001),
    ],
)  # fmt: skip
async def test_errors_in_twilios_shape(client: Client, form: dict[str, str], code: int) -> None:
    response = await client.text(**form)
    assert response.status == 400
    answer = await response.json()
    assert answer == {"code": code, "message": answer["message"], "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": 400}
    assert answer["message"]
    assert await client.messages() == []


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic QUM6", "Bearer x", "Basic YWRhOng="])
async def test_credentials_are_required(client: Client, header: str) -> None:
    for method, path in (("POST", f"{TWILIO}.json"), ("GET", f"{TWILIO}.json"), ("GET", f"{TWILIO}/SM{'0' * 32}.json")):
        response = await client.call(method, path, data=b"To=x" if method == "POST" else None, headers={"Authorization": header})
        assert response.status == 401
        assert (await response.json())["code"] == 20003


async def reply(client: Client, channel: str, text: str) -> None:
    async with client.session.post(f"{client.url}/sandbox/reply", json={"channel": channel, "from": TO, "text": text}) as response:
        assert response.status == 200, await response.text()


async def test_stop_blocks_this_sender_until_start(client: Client) -> None:
    assert (await client.text(To=TO, From="+441520000000", Body="Hi")).status == 201
    await reply(client, "sms", " Stop ")
    response = await client.text(To=TO, From="+441520000000", Body="Hi")
    assert (response.status, (await response.json())["code"]) == (400, 21610)
    assert (await client.text(To=TO, From="+441520000001", Body="Hi")).status == 201
    await client.call("DELETE", "/sandbox/messages")
    assert (await client.text(To="+447911123457", From="+441520000000", Body="Hi")).status == 201
    assert (await client.text(To=TO, From="+441520000000", Body="Hi")).status == 400


async def test_start_lifts_the_block(client: Client) -> None:
    await client.text(To=TO, From="+441520000000", Body="Hi")
    await reply(client, "sms", "STOP")
    await reply(client, "sms", "start")
    assert (await client.text(To=TO, From="+441520000000", Body="Hi")).status == 201


async def test_free_text_outside_the_window_is_taken_and_fails(client: Client) -> None:
    form = {"To": f"whatsapp:{TO}", "From": "whatsapp:+441520000000"}
    template = {**form, "ContentSid": "HX" + "0" * 32, "ContentVariables": '{"1":"Ada"}'}
    steps = [(form | {"Body": "Hi"}, "failed"), (template, "delivered")]
    for sent, status in steps:
        response = await client.text(**sent)
        assert (response.status, (await response.json())["error_code"]) == (201, None)
        assert (await client.messages(limit="1"))[0]["status"] == status
    await reply(client, "whatsapp", "hello")
    client.clock.advance(24 * 3_600_000)
    await client.text(**form, Body="inside")
    client.clock.advance(1)
    sid = (await (await client.text(**form, Body="outside")).json())["sid"]
    assert [m["status"] for m in await client.messages(limit="2")] == ["failed", "delivered"]
    one = await (await client.call("GET", f"{TWILIO}/{sid}.json", headers=BASIC)).json()
    assert (one["status"], one["error_code"], one["to"]) == ("failed", 63016, f"whatsapp:{TO}")


async def test_look_ups_by_both_ends_page_by_page(client: Client) -> None:
    for number in range(5):
        await client.text(To=TO, From="A", Body=f"{number}")
    await client.text(To=TO, From="B", Body="other sender")
    await client.text(To="+447911123457", From="A", Body="other person")
    await client.text(To=f"whatsapp:{TO}", From="whatsapp:+441520000000", Body="other channel")
    bodies: list[str] = []
    path: str | None = f"{TWILIO}.json?To=%2B447911123456&From=A&PageSize=2".removeprefix("/sandbox/twilio")
    pages = 0
    while path is not None:
        async with client.session.get(f"{client.url}/sandbox/twilio{path}", headers=BASIC) as response:
            page = await response.json()
        bodies += [one["body"] for one in page["messages"]]
        path, pages = page["next_page_uri"], pages + 1
    assert bodies == ["4", "3", "2", "1", "0"]
    assert pages == 3


@pytest.mark.parametrize("query", ["PageSize=0", "PageSize=x", "PageSize=1001", "Page=-1", "DateSent=2026-01-01", "PageSize=²"])
async def test_filters_it_cannot_follow_are_refused(client: Client, query: str) -> None:
    response = await client.call("GET", f"{TWILIO}.json?{query}", headers=BASIC)
    assert response.status == 400
    assert (await response.json())["message"]


async def test_unknown_messages_and_accounts_are_not_found(client: Client) -> None:
    for path in (f"{TWILIO}/SM{'0' * 32}.json", "/sandbox/twilio/2010-04-01/Accounts/nope/Messages.json"):
        response = await client.call("GET", path, headers=BASIC)
        assert (response.status, (await response.json())["code"]) == (404, 20404)


NAMES = st.sampled_from(
    ["To", "From", "Body", "MediaUrl", "ContentSid", "ContentVariables", "StatusCallback", "MessagingServiceSid", "Other"]
)


@settings(max_examples=examples(300))
@given(form=st.dictionaries(NAMES, st.text(max_size=30)), media=st.lists(st.text(max_size=10), max_size=12))
def test_a_check_never_raises(form: dict[str, str], media: list[str]) -> None:
    for more in ({}, {"To": TO, "From": "A", "Body": "x"}):
        wrong = check({**form, **more}, media)
        assert wrong is None or 20000 < wrong[0] < 64000


@settings(max_examples=examples(60))
@given(body=st.binary(max_size=120))
async def test_no_bytes_break_it(body: bytes) -> None:
    async with running() as client:
        headers = {**BASIC, "Content-Type": "application/x-www-form-urlencoded"}
        for raw in (body, b"To=%2B447911123456&From=A&StatusCallback=" + body, b"To=%2B447911123456&From=A&Body=" + body):
            response = await client.call("POST", f"{TWILIO}.json", data=raw, headers=headers)
            assert response.status in (201, 400), await response.text()
        for one in await client.messages():
            assert one["to"] == TO
