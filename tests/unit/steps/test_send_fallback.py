"""`fallback`: when the next channel follows, and what it passes again."""

import pytest

from tests.one_journey import errors, play
from tests.unit.steps.fallen import BASKET, EXPIRED, HOLDING, UNSEEN, fail, journey, told, when
from tests.worlds import HOUR, T0


@pytest.mark.parametrize("how", ["rejected", "undeliverable", "withheld"])
def test_without_a_word_the_next_channel_follows_what_cannot_be_delivered(how: str) -> None:
    reason = {"rejected": "provider_rejected", "withheld": "provider_withheld"}.get(how, how)
    first = "" if how == "rejected" else "{at: 0h, channel: email, reason: allowed}, "
    test = f"when: [{fail(how)}, {BASKET}]\nthen: {{sends: [{first}{{at: 0h, channel: sms, reason: fell_back}}], skips: [{{channel: email, reason: {reason}}}]}}"
    assert play(journey(), test) == []


def test_none_is_none() -> None:
    test = f"when: [{fail('rejected')}, {BASKET}]\nthen: {{skips: [{{channel: email, reason: provider_rejected}}]}}"
    assert play(journey("none"), test) == []


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


def test_failed_after_it_was_delivered_goes_on_while_it_is_waited_for() -> None:
    ada = told(UNSEEN)
    ada.report(1, "delivered")
    ada.report(2, "bounced")
    assert ada.sends == [(0, "email"), (0, "sms")]


def test_failed_after_it_was_delivered_sends_no_other_where_delivery_was_all_that_was_asked() -> None:
    ada = told(journey())
    ada.report(1, "delivered")
    ada.report(2, "bounced")
    ada.pass_to(9 * HOUR)
    assert ada.sends == [(0, "email")]


def test_failed_is_not_unseen_yet() -> None:
    ada = told(journey("{on: [unseen], after: 4h}"))
    ada.report(1, "delivered")
    ada.report(2, "bounced")
    assert ada.sends == [(0, "email")]
    ada.pass_to(4 * HOUR)
    assert ada.sends == [(0, "email"), (4, "sms")]


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
