"""Items of one instant are one batch, as in production: nothing is decided between them."""

import pytest

from tests.one_journey import play
from tests.unit.simulation import playing

SEND = """journey: try_it
class: service
entry: {event: Ping}
exit_on: [{event: Pong}]
steps:
  - {id: tell, send: hello, channels: [email]}
"""
GONE = "{at: 0h, step: tell, reason: journey_exited}"


@pytest.mark.parametrize("items", [
    "{at: 0h, event: Ping}, {at: 0h, event: Pong}",
    "{at: 0h, event: Ping}, {at: 0h, identify: customer, with: {tier: gold}}, {at: 0h, event: Pong}",
    "{at: 0h, event: Ping}, {local: 2026-03-02T10:00, event: Pong}",
])  # fmt: skip
def test_nothing_is_sent_between_two_events_of_one_instant(items: str) -> None:
    assert play(SEND, f"when: [{items}]\nthen: {{skips: [{GONE}]}}") == []


@pytest.mark.parametrize("between", [
    "fail: {channel: sms, how: down}", "resume: true", "stats: {within: 1h, sends: 1}", "apply: next.yaml",
])  # fmt: skip
def test_what_is_no_record_separates(between: str) -> None:
    items = f"{{at: 0h, event: Ping}}, {{at: 0h, {between}}}, {{at: 0h, event: Pong}}"
    assert play(SEND, f"when: [{items}]\nthen: {{sends: [{{at: 0h}}]}}", then=SEND) == []


@pytest.mark.parametrize(
    ("item", "then"),
    [
        ("identify: customer, with: {tier: gold}", "sends: [{at: 0h, values: {customer.tier: gold}}]"),
        ("identify: customer, with: {email: null}", "skips: [{at: 0h, reason: address_missing}]"),
        ("reply: {channel: email, text: hello}", "sends: [{at: 0h}]"),
        ("erase: true", "skips: [{at: 0h, reason: journey_exited}], ends: [{at: 0h, how: erased}]"),
    ],
)
def test_what_else_arrives_at_that_instant_counts(item: str, then: str) -> None:
    assert play(SEND, f"when: [{{at: 0h, event: Ping}}, {{at: 0h, {item}}}]\nthen: {{{then}}}") == []


LIMITED = """journey: try_it
class: service
limits: {messages_per_day: 1}
entry: {event: Ping, key: event.n}
steps:
  - branch:
      - when: entry.n == 1
        then: [{id: less, send: hello, channels: [email], priority: 10}]
      - when: entry.n == 2
        then: [{id: more, send: hello, channels: [email], priority: 90}]
"""


def test_of_two_messages_of_one_instant_the_more_important_is_sent() -> None:
    when = "when: [{at: 0h, event: Ping, with: {n: 1}}, {at: 0h, event: Ping, with: {n: 2}}]\n"
    assert play(LIMITED, when + "then: {first: [{at: 0h, step: more}], counts: {sends: 2}, includes: {}}") == []


def test_a_receipt_is_of_a_message_of_the_same_instant_where_there_was_none_before() -> None:
    when = "when: [{at: 0h, event: Ping}, {at: 0h, receipt: {step: tell, status: bounced}}]\n"
    assert play(SEND, when + "then: {sends: [{at: 0h}], skips: [{at: 0h, reason: undeliverable}]}") == []
    assert "nothing was sent by step 'tell' before this" in play(SEND, when.replace("event: Ping", "event: Pong") + "then: {}")[0]


def test_a_receipt_is_read_with_the_events_of_its_instant() -> None:
    """The message waits for its look at the next: by then it is known that nobody can be reached by mail."""
    when = "when: [{at: 0h, event: Ping}, {at: 1h, event: Ping}, {at: 1h, receipt: {step: tell, status: bounced}}]\n"
    assert (
        play(
            SEND,
            when + "then: {sends: [{at: 0h}], skips: [{at: 1h, reason: undeliverable}, {at: 1h, reason: address_suppressed}], holds: []}",
        )
        == []
    )


def test_a_simulation_does_not_split_an_instant_either() -> None:
    lines = [playing.identify("ada", email="ada@example.com"), playing.identify("ben", email="ben@example.com")]
    lines += [playing.event("ada", "10:00", "Ping"), playing.event("ada", "10:00", "Pong"), playing.event("ben", "10:00", "Ping")]
    tally = playing.play(lines, {"try_it": SEND}).tally
    assert dict(tally.messages) == {("try_it", "tell", "hello", "email"): 1}
    assert ("D", "journey_exited", "", "try_it", "tell") in tally.decisions
