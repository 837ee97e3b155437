"""Readers accept the version before theirs, and refuse a newer one with a sentence."""

import msgspec
import pytest

from orchestrator.contracts import message as message_module
from orchestrator.contracts.message import decode_message, encode_message
from orchestrator.contracts.receipt import VERSION as RECEIPT_VERSION
from orchestrator.contracts.receipt import decode_receipt

MESSAGE_1 = (
    b'{"v":1,"intent":"00000000000000000000000000000001","attempt":3,"partition":2,"customer":"ada","channel":"sms","lane":"bulk",'
    b'"class":"service","topic":"visits","to":"+447911123456","sender":{"address":"TARN"},"content":{"type":"text","body":"Hi","segments":1,'
    b'"encoding":"gsm7"},"journey":"visit_survey","version":"abc","key":"v1","step":"nudge","message":"visit_survey","locale":"en",'
    b'"rules":["open_service_issue"],"not_after":1772445600000,"committed_at":1772445500000,"caused_at":1772445500000}'
)
RECEIPT_1 = b'{"v":1,"id":"1:1:deferred","customer":"ada","status":"deferred","at":5,"channel":"sms","intent":"1","reason":"provider_down","retry_at":9}'


def test_a_message_of_version_1_is_read_as_it_was_meant() -> None:
    message = decode_message(MESSAGE_1)
    assert (message.attempt, message.failures) == (3, 2)
    assert decode_message(encode_message(message)) == message


def test_a_receipt_of_version_1_counts_as_a_try() -> None:
    assert decode_receipt(RECEIPT_1).tried


def test_a_newer_version_is_refused() -> None:
    newer = MESSAGE_1.replace(b'"v":1', b'"v":%d' % (message_module.WITH_OFFER + 1))
    with pytest.raises(ValueError, match="upgrade the sender first"):
        decode_message(newer)
    with pytest.raises(ValueError, match="upgrade the orchestrator first"):
        decode_receipt(RECEIPT_1.replace(b'"v":1', b'"v":%d' % (RECEIPT_VERSION + 1)))


def test_fields_of_a_newer_program_are_ignored() -> None:
    raw = msgspec.json.decode(MESSAGE_1)
    assert decode_message(msgspec.json.encode({**raw, "v": message_module.VERSION, "colour": "red"})).customer == "ada"
