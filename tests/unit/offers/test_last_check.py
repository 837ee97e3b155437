"""The sender's last check asks about the offer too: the message goes, with it or without."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.consent import ConsentStatement
from orchestrator.contracts.guard import Guard, GuardRule, OfferQuestion, last_check, last_check_of_offer
from orchestrator.contracts.message import VERSION, WITH_OFFER, LeftOut, decode_message, encode_message
from orchestrator.contracts.topics import MessageClass
from orchestrator.journey_tests.provider import Providers
from tests.contract.stores import question
from tests.unit.offers.test_cap import carried, report, shown, started
from tests.worlds import HOUR, T0

CASE = GuardRule("open_service_issue", "hold", "open_service_issue", "c1")
LEFT_OUT = LeftOut(reason="open_service_issue", rule="open_service_issue", case="c1")
OFFERED = OfferQuestion("news", ("open_service_issue",))


@pytest.mark.parametrize(
    ("guard", "reason"),
    [
        (Guard(), None),
        (Guard(rules=(CASE,)), "open_service_issue"),
        (Guard(rules=(GuardRule("other", "drop", "suppression_rule"),)), None),
        (Guard(do_not_contact="marketing"), "do_not_contact"),
        (Guard(statements=(ConsentStatement("email", "news", "revoked", 5),)), "consent_revoked"),
        (Guard(statements=(ConsentStatement("email", "visits", "revoked", 5),)), None),
        (Guard(statements=(ConsentStatement("sms", "news", "revoked", 5),)), None),
        (Guard(no_marketing=True), "channel_stopped"),
    ],
)
def test_it_is_asked_as_marketing_of_its_topic(guard: Guard, reason: str | None) -> None:
    asked = question(message_class="transactional", topic="orders", rules=(), offer=OFFERED, quiet_from=0, not_after=5000)
    assert last_check(guard, asked) is None
    found = last_check_of_offer(guard, asked)
    assert (found and found.reason.value) == reason
    assert last_check_of_offer(guard, question(message_class="transactional")) is None, "there is none"


guards = st.builds(
    Guard, erased=st.booleans(), do_not_contact=st.sampled_from(["", "marketing", "all"]), stopped=st.sampled_from([(), ("email",)]), no_marketing=st.booleans(),
    rules=st.sampled_from([(), (CASE,)]), statements=st.sampled_from([(), (ConsentStatement("*", "news", "revoked", 5),)]),
)  # fmt: skip


@given(guards, st.sampled_from(["transactional", "service", "marketing"]), st.sampled_from([None, 500, 2000]), st.sampled_from([None, 500]))
def test_it_never_changes_what_becomes_of_its_message(
    guard: Guard, kind: MessageClass, not_after: int | None, quiet_from: int | None
) -> None:
    asked = question(message_class=kind, topic="visits", not_after=not_after, quiet_from=quiet_from)
    assert last_check(
        guard, question(message_class=kind, topic="visits", not_after=not_after, quiet_from=quiet_from, offer=OFFERED)
    ) == last_check(guard, asked)
    # and what would stop a marketing message of its topic stops the offer
    alone = last_check(guard, question(message_class="marketing", topic="news", rules=("open_service_issue",)))
    assert (
        last_check_of_offer(guard, question(message_class=kind, topic="visits", offer=OFFERED, not_after=not_after, quiet_from=quiet_from))
        == alone
    )


def test_the_message_has_both_texts_and_says_so_in_its_version() -> None:
    engine = started()
    engine.apply([engine.event("ada", T0, "Ping"), engine.event("ada", T0 + 1, "Ping")])
    with_it, without = engine.messages
    assert (with_it.v, without.v) == (WITH_OFFER, VERSION)
    assert with_it.offer is not None
    assert without.offer is None
    assert (with_it.offer.topic, with_it.offer.rules) == ("news", ("open_service_issue",))
    assert with_it.offer.without == without.content
    assert decode_message(encode_message(with_it)) == with_it
    assert b"offer" not in encode_message(without)


def test_the_sender_sends_the_other_text() -> None:
    engine = started()
    engine.apply([engine.event("ada", T0, "Ping")])
    (message,) = engine.messages
    providers = Providers(guards={"ada": msgspec.msgpack.encode(Guard(rules=(CASE,)))})
    sent, receipts = providers.answer(message, T0, "h")
    assert sent is not None
    assert message.offer is not None
    assert sent.content == message.offer.without
    assert sent.intent == message.intent
    assert [(r.status, r.offer and (r.offer.reason, r.offer.case)) for r in receipts] == [
        ("accepted", ("open_service_issue", "c1")), ("delivered", ("open_service_issue", "c1")),
    ]  # fmt: skip


def test_what_the_last_check_kept_back_does_not_count_and_is_noted_once() -> None:
    engine = started()
    engine.apply([engine.event("ada", T0, "Ping")])
    (message,) = engine.messages
    report(engine, T0 + 1000, "accepted", offer=LEFT_OUT)
    report(engine, T0 + 2000, "delivered", offer=LEFT_OUT)
    assert shown(engine) == {}
    notes = [d for d in engine.customers["ada"].decisions() if d.effect == "i"]
    assert [(d.part, d.reason.value, d.case, d.checked_at, d.values, d.intent) for d in notes] == [
        ("offer", "open_service_issue", "c1", "sender", {"offer": "twice"}, message.intent)
    ]
    engine.apply([engine.event("ada", T0 + HOUR, "Ping")])
    assert carried(engine) == ["twice", "twice"]


def test_a_receipt_of_another_message_changes_nothing() -> None:
    engine = started()
    engine.apply([engine.event("ada", T0, "Ping"), engine.event("ada", T0 + 1, "Ping")])
    report(engine, T0 + 1000, "accepted", 1, offer=LEFT_OUT)
    assert shown(engine) == {"twice": [T0]}
