"""Runs of an anonymous profile go on under the user, who may have been in the same journey before: what they do is their own."""

import json

import msgspec
import pytest

from orchestrator.contracts.call import CallAnswer, OutboundCall, decode_call, encode_answer
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS, OUTBOUND_CALLS
from orchestrator.engine.batch import Outcome
from tests.one_journey import CONCIERGE, play, workspace
from tests.worlds import HOUR, T0, Engine

LATER = """journey: try_it
class: service
entry: {event: Basket Changed, reentry: {on_repeat: ignore}}
steps:
  - {id: first, delay: 2h}
  - {id: mail, send: hello, channels: [email]}
  - {id: second, delay: 2h}
  - {id: again, send: hello, CHANNELS}
"""
BASKET = "event: Basket Changed, with: {basket: b1}"


BOUGHT = {"type": "track", "event": "Basket Changed", "properties": {"basket": "b1"}}


def together(engine: Engine, at: int) -> Outcome:
    """`ada` is who `x1` was: what the last step of the merge brings about."""
    outcome = engine.apply([engine.record("ada", at, json.dumps({"type": "identify", "userId": "ada", "anonymousId": "x1"}).encode())])
    for step in (1, 2):
        commands = [one for one in outcome.records if one.topic == CUSTOMER_EVENTS and one.key]
        outcome = engine.apply([engine.record((one.key or b"").decode(), at + step, one.value) for one in commands])
    return outcome


@pytest.mark.parametrize("channels", ["channels: [email]", "channels: [email, sms], choose: all"])
def test_a_run_that_comes_over_sends_what_an_earlier_run_of_the_user_has_sent(channels: str) -> None:
    test = (
        f"when: [{{at: 0h, {BASKET}}}, {{at: 10h, anonymous: x1, {BASKET}}}, {{at: 11h, identify: customer, anonymous: x1}}]\n"
        "then: {includes: {sends: [{at: 2h, step: mail}, {at: 4h, step: again}, {at: 12h, step: mail}, {at: 14h, step: again}]}, "
        f"counts: {{sends: {6 if 'all' in channels else 4}, skips: 0}}}}"
    )
    assert play(LATER.replace("CHANNELS", channels), test) == []


def test_of_two_that_meet_the_one_that_goes_on_sends_what_an_earlier_run_of_the_user_has_sent() -> None:
    """The user's second run stands before the first message, the other's first behind it."""
    test = (
        f"when: [{{at: 0h, {BASKET}}}, {{at: 10h, anonymous: x1, with: {{basket: b1}}, event: Basket Changed}}, {{at: 13h, {BASKET}}}, "
        "{at: 13h, identify: customer, anonymous: x1}]\n"
        "then: {includes: {sends: [{at: 2h, step: mail}, {at: 4h, step: again}, {at: 14h, step: again}], ends: [{at: 13h, how: merged}]}, skips: [{at: 12h, reason: address_missing}], counts: {sends: 3}}"
    )  # fmt: skip
    assert play(LATER.replace("CHANNELS", "channels: [email]"), test) == []


LOOP = """journey: try_it
class: service
entry: {event: Basket Changed}
steps:
  - {id: first, delay: 1h}
  - {id: mail, send: hello, channels: [email, sms], choose: all}
  - {id: rest, delay: 5m}
  - {jump: first, max: 2}
"""
HELD = "topics: {news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}}\nsuppression: [{rule: gold, when: customer.tier == 'gold', classes: [service], then: hold}]\n"


def test_what_the_other_has_sent_on_all_channels_is_dropped_channel_by_channel() -> None:
    engine = Engine(workspace({"try_it": LOOP}, policies=HELD))
    engine.apply([engine.identify("ada", T0, email="a@example.com", phone="+447911123456", tier="gold")])
    for fields in ({"type": "identify", "traits": {"email": "a@example.com", "phone": "+447911123456"}}, BOUGHT):
        engine.apply([engine.record("x1", T0, json.dumps({"anonymousId": "x1", **fields}).encode())])
    engine.apply([engine.event("ada", T0 + 1, "Basket Changed", basket="b1")])
    engine.apply([], until=T0 + HOUR + 10 * 60_000)  # the other has sent and gone back to the beginning
    merged = together(engine, T0 + HOUR + 10 * 60_000 + 1)
    assert [end.how for end in merged.endings] == ["merged"]
    assert [one for one in merged.counts if one[0] == "engine_errors"] == []
    assert [(one.step, one.reason, one.channel) for one in merged.decisions] == [
        ("mail", "already_sent", "email"),
        ("mail", "already_sent", "sms"),
    ]


CALLING = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket, reentry: {on_repeat: parallel}}
steps:
  - {id: score, webhook: {url: "https://api.example.com/score", save: {risk: response.body.risk}}}
  - {id: told, emit: {event: Pong, properties: {n: steps.score.response.risk}}}
"""


def calls(outcome: Outcome) -> list[OutboundCall]:
    return [decode_call(one.value) for one in outcome.records if one.topic == OUTBOUND_CALLS]


def answer(engine: Engine, call: OutboundCall, at: int, risk: int) -> Outcome:
    value = CallAnswer(
        id=call.id, customer="ada", journey=call.journey, key=call.key, number=call.number, step=call.step, visit=call.visit,
        ok=True, status=200, body=msgspec.Raw(json.dumps({"risk": risk}).encode()), attempts=1, at=at,
    )  # fmt: skip
    return engine.apply([engine.record("ada", at, encode_answer(value), DELIVERY_RECEIPTS)])


@pytest.mark.parametrize("theirs_first", [False, True])
def test_each_run_gets_the_answer_of_its_own_call(theirs_first: bool) -> None:
    engine = Engine(
        workspace(
            {"try_it": CALLING.replace("n: steps.score.response.risk", 'n: "{{ steps.score.response.risk }}"')},
            concierge=CONCIERGE + "webhooks: {hosts: [api.example.com]}\n",
        )
    )
    engine.apply([engine.identify("ada", T0, email="a@example.com")])
    [mine] = calls(engine.apply([engine.event("ada", T0 + 1, "Basket Changed", basket="b1")]))
    [theirs] = calls(engine.apply([engine.record("x1", T0 + 2, json.dumps({"anonymousId": "x1", **BOUGHT}).encode())]))
    together(engine, T0 + 3)
    assert [(run.number, run.state) for run in engine.customers["ada"].runs] == [(1, "call"), (2, "call")]
    both = [(theirs, 2), (mine, 1)] if theirs_first else [(mine, 1), (theirs, 2)]
    for n, (call, risk) in enumerate(both):
        outcome = answer(engine, call, T0 + HOUR + n, risk)
        assert [(end.number, end.how) for end in outcome.endings] == [(risk, "end")]
