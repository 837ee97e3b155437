import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.link_token import LinkToken, Signer
from orchestrator.gateway.keywords import keyword_of
from orchestrator.gateway.twilio_webhook import split_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("STOP", "stop"), ("stop.", "stop"), (" Stop! ", "stop"), ("Please stop texting me", "stop"), ("don't text me again", "stop"), ("unsubscribe me please", "stop"),
        ("take me off your list", "stop"), ("Stop all messages", "stop"), ("opt-out", "stop"), ("I want to opt out", "stop"), ("Bitte keine Nachrichten mehr", "stop"),
        ("Abmelden", "stop"), ("lass mich in Ruhe", "stop"), ("START", "start"), ("unstop", "start"), ("HELP", "help"), ("Hilfe", "help"),
        ("I am waiting at the bus stop", None), ("Can you stop by tomorrow?", None), ("the end is near", None), ("yes", None), ("", None), ("Don't stop believing", None), ("cancel my appointment on Monday", None),
    ],
)  # fmt: skip
def test_what_people_say(text: str, expected: str | None) -> None:
    assert keyword_of(text) == expected


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    assert keyword_of(text) in (None, "stop", "start", "help")


@given(st.text(min_size=1, max_size=40), st.sampled_from(["email", "sms", "whatsapp"]), st.text(max_size=20))
def test_tokens_come_back_with_either_key(customer: str, channel: str, topic: str) -> None:
    token = LinkToken(customer, channel, topic)  # type: ignore[arg-type]  # one of the channels
    old, new = Signer(b"o" * 32), Signer(b"n" * 32, b"o" * 32)
    assert new.read(old.write(token)) == token
    assert old.read(new.write(token)) is None


@given(st.text(max_size=100))
def test_a_token_cannot_be_guessed(text: str) -> None:
    assert Signer(b"k" * 32).read(text) is None


def test_addresses() -> None:
    assert split_address("whatsapp:+44") == ("whatsapp", "+44")
    assert split_address("+44") == ("sms", "+44")
