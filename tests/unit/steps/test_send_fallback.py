"""`fallback`: when the next channel follows, what it passes again, what ends it; never twice on one channel."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, Channel
from orchestrator.engine.batch import Outcome
from orchestrator.engine.commit_message import KEPT
from orchestrator.engine.inputs import InputRecord
from orchestrator.state.value import encode_sections
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples
from tests.one_journey import POLICIES, errors, play, workspace
from tests.unit.profiles.test_time_and_merges import body, linked, passed_on
from tests.worlds import HOUR, T0, Engine

HEAD = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\n"
BASKET = "{at: 0h, event: Basket Changed, with: {basket: b1}}"


def journey(fallback: str = "", *, channels: str = "email, sms", head: str = HEAD, more: str = "", after: str = "") -> str:
    given = f", fallback: {fallback}" if fallback else ""
    return f"{head}steps:\n  - {{id: mail, send: hello, channels: [{channels}]{given}{more}}}\n{after}"


UNSEEN = journey("{on: [undeliverable, unseen], after: 4h}")
EXPIRED = journey("{on: [expired], after: 4h}")


def when(*items: str) -> str:
    return f"when: [{', '.join((BASKET, *items))}]\n"


def fail(how: str, channel: str = "email", more: str = "") -> str:
    return f"{{at: 0h, fail: {{channel: {channel}, how: {how}{more}}}}}"


def receipt(at: str, status: str, more: str = "") -> str:
    return f"{{at: {at}, receipt: {{step: mail, status: {status}{more}}}}}"


@pytest.mark.parametrize("how", ["rejected", "undeliverable", "withheld"])
def test_without_a_word_the_next_channel_follows_what_cannot_be_delivered(how: str) -> None:
    reason = {"rejected": "provider_rejected", "withheld": "provider_withheld"}.get(how, how)
    first = "" if how == "rejected" else "{at: 0h, channel: email, reason: allowed}, "
    test = f"when: [{fail(how)}, {BASKET}]\nthen: {{sends: [{first}{{at: 0h, channel: sms, reason: fell_back}}], skips: [{{channel: email, reason: {reason}}}]}}"
    assert play(journey(), test) == []


def test_none_is_none() -> None:
    test = f"when: [{fail('rejected')}, {BASKET}]\nthen: {{skips: [{{channel: email, reason: provider_rejected}}]}}"
    assert play(journey("none"), test) == []


@dataclass
class Told:
    """Ada's one message and what her providers report of it."""

    engine: Engine
    numbers: int = 0

    @property
    def sends(self) -> list[tuple[int, str]]:
        """(hours after the first, channel)."""
        return [((one.committed_at - T0) // HOUR, one.channel) for one in self.engine.messages]

    def report(self, at: int, status: str, channel: Channel = "email", **more: object) -> Outcome:
        """About the message on that channel, `at` milliseconds after the first; everything that is due before happens before."""
        self.numbers += 1
        found = next(one for one in self.engine.messages if one.channel == channel)
        body = Receipt(id=f"r{self.numbers}", customer="ada", status=status, at=T0 + at, channel=channel, intent=found.intent, **more)  # type: ignore[arg-type]  # fields of a receipt
        return self.engine.apply([self.engine.record("ada", T0 + at, encode_receipt(body), DELIVERY_RECEIPTS)])

    def pass_to(self, at: int) -> Outcome:
        """Nothing but time."""
        return self.engine.apply([], until=T0 + at)

    @property
    def chains(self) -> int:
        """Messages of which something may still follow."""
        messages = self.engine.customers["ada"].messages
        return sum(one.chain is not None for one in messages.sent) + sum(one.chain is not None for one in messages.planned)


def told(text: str) -> Told:
    engine = Engine(workspace({"try_it": text}))
    engine.apply([
        engine.identify("ada", T0 - HOUR, email="ada@example.com", phone="+447911123456"),
        engine.event("ada", T0, "Basket Changed", basket="b1"),
    ])  # fmt: skip
    return Told(engine)


@pytest.mark.parametrize(("at", "follows"), [(3 * HOUR, True), (4 * HOUR, True), (4 * HOUR + 1, False)])
def test_a_report_counts_up_to_and_with_the_end_of_after(at: int, follows: bool) -> None:
    ada = told(journey("{after: 4h}"))
    ada.report(1, "accepted")
    outcome = ada.report(at, "bounced")
    assert ada.sends == [(0, "email"), (at // HOUR, "sms")][: 1 + follows]
    assert [(d.reason.value, d.effect, d.channel) for d in outcome.decisions] == [
        ("undeliverable", "F", "email"), ("fell_back", "S", "sms"),
    ][: 1 + follows]  # fmt: skip


def test_after_is_six_hours_where_nothing_is_written() -> None:
    early, late = told(journey()), told(journey())
    early.report(6 * HOUR, "failed")
    late.report(6 * HOUR + 1, "failed")
    assert (len(early.sends), len(late.sends)) == (2, 1)


def test_unknown_is_not_undeliverable() -> None:
    ada = told(journey())
    ada.report(1, "unconfirmed", reason="outcome_unknown")
    assert (ada.sends, ada.chains) == ([(0, "email")], 1)


@pytest.mark.parametrize(
    ("reason", "follows"),
    [
        ("consent_revoked", True),
        ("channel_stopped", True),
        ("address_suppressed", True),
        ("open_service_issue", False),
        ("expired", False),
        ("quiet_hours", False),
    ],
)
def test_what_the_senders_last_check_drops(reason: str, follows: bool) -> None:
    ada = told(UNSEEN)
    ada.report(1, "rejected", reason=reason, checked="sender", tried=False)
    ada.pass_to(3 * HOUR)
    assert ada.sends == [(0, "email"), (0, "sms")][: 1 + follows]
    ada.pass_to(9 * HOUR)
    assert len(ada.sends) == 1 + follows, "dropped for good is dropped"


def test_failed_after_it_was_delivered_sends_no_other() -> None:
    ada = told(UNSEEN)
    ada.report(1, "delivered")
    ada.report(2, "bounced")
    assert ada.sends == [(0, "email")]
    ada.pass_to(4 * HOUR)
    assert ada.sends == [(0, "email"), (4, "sms")], "but it was not seen"


@pytest.mark.parametrize("status", ["opened", "read", "clicked", "replied"])
def test_unseen_at_the_end_of_after_and_a_receipt_at_that_instant_wins(status: str) -> None:
    in_time, late, machine = told(UNSEEN), told(UNSEEN), told(UNSEEN)
    in_time.report(4 * HOUR, status)
    assert (in_time.chains, in_time.engine.due["ada"]) == (0, None)
    machine.report(4 * HOUR, status, human=False)
    late.report(4 * HOUR + 1, status)
    for ada in (in_time, machine, late):
        ada.pass_to(10 * HOUR)
    assert (in_time.sends, machine.sends, late.sends) == ([(0, "email")], [(0, "email"), (4, "sms")], [(0, "email"), (4, "sms")])


def test_expired_is_not_delivered_at_the_end_of_after() -> None:
    ada, late, seen = told(EXPIRED), told(EXPIRED), told(EXPIRED)
    ada.report(4 * HOUR, "delivered")
    seen.report(3 * HOUR, "clicked")
    late.report(1, "accepted")
    late.report(4 * HOUR + 1, "delivered")
    for one in (ada, seen, late):
        one.pass_to(5 * HOUR)
    assert (ada.sends, seen.sends, late.sends) == ([(0, "email")], [(0, "email")], [(0, "email"), (4, "sms")])


def test_the_customers_timer_is_the_end_of_after_and_goes_with_the_receipt() -> None:
    ada = told(UNSEEN)
    assert ada.engine.due["ada"] == T0 + 4 * HOUR
    ada.report(5, "delivered")
    assert ada.engine.due["ada"] == T0 + 4 * HOUR
    ada.report(6, "opened")
    messages = ada.engine.customers["ada"].messages
    assert [ada.engine.due["ada"], messages.falls_at] == [None, None]


def test_without_times_there_is_no_timer_and_nothing_is_kept_of_what_has_arrived() -> None:
    ada = told(journey())
    assert ada.engine.due["ada"] is None
    ada.report(1, "accepted")
    assert ada.engine.customers["ada"].messages.sent[0].kept
    ada.report(2, "delivered")
    assert (ada.engine.customers["ada"].messages.sent[0].kept, ada.chains) == (b"", 0)
    alone = told(journey(channels="email"))
    alone.report(1, "accepted")
    assert alone.engine.customers["ada"].messages.sent[0].kept == b""


def test_every_channel_of_the_chain_has_its_own_after_and_its_own_intent() -> None:
    text = journey("{on: [unseen], after: 2h}", channels="whatsapp, sms, email")
    test = (
        "given: {windows: {whatsapp: open}}\n"
        + when()
        + """then:
  sends: [{at: 0h, channel: whatsapp, reason: allowed}, {at: 2h, channel: sms, reason: fell_back}, {at: 4h, channel: email, reason: fell_back}]
  skips: [{at: 2h, channel: whatsapp, reason: unseen}, {at: 4h, channel: sms, reason: unseen}]"""
    )
    assert play(text, test) == []
    ada = told(journey("{on: [unseen], after: 2h}"))
    ada.pass_to(2 * HOUR)
    assert len({one.intent for one in ada.engine.messages}) == 2


def test_the_next_channel_is_judged_from_the_top() -> None:
    stopped = (
        when("{at: 1h, reply: {channel: sms, text: STOP}}")
        + """then:
  sends: [{at: 0h, channel: email}, {at: 4h, channel: whatsapp, reason: fell_back}]
  skips: [{at: 4h, channel: email, reason: unseen}]"""
    )
    text = journey("{on: [unseen], after: 4h}", channels="email, sms, whatsapp")
    test = "given: {windows: {whatsapp: open}}\n" + stopped
    assert [line for line in play(text, test) if "whatsapp, message hello, reason unseen" not in line] == []
    refused = (
        "given: {customer: {phone: null}}\n"
        + when()
        + "then: {sends: [{channel: email}], skips: [{at: 4h, reason: unseen}, {at: 4h, reason: address_missing}]}"
    )
    assert play(UNSEEN, refused) == []


HOLDING = POLICIES + "suppression:\n  - {rule: calm, when: customer.score > 2, classes: [service], then: hold, max_hold: 30h}\n"


def test_it_may_be_held_and_a_late_success_of_the_first_changes_nothing() -> None:
    calm = "{at: 1h, identify: customer, with: {score: 3}}, {at: 5h, receipt: {step: mail, status: opened}}, {at: 6h, identify: customer, with: {score: 0}}"
    test = (
        when(calm)
        + """then:
  sends: [{at: 0h, channel: email}, {at: 6h, channel: sms, reason: fell_back}]
  skips: [{at: 4h, reason: unseen}]
  holds: [{at: 4h, reason: suppression_rule}]"""
    )
    assert play(UNSEEN, test, policies=HOLDING) == []


def test_past_expires_no_further_channel_is_tried_and_at_that_instant_it_is() -> None:
    for expires, more in (("4h", True), ("3h59m", False)):
        sms = ", {at: 4h, channel: sms, reason: fell_back}" if more else ""
        dropped = "" if more else ", {at: 4h, reason: expired}"
        test = when() + f"then: {{sends: [{{channel: email}}{sms}], skips: [{{at: 4h, reason: unseen}}{dropped}]}}"
        assert play(journey("{on: [unseen], after: 4h}", more=f", expires: {expires}"), test) == []


def test_only_if_and_dedupe_are_not_asked_again() -> None:
    text = journey("{on: [unseen], after: 4h}", more=", dedupe: 2d, only_if: not customer.tier")
    test = (
        when("{at: 1h, identify: customer, with: {tier: gold}}")
        + "then: {sends: [{channel: email}, {at: 4h, channel: sms}], skips: [{reason: unseen}]}"
    )
    assert play(text, test) == []


def test_the_run_does_not_wait_for_it() -> None:
    text = journey("{on: [unseen], after: 4h}", after="  - {id: more, send: hello, channels: [email]}\n")
    test = (
        when()
        + """then:
  sends: [{at: 0h, step: mail}, {at: 0h, step: more}, {at: 4h, step: mail, channel: sms}]
  skips: [{at: 4h, reason: unseen}]
  ends: [{at: 0h, how: end}]"""
    )
    assert play(text, test) == []


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


def test_lint() -> None:
    def codes(text: str) -> list[tuple[str, int]]:
        return [(one.code, one.line) for one in errors(text)]

    assert codes(journey("{on: [unseen]}", channels="email")) == [("J026", 5)]
    assert codes(journey("none", channels="email")) == codes(journey("none")) == codes(UNSEEN) == codes(journey("{after: 1h}")) == []
    assert codes(journey("never")) == [("Y005", 5)]
    assert codes(journey("{on: []}")) == [("Y004", 5)]
    assert codes(journey("{on: [unread]}")) == [("Y005", 5)]
    assert codes(journey("{after: 4}")) == [("Y014", 5)]


# any receipts, in any order, in batches cut anywhere

CHANNELS: tuple[Channel, ...] = ("email", "sms")
THINGS = st.lists(
    st.tuples(
        st.sampled_from([1, HOUR, 2 * HOUR, 4 * HOUR - 1, 4 * HOUR, 4 * HOUR + 1, 6 * HOUR, 8 * HOUR, 12 * HOUR]),
        st.sampled_from(CHANNELS),
        st.sampled_from(["accepted", "delivered", "opened", "clicked", "bounced", "failed", "rejected", "unconfirmed", "deferred"]),
        st.booleans(),
    ),
    max_size=8,
)  # fmt: skip


def spaces() -> list[Workspace]:
    return [
        workspace({"try_it": journey(f"{{on: [{on}], after: 4h}}", more=", dedupe: 1h")})
        for on in ("undeliverable", "unseen", "expired", "undeliverable, unseen", "undeliverable, expired")
    ]


def records(engine: Engine, space: Workspace, things: list[tuple[int, Channel, str, bool]]) -> list[InputRecord]:
    """Intents are found by a run without reports: they are the same whenever a message is sent."""
    probe = Engine(space)
    probe.apply(begin(probe))
    intents = {}
    for channel in CHANNELS:
        one = Engine(workspace({"try_it": journey("none", channels=channel)}))
        one.apply(begin(one))
        intents[channel] = one.messages[0].intent
    assert intents["email"] == probe.messages[0].intent
    found = begin(engine)
    for number, (at, channel, status, human) in enumerate(sorted(things, key=lambda thing: thing[0])):
        body = Receipt(
            id=f"r{number}",
            customer="ada",
            status=status,  # type: ignore[arg-type]  # a status
            at=T0 + at,
            channel=channel,
            intent=intents[channel],
            human=human,
            provider_id="p1",
            retry_at=T0 + at + HOUR,
        )
        found.append(engine.record("ada", T0 + at, encode_receipt(body), DELIVERY_RECEIPTS))
    return found


def begin(engine: Engine) -> list[InputRecord]:
    return [
        engine.identify("ada", T0 - HOUR, email="ada@example.com", phone="+447911123456"),
        engine.event("ada", T0, "Basket Changed", basket="b1"),
    ]


@given(st.sampled_from(range(5)), THINGS, st.sets(st.integers(0, 12)))
@settings(max_examples=examples(150), deadline=None)
def test_never_twice_on_a_channel_never_after_success_in_time_and_batches_change_nothing(
    which: int, things: list[tuple[int, Channel, str, bool]], cuts: set[int]
) -> None:
    space = spaces()[which]
    engine, whole = Engine(space), Engine(space)
    inputs = records(engine, space, things)
    cut = [n for n in range(len(inputs) + 1) if n in (0, len(inputs)) or (n in cuts and inputs[n].at != inputs[n - 1].at)]
    for start, end in pairwise(cut):
        engine.apply(inputs[start:end], until=T0 + 40 * HOUR if end == len(inputs) else None)
    whole.apply(records(whole, space, things), until=T0 + 40 * HOUR)
    sends = [(one.channel, one.attempt, one.committed_at) for one in engine.messages]
    assert sends == [(one.channel, one.attempt, one.committed_at) for one in whole.messages]
    assert encode_sections(engine.customers["ada"].sections()) == encode_sections(whole.customers["ada"].sections())
    assert len({(channel, attempt) for channel, attempt, _at in sends}) == len(sends), "a try more has a number of its own"
    retried = {"deferred"} & {status for _at, _channel, status, _human in things}
    if not retried:
        assert len({channel for channel, _attempt, _at in sends}) == len(sends)
    fell = [at for channel, _attempt, at in sends if channel == "sms"]
    if fell and not retried:
        seen = [T0 + at for at, channel, status, human in things if channel == "email" and human and status in ("opened", "clicked")]
        arrived = [T0 + at for at, channel, status, _human in things if channel == "email" and status in ("opened", "clicked", "delivered")]
        waits_for_delivery = which in (0, 2, 4)
        assert not any(at < fell[0] for at in (arrived if waits_for_delivery else seen))
        assert fell[0] <= T0 + 4 * HOUR
