"""Providers' records, as they come over the wire: what is proof, what is none, and that no bytes can hurt."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.message import TemplateContent, TextContent
from tests.unit.workers.stub_provider import message
from workers.email.sendgrid_records import query_of, sendgrid_records
from workers.records import Absent, CannotTell, Finding, Found, Inquiry, Sought
from workers.sms.twilio_records import is_it, twilio_records
from workers.sms.twilio_request import TwilioAccount
from workers.transport import Answer, Request

SINCE = 1_772_445_600_000
DURING, BEFORE = "Mon, 02 Mar 2026 10:00:05 +0000", "Mon, 02 Mar 2026 09:00:00 +0000"
ACCOUNT = TwilioAccount(base_url="https://t", account_sid="AC1", auth_token="x", callback_url="")
HOME = "/2010-04-01/Accounts/AC1/Messages.json"


def asked(inquiry: Inquiry, answer: Callable[[Request], Answer], most: int = 60) -> tuple[Finding, int]:
    """The finding, and how many requests it took."""
    try:
        request = next(inquiry)
        for number in range(1, most + 1):
            try:
                request = inquiry.send(answer(request))
            except StopIteration as end:
                return end.value, number
    except StopIteration as end:
        return end.value, 0
    raise AssertionError("it asks for ever")


def pages(*found: list[dict[str, object]]) -> Callable[[Request], Answer]:
    left = list(found)

    def answer(_request: Request) -> Answer:
        messages = left.pop(0)
        return Answer(200, {}, msgspec.json.encode({"messages": messages, "next_page_uri": f"{HOME}?Page=1" if left else None}))

    return answer


def text(sid: str = "SM1", body: str = "hello", date: str = DURING, **more: object) -> dict[str, object]:
    return {"sid": sid, "body": body, "date_created": date, "direction": "outbound-api", "from": "TARN", **more}


SOUGHT = Sought(message(1), SINCE, SINCE + 60_000, {"SM9"})


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        ([text()], Found("SM1")),
        ([text(body=" hello\n")], Found("SM1")),
        ([text(body="Sent from your Twilio trial account - hello")], Found("SM1")),
        ([text(body="another")], Absent()),
        ([text("SM9")], Absent()),
        ([text(date=BEFORE)], Absent()),
        ([text(direction="inbound")], Absent()),
        ([text(**{"from": "OTHER"})], Absent()),
        ([text(body="")], CannotTell("records: messages that cannot be compared")),
        ([text(date="some day")], CannotTell("records: messages that cannot be compared")),
        ([], Absent()),
    ],
)
def test_what_in_twilios_list_is_the_message(found: list[dict[str, object]], finding: Finding) -> None:
    assert asked(twilio_records(SOUGHT, ACCOUNT), pages(found)) == (finding, 1)


def test_older_pages_are_read_until_the_try_began() -> None:
    assert asked(twilio_records(SOUGHT, ACCOUNT), pages([text("SM2", "b")], [text()], [text("SM3", date=BEFORE)])) == (Found("SM1"), 3)
    full = [[text(f"SM{n}", "b")] for n in range(20)]
    finding, requests = asked(twilio_records(SOUGHT, ACCOUNT), pages(*full))
    assert isinstance(finding, CannotTell)
    assert requests == 5


def test_a_next_page_at_another_address_is_not_followed() -> None:
    body = msgspec.json.encode({"messages": [], "next_page_uri": "@evil.example/steal"})
    finding, requests = asked(twilio_records(SOUGHT, ACCOUNT), lambda _request: Answer(200, {}, body))
    assert isinstance(finding, CannotTell)
    assert requests == 1


@pytest.mark.parametrize(
    ("body", "content", "same"),
    [
        ("It’s  “done”…", TextContent(body='It\'s "done"...', segments=1), True),
        ("Hi Ada, order A1", TemplateContent(content_sid="HX1", variables={"1": "Ada", "2": "A1"}, preview="p"), True),
        ("Hi Bob, order A1", TemplateContent(content_sid="HX1", variables={"1": "Ada", "2": "A1"}, preview="p"), False),
        ("anything", TemplateContent(content_sid="HX1", variables={}, preview="p"), None),
    ],
)
def test_texts_are_compared_as_twilio_shows_them(body: str, content: TextContent | TemplateContent, same: bool | None) -> None:
    assert is_it(body, msgspec.structs.replace(message(1), content=content)) is same


@pytest.mark.parametrize(("status", "lasting"), [(401, True), (403, True), (404, True), (429, False), (500, False)])
def test_records_that_are_refused(status: int, lasting: bool) -> None:
    for inquiry in (twilio_records(SOUGHT, ACCOUNT), sendgrid_records(SOUGHT, "https://s", "k")):
        finding, _requests = asked(inquiry, lambda _request: Answer(status, {"retry-after": "7"}, b"{}"))
        assert isinstance(finding, CannotTell)
        assert finding.lasting is lasting
        assert finding.retry_after == (7_000 if status == 429 else None)


def logs(details: dict[str, object], number: int = 1) -> Callable[[Request], Answer]:
    rows = {"messages": [{"sg_message_id": f"id{n}.0"} for n in range(number)]}
    return lambda request: Answer(200, {}, msgspec.json.encode(rows if request.method == "POST" else details))


@pytest.mark.parametrize(
    ("details", "finding"),
    [
        ({"custom_args": {"intent": message(1).intent}}, Found("id0")),
        ({"events": [{"custom_args": {"intent": message(1).intent}}]}, Found("id0")),
        ({"custom_args": {"intent": "f" * 32}}, Absent()),
        ({}, CannotTell("records: messages that cannot be compared")),
    ],
)
def test_what_in_sendgrids_logs_is_the_message(details: dict[str, object], finding: Finding) -> None:
    assert asked(sendgrid_records(SOUGHT, "https://s", "k"), logs(details)) == (finding, 2)


def test_more_mails_than_are_looked_at_prove_nothing() -> None:
    finding, requests = asked(sendgrid_records(SOUGHT, "https://s", "k"), logs({"custom_args": {"intent": "f" * 32}}, 30))
    assert isinstance(finding, CannotTell)
    assert requests == 31


def test_an_address_is_quoted_or_not_asked_for() -> None:
    assert query_of("o'neil@example.com", SINCE) == (
        'to_email = "o\'neil@example.com" AND sg_message_id_created_at >= TIMESTAMP "2026-03-02T10:00:00Z"'
    )
    assert query_of("'\"@example.com", SINCE) is None
    assert query_of("a\n@example.com", SINCE) is None


bodies = st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["messages", "next_page_uri", "sid", "body", "date_created", "direction", "sg_message_id", "events", "custom_args"]), inner, max_size=5),
    max_leaves=12,
).map(msgspec.json.encode)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from([200, 200, 200, 404, 429, 500]), bodies), min_size=1, max_size=8))
def test_any_answer_is_a_finding(answers: list[tuple[int, bytes]]) -> None:
    for inquiry in (twilio_records(SOUGHT, ACCOUNT), sendgrid_records(SOUGHT, "https://s", "k")):
        left = list(answers)

        def answer(_request: Request, left: list[tuple[int, bytes]] = left) -> Answer:
            status, body = left.pop(0) if left else (500, b"")
            return Answer(status, {}, body)

        finding, _requests = asked(inquiry, answer)
        assert isinstance(finding, Found | Absent | CannotTell)
