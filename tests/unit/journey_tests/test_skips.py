"""What an expected skip may name, and what it must."""

import pytest

from tests.one_journey import play
from tests.unit.journey_tests.test_expectations import said

KEYED = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket, when: event.total > 1}
exit_on: [{event: Order Placed, same: basket}]
steps:
  - {id: rest, delay: 1h}
  - {id: tell, send: hello, channels: [email]}
"""
TWO = (
    "when: [{at: 0h, event: Basket Changed, with: {basket: b/1, total: 5}}, {at: 1m, event: Basket Changed, with: {basket: b/1, total: 5}},"
    " {at: 2m, event: Basket Changed, with: {basket: b2, total: 5}}, {at: 3m, identify: customer, with: {email: null}}]\n"
)


def test_the_key_of_a_run_and_of_somebody_at_the_door() -> None:
    skips = "{at: 1m, reason: already_running, key: %s}, {at: 1h, reason: address_missing, key: %s}, {reason: address_missing, key: b2}"
    assert play(KEYED, TWO + f"then: {{skips: [{skips % ('b/1', 'b/1')}]}}") == []
    found = play(KEYED, TWO + f"then: {{skips: [{skips % ('b2', 'b2')}]}}")
    assert [line.splitlines()[0] for line in found] == ["skip 1: key 'b2'", "skip 2: key 'b2'"]
    assert "key b/1" in found[0].splitlines()[2]
    assert play(KEYED, TWO + "then: {counts: {skips: 3}, includes: {skips: [{key: b2, reason: address_missing}]}}") == []


VARIANTS = """message: hello
class: service
topic: news
content:
  en: {subject: Hello, preheader: "x", body: Hello}
variants:
  - {name: short, weight: 1, content: {en: {body: Hi}}}
  - {name: long, weight: 99, content: {en: {body: Hello again}}}
"""


def test_the_variant_somebody_would_have_got() -> None:
    one = "given: {customer: {email: null}}\nwhen: [{at: 0h, event: Basket Changed, with: {basket: b1, total: 5}}]\n"
    skip = "then: {skips: [{reason: address_missing, variant: %s}]}"
    assert play(KEYED, one + skip % "long", {"hello": VARIANTS}) == []
    assert "variant 'short'" in play(KEYED, one + skip % "short", {"hello": VARIANTS})[0]
    assert play(KEYED, one + skip % "null") == []


@pytest.mark.parametrize("then", [
    "skips: [{at: 0h}]", "includes: {skips: [{step: tell}]}", "skips: [{part: offer}]",
])  # fmt: skip
def test_a_skip_says_why(then: str) -> None:
    assert said(f"when: [], then: {{{then}}}") == ["Y012"]


def test_a_hold_need_not() -> None:
    assert said("when: [], then: {holds: [{step: tell, key: b1, variant: null}]}") == []
