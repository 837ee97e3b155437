"""`fallback`: what ends it, what is known of it, what it counts as."""

import pytest

from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.engine.commit_message import KEPT
from tests.one_journey import POLICIES, play, workspace
from tests.unit.profiles.test_time_and_merges import body, linked, passed_on
from tests.unit.steps.fallen import BASKET, EXPIRED, HEAD, HOLDING, UNSEEN, fail, journey, receipt, told, when
from tests.worlds import HOUR, T0, Engine

ENDED = "then: {sends: [{channel: email}], ends: [{at: 1h, how: %s}]}"


@pytest.mark.parametrize(
    ("head", "how"),
    [
        (HEAD + "goal: {event: Order Placed, same: basket}\n", "goal"),
        (HEAD + "exit_on: [{event: Order Placed, same: basket}]\n", "exit_on"),
    ],
)
def test_a_run_that_is_ended_takes_it_back(head: str, how: str) -> None:
    text = journey("{on: [undeliverable, unseen], after: 4h}", head=head, after="  - {id: rest, delay: 3d}\n")
    order = "{at: 1h, event: Order Placed, with: {basket: b1}}"
    assert play(text, when(order) + ENDED % how) == []
    bounced = when(order, receipt("2h", "bounced")) + ENDED.replace("sends", "skips: [{at: 2h, reason: undeliverable}], sends") % how
    assert play(text, bounced) == []


def test_what_is_held_of_it_is_taken_back_with_a_word() -> None:
    text = journey(
        "{on: [unseen], after: 4h}", head=HEAD + "goal: {event: Order Placed, same: basket}\n", after="  - {id: rest, delay: 3d}\n"
    )
    items = "{at: 1h, identify: customer, with: {score: 3}}, {at: 5h, event: Order Placed, with: {basket: b1}}"
    test = when(items) + "then: {sends: [{channel: email}], skips: [{at: 4h, reason: unseen}, {at: 5h, reason: journey_exited}]}"
    assert play(text, test, policies=HOLDING) == []


def test_a_run_that_is_restarted_takes_it_back_and_the_new_one_has_its_own() -> None:
    head = HEAD.replace("key: event.basket", "key: event.basket, reentry: {on_repeat: restart}")
    text = journey("{on: [unseen], after: 4h}", head=head, after="  - {id: rest, delay: 3d}\n")
    again = BASKET.replace("0h", "1h")
    test = when(again) + "then: {sends: [{at: 0h}, {at: 1h}, {at: 5h, channel: sms}], skips: [{at: 5h, reason: unseen}]}"
    assert play(text, test) == []


def test_another_version_of_the_journey_may_go_on_or_end_it() -> None:
    text = journey("{on: [unseen], after: 4h}", after="  - {id: rest, delay: 3d}\n")
    goes_on = text.replace("id: mail", "id: letter, was: [mail]")
    test = when("{at: 1h, apply: next.yaml}")
    kept = "then: {sends: [{channel: email}, {at: 4h, channel: sms, step: letter}], skips: [{at: 4h, reason: unseen}]}"
    assert play(text, test + kept, then=goes_on) == []
    ended = text.replace("class: service\n", "class: service\nin_flight: exit\n")
    assert play(text, test + "then: {sends: [{channel: email}]}", then=ended) == []


def test_what_the_step_is_known_by() -> None:
    text = journey(
        "{on: [undeliverable, unseen], after: 4h}",
        after="  - {id: rest, delay: 5h}\n  - branch: [{when: CONDITION, then: [{id: yes, send: hello, channels: [email]}]}]\n",
    )
    moved = when(receipt("4h30m", "opened", ", channel: email"))
    then = "then: {sends: [{step: mail}, {step: mail}, {step: yes}], skips: [{reason: unseen}]}"
    for condition in (
        "steps.mail.channel == 'sms' and steps.mail.reason == 'fell_back'",
        "steps.mail.seen and steps.mail.status == 'delivered'",
        "steps.mail.sent",
    ):
        assert play(text.replace("CONDITION", condition), moved + then) == [], condition
    failed = f"when: [{fail('rejected')}, {BASKET}]\nthen: {{sends: [{{channel: sms}}, {{step: yes}}], skips: [{{reason: provider_rejected}}, {{reason: provider_rejected}}]}}"
    last = "steps.mail.sent and steps.mail.reason == 'fell_back'"
    assert play(text.replace("CONDITION", last).replace("unseen], ", "expired], ").replace("[email]}]}]", "[email, sms]}]}]"), failed) == []


def test_a_message_that_went_on_counts_once() -> None:
    for condition, yes in (
        ("messages_sent() == 1", True),
        ("messages_sent(channel='sms') == 1", True),
        ("messages_sent(channel='email') == 1", True),
        ("messages_sent(within='3h') == 0", True),
        ("messages_sent(within='6h') == 1", True),
    ):
        text = journey(
            "{on: [unseen], after: 4h}",
            after=f'  - {{id: rest, delay: 5h}}\n  - branch: [{{when: "{condition}", then: [{{id: yes, send: hello, channels: [email]}}]}}]\n',
        )
        assert (
            play(
                text,
                when() + f"then: {{sends: [{{step: mail}}, {{step: mail}}{', {step: yes}' if yes else ''}], skips: [{{reason: unseen}}]}}",
            )
            == []
        ), condition


def test_tries_on_one_channel_do_not_put_off_the_end_of_after() -> None:
    down = f"when: [{fail('rate_limited')}, {BASKET}]\n"
    assert (
        play(
            EXPIRED, down + "then: {sends: [{at: 4h, channel: sms, reason: fell_back}], skips: [{at: 4h, channel: email, reason: unseen}]}"
        )
        == []
    )
    back = f"when: [{fail('rate_limited', more=', for: 3h')}, {BASKET}]\n"
    assert play(EXPIRED, back + "then: {sends: [{at: 3h, channel: email}]}") == []


def test_a_sender_that_does_not_take_it_up_and_does_late() -> None:
    queued = f"when: [{fail('queued', more=', for: 5h')}, {BASKET}]\n"
    assert (
        play(EXPIRED, queued + "then: {sends: [{at: 4h, channel: sms}, {at: 5h, channel: email}], skips: [{at: 4h, reason: unseen}]}") == []
    )


def test_messages_of_an_exit_fall_back_though_their_run_was_ended() -> None:
    head = HEAD + "exit_on: [{event: Order Placed, same: basket, then: [{id: bye, send: hello, channels: [email, sms]}]}]\n"
    text = f"{head}steps:\n  - {{id: rest, delay: 3d}}\n"
    test = f"when: [{fail('rejected')}, {BASKET}, {{at: 1h, event: Order Placed, with: {{basket: b1}}}}]\nthen: {{sends: [{{at: 1h, step: bye, channel: sms, reason: fell_back}}], skips: [{{reason: provider_rejected}}]}}"
    assert play(text, test) == []


@pytest.mark.parametrize("both", [False, True])
def test_when_two_profiles_become_one_the_chain_goes_along_and_the_one_of_a_run_that_is_merged_away_ends(both: bool) -> None:
    engine = Engine(workspace({"try_it": journey("{on: [unseen], after: 4h}", after="  - {id: rest, delay: 3d}\n")}))
    known = {"email": "ada@example.com", "phone": "+447911123456"}
    engine.apply([
        body(engine, "anon", T0 - 2, type="identify", anonymousId="anon", traits=known),
        body(engine, "anon", T0, type="track", anonymousId="anon", event="Basket Changed", properties={"basket": "b1"}),
        engine.identify("ada", T0, **known), *([engine.event("ada", T0 + 5, "Basket Changed", basket="b1")] if both else []),
    ])  # fmt: skip
    passed_on(engine, passed_on(engine, linked(engine, "ada", "anon", T0 + HOUR), T0 + HOUR + 1), T0 + HOUR + 2)
    outcome = engine.apply([], until=T0 + 12 * HOUR)
    assert [(d.reason.value, d.channel) for d in outcome.decisions][:2] == [("unseen", "email"), ("fell_back", "sms")]
    assert len(outcome.decisions) == 2, "the chain of the run that ended is gone"
    assert [one.channel for one in engine.messages] == ["email", "email", "sms"][1 - both :]
    assert engine.messages[-1].customer == "ada"


def test_what_is_asked_for_by_time_takes_nothing_else_with_it() -> None:
    text = journey("{after: 1h}", after="  - {id: second, send: hello, channels: [email, sms], fallback: {on: [unseen], after: 4h}}\n")
    ada = told(text)
    ada.pass_to(9 * HOUR)
    assert [(one.step, one.channel) for one in ada.engine.messages] == [("mail", "email"), ("second", "email"), ("second", "sms")]


def test_what_has_failed_waits_for_its_time_where_only_that_is_asked_for() -> None:
    ada = told(journey("{on: [unseen], after: 4h}"))
    ada.report(HOUR, "bounced")
    assert ada.sends == [(0, "email")]
    ada.pass_to(5 * HOUR)
    assert ada.sends == [(0, "email"), (4, "sms")]


def test_a_message_that_is_back_in_its_hold_begins_its_time_anew_and_the_next_channel_counts_its_own_tries() -> None:
    held, tried = told(EXPIRED), told(EXPIRED)
    held.report(HOUR, "deferred", reason="quiet_hours", checked="sender", tried=False, retry_at=T0 + 3 * HOUR)
    tried.report(HOUR, "deferred", reason="rate_limited", retry_at=T0 + 3 * HOUR)
    for ada in (held, tried):
        ada.pass_to(12 * HOUR)
    assert held.sends == [(0, "email"), (1, "email"), (5, "sms")]
    assert [(*send, one.attempt) for send, one in zip(tried.sends, tried.engine.messages, strict=True)] == [
        (0, "email", 1), (3, "email", 2), (4, "sms", 1),
    ]  # fmt: skip


def test_of_a_next_channel_that_is_dropped_the_step_knows_nothing() -> None:
    text = journey(
        "{on: [unseen], after: 4h}",
        after="  - {id: rest, delay: 5h}\n  - branch: [{when: \"steps.mail.sent and steps.mail.reason == 'allowed' and steps.mail.channel == 'email'\", then: [{id: yes, send: hello, channels: [email]}]}]\n",
    )
    test = (
        "given: {customer: {phone: null}}\n"
        + when()
        + "then: {sends: [{step: mail}, {step: yes}], skips: [{reason: unseen}, {reason: address_missing}]}"
    )
    assert play(text, test) == []


def test_a_later_visit_of_the_step_waits_for_its_own_message() -> None:
    rule = (
        POLICIES
        + "suppression:\n  - {rule: calm, when: customer.score > 2, classes: [service], channels: [email], then: hold, max_hold: 30h}\n"
    )
    text = journey(
        "{on: [unseen], after: 4h}",
        after="  - {id: rest, delay: 3h}\n  - {jump: mail, max: 1}\n  - {id: more, send: hello, channels: [whatsapp]}\n",
    )
    items = "{at: 1h, identify: customer, with: {score: 3}}, {at: 6h, identify: customer, with: {score: 0}}, {at: 7h, receipt: {step: mail, status: opened, channel: email}}"
    test = (
        "given: {windows: {whatsapp: open}}\n"
        + when(items)
        + """then:
  sends: [{at: 0h, channel: email}, {at: 4h, channel: sms, reason: fell_back}, {at: 6h, channel: email}, {at: 9h, step: more}]
  skips: [{at: 4h, reason: unseen}]"""
    )
    assert play(text, test, policies=rule) == []


def test_of_two_runs_that_become_one_neither_sends_what_the_other_has_sent() -> None:
    engine = Engine(workspace({"try_it": journey("{on: [undeliverable, unseen], after: 4h}", after="  - {id: rest, delay: 3d}\n")}))
    known = {"email": "ada@example.com", "phone": "+447911123456"}
    engine.apply([
        body(engine, "anon", T0 - 2, type="identify", anonymousId="anon", traits=known),
        engine.identify("ada", T0, **known), engine.event("ada", T0, "Basket Changed", basket="b1"),
        body(engine, "anon", T0 + 5, type="track", anonymousId="anon", event="Basket Changed", properties={"basket": "b1"}),
    ])  # fmt: skip
    mail = next(one.intent for one in engine.messages if one.customer == "anon")
    bounced = Receipt(id="r1", customer="anon", status="bounced", at=T0 + 10, channel="email", intent=mail)
    engine.apply([engine.record("anon", T0 + 10, encode_receipt(bounced), DELIVERY_RECEIPTS)])
    assert [(one.customer, one.channel) for one in engine.messages[2:]] == [("anon", "sms")]
    passed_on(engine, passed_on(engine, linked(engine, "ada", "anon", T0 + HOUR), T0 + HOUR + 1), T0 + HOUR + 2)
    outcome = engine.apply([], until=T0 + 12 * HOUR)
    assert [(d.reason.value, d.effect) for d in outcome.decisions] == [("unseen", "F"), ("already_sent", "D")]
    assert len(engine.messages) == 3


def test_a_late_failure_of_the_first_says_nothing_of_the_step() -> None:
    text = journey(
        "{on: [unseen], after: 4h}",
        after="  - {id: rest, delay: 5h}\n  - branch: [{when: \"steps.mail.sent and steps.mail.reason == 'fell_back'\", then: [{id: yes, send: hello, channels: [email]}]}]\n",
    )
    late = when(receipt("4h30m", "failed", ", channel: email"))
    then = "then: {sends: [{step: mail}, {step: mail}, {step: yes}], skips: [{reason: unseen}, {at: 4h30m, reason: undeliverable}]}"
    assert play(text, late + then) == []


def test_of_what_nobody_spoke_of_nothing_is_kept_for_long() -> None:
    ada = told(journey())
    ada.report(1, "accepted")
    for number, hours in enumerate((6, 7), 2):
        ada.engine.apply([ada.engine.event("ada", T0 + hours * HOUR, "Basket Changed", basket=f"b{number}")])
        first = ada.engine.customers["ada"].messages.sent[0]
        assert (bool(first.kept), first.chain is not None) == (hours == 6, hours == 6)


def test_many_messages_after_it_do_not_push_it_out() -> None:
    engine = Engine(workspace({"try_it": UNSEEN}))
    engine.apply(
        [engine.identify("ada", T0, email="ada@example.com", phone="+447911123456"), engine.event("ada", T0, "Basket Changed", basket="b0")]
    )
    for number in range(1, 61):
        engine.apply([engine.event("ada", T0 + HOUR + number, "Basket Changed", basket=f"b{number}")])
    engine.apply([], until=T0 + 4 * HOUR)
    assert [(one.key, one.channel) for one in engine.messages if one.channel == "sms"] == [("b0", "sms")]
    engine.apply([], until=T0 + 6 * HOUR)
    assert sorted(one.key for one in engine.messages if one.channel == "sms") == sorted(f"b{number}" for number in range(61))
    assert len(engine.customers["ada"].messages.sent) <= 2 * KEPT
