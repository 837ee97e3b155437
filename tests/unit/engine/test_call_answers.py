"""Answers of calls among the engine's inputs: beside receipts, in the order of the log."""

import msgspec

from orchestrator.contracts.call import CallAnswer, decode_answer, encode_answer
from orchestrator.contracts.command import Handover, encode_command
from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.engine.customer_turns import _order
from orchestrator.engine.decode import decode_record
from orchestrator.engine.inputs import CallInput, InputRecord, ReceiptInput
from orchestrator.rebuild.claims_from_log import ClaimsFromLog
from orchestrator.rebuild.rebuild import _learn
from orchestrator.workspace.workspace import Workspace
from tests.worlds import T0, Engine

ANSWER = CallAnswer(
    id="1", customer="ada", journey="j", step="score", ok=True, status=200, body=msgspec.Raw(b'{"risk":1}'), attempts=1, at=T0
)
FAILED = msgspec.structs.replace(ANSWER, ok=False, why="timeout", status=None, body=None)
RECEIPT = Receipt(id="r", customer="ada", status="delivered", at=T0, channel="sms")


def record(value: bytes, key: bytes = b"ada") -> InputRecord:
    return InputRecord(DELIVERY_RECEIPTS, 0, 1, T0, key, value)


def test_each_is_read_as_what_it_is(example: Workspace) -> None:
    found = decode_record(record(encode_answer(ANSWER)), example)
    assert isinstance(found, CallInput)
    assert found.answer == ANSWER
    assert isinstance(decode_record(record(encode_receipt(RECEIPT)), example), ReceiptInput)


def test_what_cannot_be_read_is_kept_whole(example: Workspace) -> None:
    newer = encode_answer(msgspec.structs.replace(ANSWER, v=99))
    for value, reason in ((newer, DeadLetterReason.BAD_SHAPE), (encode_answer(ANSWER)[:-5], DeadLetterReason.NOT_JSON)):
        found = decode_record(record(value), example)
        assert isinstance(found, DeadLetter)
        assert (found.reason, found.value) == (reason, value)


def test_answers_that_nobody_waits_for_are_counted_and_cost_nothing(example: Workspace) -> None:
    engine = Engine(example)
    records = [engine.record("ada", T0 + n, encode_answer(one), DELIVERY_RECEIPTS) for n, one in enumerate((ANSWER, FAILED, ANSWER))]
    outcome = engine.apply([engine.identify("ada", T0, email="ada@example.com"), *records])
    assert outcome.counts["calls_answered", "unasked"] == 3
    assert not outcome.dead_letters


def test_at_one_instant_events_come_first(example: Workspace) -> None:
    """As with receipts: offsets of two topics say nothing of each other."""
    engine = Engine(example)
    answer, receipt = (engine.record("ada", T0, value, DELIVERY_RECEIPTS) for value in (encode_answer(ANSWER), encode_receipt(RECEIPT)))
    decoded = [decode_record(one, example) for one in (answer, receipt, engine.identify("ada", T0, email="ada@example.com"))]
    inputs = [one for one in decoded if not isinstance(one, DeadLetter)]
    assert [type(one).__name__ for one in sorted(inputs, key=_order)] == ["EventInput", "CallInput", "ReceiptInput"]


def test_an_answer_for_an_absorbed_id_follows_the_person(example: Workspace) -> None:
    engine = Engine(example)
    wish = Handover(anonymous="anon", user="ada", id="anon>ada", at=T0 + 1)
    engine.apply(
        [engine.record("anon", T0, b'{"type":"track","anonymousId":"anon","event":"Product Viewed","properties":{"product":"x"}}')]
    )
    engine.apply([engine.record("anon", T0 + 1, encode_command(wish))])
    outcome = engine.apply(
        [engine.record("anon", T0 + 2, encode_answer(msgspec.structs.replace(ANSWER, customer="anon")), DELIVERY_RECEIPTS)]
    )
    (sent,) = [one for one in outcome.records if one.topic == DELIVERY_RECEIPTS]
    assert (sent.key, decode_answer(sent.value)) == (b"ada", ANSWER)


def test_a_rebuild_makes_no_claim_of_an_answer() -> None:
    claims = ClaimsFromLog()
    _learn(claims, record(encode_answer(ANSWER)))
    assert claims.claims({}, T0) == []
