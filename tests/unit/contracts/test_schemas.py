"""The schemas say what the readers take: what is written passes, what the readers refuse does not."""

import json

import msgspec
import pytest
from jsonschema import Draft202012Validator

from orchestrator.contracts.call import CallAnswer, OutboundCall, encode_answer, encode_call
from orchestrator.contracts.command import Erase, encode_command
from orchestrator.contracts.decision import Decision, encode_decision
from orchestrator.contracts.event import decode_event
from orchestrator.contracts.message import EmailContent, OutboundMessage, SenderAddress, encode_message
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.schemas import CONTRACTS, contract_schema

MESSAGE = OutboundMessage(
    intent="0" * 32, partition=1, customer="ada", channel="email", lane="bulk", message_class="service", to="a@example.com",
    sender=SenderAddress(address="b@example.com"), content=EmailContent(subject="s", html="<p>h</p>", text="t"), journey="j", step="s", message="m",
)  # fmt: skip
WRITTEN = {
    "event": b'{"type":"track","event":"Visit Completed","userId":"ada","properties":{"visit_id":"v1"},"integrations":{}}',
    "command": encode_command(Erase(customer="ada", id="1", at=1)),
    "outbound": encode_message(MESSAGE),
    "receipt": encode_receipt(Receipt(id="1", customer="ada", status="delivered", at=1, channel="sms")),
    "call": encode_call(
        OutboundCall(id="1", customer="ada", journey="j", step="s", url="https://a.example", body=msgspec.Raw(b'{"a":[1]}'), at=1)
    ),
    "call_answer": encode_answer(CallAnswer(id="1", customer="ada", journey="j", step="s", ok=True, status=200, attempts=1, at=1)),
    "decision": encode_decision(Decision(reason=Reason.ALLOWED, effect="S", at=1, customer="ada")),
}
WRONG = {
    "event": b'{"type":"tracks","event":"Visit Completed"}',
    "command": b'{"type":"concierge.erase","customer":"ada"}',
    "outbound": b'{"intent":1}',
    "receipt": b'{"id":"1","customer":"ada","status":"gone","at":1,"channel":"sms"}',
    "call": b'{"id":"1","customer":"ada","journey":"j","step":"s","url":"https://a.example","method":"TRACE","at":1}',
    "call_answer": b'{"id":"1","customer":"ada","journey":"j","step":"s","ok":true,"attempts":1,"at":1}',
    "decision": b'{"reason":"no such","effect":"S","at":1,"customer":"ada"}',
}


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_schema_takes_what_is_written_and_refuses_what_is_wrong(kind: str) -> None:
    schema = contract_schema(kind)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    validator.validate(json.loads(WRITTEN[kind]))
    assert list(validator.iter_errors(json.loads(WRONG[kind])))


def test_fields_readers_do_not_know_are_ignored_but_kept_inside_properties() -> None:
    event = decode_event(b'{"type":"track","event":"E","userId":"a","newer":1,"properties":{"any":{"thing":[1]}}}')
    assert event.properties == {"any": {"thing": [1]}}
    with pytest.raises(msgspec.ValidationError):
        decode_event(WRONG["event"])
