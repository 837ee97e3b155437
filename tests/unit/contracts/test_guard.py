from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.consent import ConsentStatement
from orchestrator.contracts.guard import ALL_CLEAR, Guard, GuardQuestion, GuardRefusal, GuardRule, decode_guard, encode_guard, last_check
from orchestrator.contracts.reason import Reason

ISSUE = GuardRule("open_service_issue", "hold", "open_service_issue", "case-1")
LEFT = ConsentStatement("email", "offers", "revoked", 5)
CLASSES = ("transactional", "service", "marketing")


def ask(**changes: Any) -> GuardQuestion:
    values: dict[str, Any] = {
        "channel": "email", "message_class": "marketing", "topic": "offers", "rules": ("open_service_issue",), "not_after": None,
        "quiet_from": None, "address_kind": None, "now": 1000,
    }  # fmt: skip
    return GuardQuestion(**{**values, **changes})


def reason(guard: Guard, **changes: Any) -> Reason | None:
    refusal = last_check(guard, ask(**changes))
    return None if refusal is None else refusal.reason


@pytest.mark.parametrize("message_class", CLASSES)
def test_all_clear_is_a_pass(message_class: str) -> None:
    assert last_check(ALL_CLEAR, ask(message_class=message_class)) is None


@pytest.mark.parametrize(
    ("guard", "changes", "expected", "stops_transactional"),
    [
        (Guard(erased=True), {}, Reason.ERASED, True),
        (Guard(do_not_contact="all"), {}, Reason.DO_NOT_CONTACT, True),
        (Guard(do_not_contact="marketing"), {}, Reason.DO_NOT_CONTACT, False),
        (ALL_CLEAR, {"address_kind": "dead"}, Reason.ADDRESS_SUPPRESSED, True),
        (ALL_CLEAR, {"address_kind": "complained"}, Reason.ADDRESS_SUPPRESSED, False),
        (Guard(stopped=("email",)), {}, Reason.CHANNEL_STOPPED, True),
        (Guard(no_marketing=True), {"message_class": "marketing"}, Reason.CHANNEL_STOPPED, False),
        (Guard(statements=(LEFT,)), {}, Reason.CONSENT_REVOKED, False),
        (Guard(rules=(ISSUE,)), {}, Reason.OPEN_SERVICE_ISSUE, False),
        (ALL_CLEAR, {"not_after": 999}, Reason.EXPIRED, True),
        (ALL_CLEAR, {"quiet_from": 1000}, Reason.QUIET_HOURS, False),
    ],
)
def test_each_line(guard: Guard, changes: dict[str, Any], expected: Reason, stops_transactional: bool) -> None:
    """Transactional meets erasure, do-not-contact `all`, a dead address, a stop and its written expiry; nothing else."""
    assert reason(guard, **changes) is expected
    assert reason(guard, **{**changes, "message_class": "transactional"}) is (expected if stops_transactional else None)


def test_the_first_line_speaks() -> None:
    lines: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"erased": True}, {}), ({"do_not_contact": "all"}, {}), ({}, {"address_kind": "dead"}), ({"stopped": ("email",)}, {}),
        ({"statements": (LEFT,)}, {}), ({"rules": (ISSUE,)}, {}), ({}, {"not_after": 0}), ({}, {"quiet_from": 0}),
    ]  # fmt: skip
    order = [
        Reason.ERASED, Reason.DO_NOT_CONTACT, Reason.ADDRESS_SUPPRESSED, Reason.CHANNEL_STOPPED, Reason.CONSENT_REVOKED,
        Reason.OPEN_SERVICE_ISSUE, Reason.EXPIRED, Reason.QUIET_HOURS,
    ]  # fmt: skip
    for first, expected in enumerate(order):
        facts: dict[str, Any] = {}
        changes: dict[str, Any] = {}
        for of_guard, of_question in lines[first:]:
            facts |= of_guard
            changes |= of_question
        assert reason(Guard(**facts), **changes) is expected


def test_only_rules_the_message_is_under_count() -> None:
    second = GuardRule("bereaved", "drop", "suppression_rule")
    guard = Guard(rules=(second, ISSUE))
    assert last_check(guard, ask()) == GuardRefusal(Reason.OPEN_SERVICE_ISSUE, hold=True, rule="open_service_issue", case="case-1")
    assert last_check(guard, ask(rules=())) is None
    assert last_check(guard, ask(rules=("open_service_issue", "bereaved"))) == GuardRefusal(Reason.SUPPRESSION_RULE, rule="bereaved")


def test_consent_and_stops_are_per_channel() -> None:
    assert reason(Guard(statements=(LEFT,)), channel="sms") is None
    assert reason(Guard(statements=(LEFT,)), topic="news") is None
    assert reason(Guard(statements=(ConsentStatement("*", "*", "revoked", 5),)), channel="sms") is Reason.CONSENT_REVOKED
    assert reason(Guard(stopped=("sms",))) is None


def test_instants_at_their_edge() -> None:
    assert reason(ALL_CLEAR, not_after=1000) is None
    assert reason(ALL_CLEAR, quiet_from=1001) is None


@given(
    st.builds(
        Guard, erased=st.booleans(), do_not_contact=st.sampled_from(["", "marketing", "all"]),
        stopped=st.lists(st.sampled_from(["email", "sms", "whatsapp"]), max_size=3).map(tuple),
        statements=st.lists(
            st.builds(ConsentStatement, st.text(), st.text(), st.sampled_from(["granted", "revoked", "pending"]), st.integers(0, 2**50)),
            max_size=3,
        ).map(tuple),
        rules=st.lists(st.builds(GuardRule, st.text(), st.sampled_from(["drop", "hold"]), st.text(), st.none() | st.text()), max_size=3).map(tuple),
    )
)  # fmt: skip
def test_a_guard_comes_back_as_it_was(guard: Guard) -> None:
    assert decode_guard(encode_guard(guard)) == guard


@given(st.binary(max_size=60))
def test_damaged_guards_are_refused_never_misread(value: bytes) -> None:
    try:
        guard = decode_guard(value)
    except msgspec.DecodeError:
        return
    assert isinstance(guard, Guard)


def test_facts_of_a_newer_program_are_passed_over() -> None:
    assert decode_guard(msgspec.msgpack.encode({"erased": True, "later": [1]})) == Guard(erased=True)
