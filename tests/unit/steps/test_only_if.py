"""`only_if`, `dedupe` and what would drop a message are asked when it comes due and when it is released, not whenever something happens
while it is held."""

import pytest

from tests.one_journey import play

QUIET = "quiet_hours: {from: '09:00', to: '12:00', classes: [service]}\n"
HEAD = f"journey: try_it\nclass: service\nentry: {{event: Ping}}\n{QUIET}steps:\n"
ONLY_IF = HEAD + "  - {id: s, send: hello, channels: [email], only_if: customer.score < 5}\n"


@pytest.mark.parametrize(
    ("happens", "then"),
    [
        ("{at: 30m, identify: customer, with: {score: 7}}, {at: 1h, identify: customer, with: {score: 3}}", "sends: [{at: 2h}]"),
        ("{at: 30m, identify: customer, with: {score: 7}}, {at: 1h, event: Pong}", "skips: [{at: 2h, step: s, reason: only_if_false}]"),
    ],
    ids=["false for a while", "false at the release"],
)
def test_only_if_is_asked_at_the_release(happens: str, then: str) -> None:
    assert play(ONLY_IF, f"when: [{{at: 0h, event: Ping}}, {happens}]\nthen: {{{then}}}") == []


def test_it_is_asked_when_one_hold_ends_and_another_begins() -> None:
    policies = """topics:
  news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}
suppression: [{rule: low, when: customer.score > 8, classes: [service], then: hold, max_hold: 3d}]
"""
    test = "when: [{at: 0h, event: Ping}, {at: 1h, identify: customer, with: {score: 9}}]\nthen: {skips: [{at: 2h, reason: only_if_false}]}"
    assert play(ONLY_IF, test, policies=policies) == []


def test_what_was_sent_while_it_was_held_counts_at_the_release() -> None:
    held = HEAD + "  - {id: s, send: hello, channels: [email], dedupe: 90m}\n"
    other = "journey: other\nclass: service\nentry: {event: Pong}\nsteps:\n  - {id: o, send: hello, channels: [email]}\n"
    early = "journeys: [try_it, other]\nwhen: [{at: 0h, event: Ping}, {at: 10m, event: Pong}, {at: 20m, event: Pong}]\n"
    late = early.replace("20m", "40m")
    assert play(held, early + "then: {sends: [{at: 10m}, {at: 20m}, {at: 2h, step: s}]}", also_other=other) == []
    assert play(held, late + "then: {sends: [{at: 10m}, {at: 40m}], skips: [{at: 2h, reason: duplicate_message}]}", also_other=other) == []


RULES = """topics:
  news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}
suppression: [{rule: low, when: customer.score > 8, classes: [service], then: drop}]
"""
PLAIN = HEAD + "  - {id: s, send: hello, channels: [email]}\n"
RISES = "{at: 30m, identify: customer, with: {score: 9}}"
FALLS = "{at: 1h, identify: customer, with: {score: 3}}"


@pytest.mark.parametrize(
    ("happens", "then"),
    [
        (f"{RISES}, {FALLS}", "sends: [{at: 2h}]"),
        (RISES, "skips: [{at: 2h, step: s, reason: suppression_rule}]"),
    ],
    ids=["true for a while", "true at the release"],
)
def test_a_rule_that_drops_is_asked_at_the_release(happens: str, then: str) -> None:
    assert play(PLAIN, f"when: [{{at: 0h, event: Ping}}, {happens}]\nthen: {{{then}}}", policies=RULES) == []


def test_what_expires_meanwhile_expires() -> None:
    short = PLAIN.replace("channels: [email]", "channels: [email], expires: 1h")
    test = f"when: [{{at: 0h, event: Ping}}, {RISES}]\nthen: {{skips: [{{at: 1h, step: s, reason: expired_while_held}}]}}"
    assert play(short, test, policies=RULES) == []


def test_a_hold_goes_on_behind_a_rule_that_drops_for_a_while() -> None:
    both = RULES.replace(
        "then: drop}]", "then: drop}, {rule: gold, when: customer.tier == 'gold', classes: [service], then: hold, max_hold: 3d}]"
    )
    plain = PLAIN.replace(QUIET, "")
    begun = f"given: {{customer: {{tier: gold}}}}\nwhen: [{{at: 0h, event: Ping}}, {RISES}"
    free = "{at: 2h, identify: customer, with: {tier: ''}}"
    assert play(plain, f"{begun}, {FALLS}, {free}]\nthen: {{sends: [{{at: 2h}}]}}", policies=both) == []
    assert (
        play(plain, f"{begun}, {free}]\nthen: {{skips: [{{at: 2h, reason: suppression_rule, explain: {{rule: low}}}}]}}", policies=both)
        == []
    )
