"""Webhooks: repeats have the same id, machines are not people, and no bytes can hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.gateway import sendgrid_webhook, twilio_webhook

EVENT: dict[str, object] = {
    "event": "open",
    "timestamp": 1_772_445_600,
    "email": "a@b.cc",
    "sg_message_id": "abc.1",
    "sg_event_id": "1",
    "intent": "ab" * 16,
}


def test_a_repeat_with_a_new_event_id_has_the_same_id() -> None:
    (first,), (again,) = sendgrid_webhook.receipts_of(EVENT, "ada"), sendgrid_webhook.receipts_of({**EVENT, "sg_event_id": "2"}, "ada")
    (other,) = sendgrid_webhook.receipts_of({**EVENT, "timestamp": 1_772_445_601}, "ada")
    assert first.id == again.id != other.id


@pytest.mark.parametrize(
    ("event", "status", "dead", "human"),
    [
        ({"event": "open", "sg_machine_open": True}, "opened", False, False), ({"event": "bounce", "type": "bounce"}, "bounced", True, True),
        ({"event": "bounce", "type": "blocked"}, "failed", False, True), ({"event": "dropped", "reason": "Bounced Address"}, "failed", True, True),
        ({"event": "dropped", "reason": "Spam Content"}, "failed", False, True), ({"event": "spamreport"}, "complained", False, True),
    ],
)  # fmt: skip
def test_what_sendgrid_says(event: dict[str, object], status: str, dead: bool, human: bool) -> None:
    (receipt,) = sendgrid_webhook.receipts_of({**EVENT, **event}, "ada")
    assert (receipt.status, receipt.address_dead, receipt.human) == (status, dead, human)


@pytest.mark.parametrize(
    ("form", "status", "dead", "reason"),
    [
        ({"MessageStatus": "delivered"}, "delivered", False, None), ({"MessageStatus": "undelivered", "ErrorCode": "30005"}, "bounced", True, None),
        ({"MessageStatus": "undelivered", "ErrorCode": "30007"}, "bounced", False, "provider_withheld"), ({"MessageStatus": "failed", "ErrorCode": "63016"}, "failed", False, "whatsapp_window_closed"),
    ],
)  # fmt: skip
def test_what_twilio_says(form: dict[str, str], status: str, dead: bool, reason: str | None) -> None:
    receipt = twilio_webhook.status_receipt({"MessageSid": "SM1", "To": "whatsapp:+44", **form}, "ab", "ada", 5)
    assert receipt is not None
    assert (receipt.status, receipt.address_dead, receipt.reason, receipt.channel) == (status, dead, reason, "whatsapp")
    assert twilio_webhook.status_receipt({"MessageSid": "SM1", "MessageStatus": "queued"}, "ab", "ada", 5) is None


keys = st.sampled_from(["event", "timestamp", "email", "sg_message_id", "intent", "reason", "type", "url", "status", "sg_machine_open"])
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.lists(st.text(max_size=3), max_size=2)
    | st.sampled_from(["open", "bounce", "delivered"])
)


@given(st.dictionaries(keys, values, max_size=10))
def test_any_event_is_receipts_or_nothing(event: dict[str, object]) -> None:
    assert all(receipt.customer == "ada" for receipt in sendgrid_webhook.receipts_of(event, "ada"))


@given(st.binary(max_size=200), st.text(max_size=20), st.text(max_size=40))
def test_any_body_is_unsigned(body: bytes, signature: str, url: str) -> None:
    assert not sendgrid_webhook.is_signed(body, signature, "1", [])
    try:
        form = twilio_webhook.read_form(body)
    except (ValueError, UnicodeDecodeError):
        return
    assert not twilio_webhook.is_signed(url, form, signature, ["token"])
