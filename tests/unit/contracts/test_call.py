"""Calls and their answers cross the log whole, and an answer is never taken for a receipt, nor a receipt for an answer."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.call import (
    VERSION,
    CallAnswer,
    OutboundCall,
    Why,
    decode_answer,
    decode_call,
    encode_answer,
    encode_call,
    is_answer,
)
from orchestrator.contracts.receipt import Receipt, decode_receipt, encode_receipt

CALL = OutboundCall(
    id="0" * 32, customer="ada", journey="churn", key="k", number=2, step="score", visit=3, method="PUT", url="https://api.example.com/x",
    headers={"X-A": "b"}, body=msgspec.Raw(b'{"plan":"fibre"}'), secret="crm_token", timeout=3000, retries=2, at=5,
)  # fmt: skip
ANSWER = CallAnswer(
    id="0" * 32, customer="ada", journey="churn", step="score", ok=True, status=200, headers={"etag": "1"}, body=msgspec.Raw(b'{"risk": 0.5}'),
    attempts=2, at=9,
)  # fmt: skip


def test_they_come_back_as_they_were() -> None:
    assert decode_call(encode_call(CALL)) == CALL
    assert decode_answer(encode_answer(ANSWER)) == ANSWER
    bare = msgspec.structs.replace(CALL, body=None, secret=None)
    assert decode_call(encode_call(bare)) == bare
    assert b"body" not in encode_call(bare)
    assert decode_call(encode_call(msgspec.structs.replace(CALL, body=msgspec.Raw(b"null")))).body == msgspec.Raw(b"null"), (
        "null is a body too"
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_a_body(value: object) -> None:
    body = msgspec.Raw(msgspec.json.encode(value))
    for back in (
        decode_call(encode_call(msgspec.structs.replace(CALL, body=body))).body,
        decode_answer(encode_answer(msgspec.structs.replace(ANSWER, body=body))).body,
    ):
        assert back is not None
        assert msgspec.json.decode(back) == value


@given(st.builds(
    Receipt, id=st.text(), customer=st.text(), status=st.just("replied"), at=st.integers(0, 2**50), channel=st.just("sms"),
    text=st.text() | st.sampled_from(['"call_answer"', '","type":"call_answer"', "call_answer"]), reason=st.none() | st.just("call_answer"),
))  # fmt: skip
def test_no_receipt_is_taken_for_an_answer(receipt: Receipt) -> None:
    assert not is_answer(encode_receipt(receipt))


def test_no_answer_is_taken_for_a_receipt() -> None:
    value = encode_answer(ANSWER)
    assert is_answer(value)
    with pytest.raises(msgspec.ValidationError):
        decode_receipt(value)
    shuffled = msgspec.json.encode(dict(sorted(msgspec.json.decode(value).items(), reverse=True)))
    assert is_answer(shuffled), "wherever the field stands"
    assert not is_answer(value.replace(b'"type":"call_answer",', b""))


def test_a_newer_version_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="upgrade the workers first"):
        decode_call(encode_call(msgspec.structs.replace(CALL, v=VERSION + 1)))
    with pytest.raises(ValueError, match="upgrade the orchestrator first"):
        decode_answer(encode_answer(msgspec.structs.replace(ANSWER, v=VERSION + 1)))


def test_why_is_a_closed_list() -> None:
    raw = msgspec.json.decode(encode_answer(ANSWER))
    for why in get_args(Why):
        assert decode_answer(msgspec.json.encode({**raw, "why": why})).why == why
    with pytest.raises(msgspec.ValidationError):
        decode_answer(msgspec.json.encode({**raw, "why": "because"}))
