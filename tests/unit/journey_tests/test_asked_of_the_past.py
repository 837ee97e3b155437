"""What a test itself asks of the past is there to be looked at, also where no journey asks for it."""

import pytest

from tests.one_journey import play

SEND = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - {id: tell, send: hello, channels: [email]}
"""
ASKS_LESS = SEND.replace("{event: Ping}", "{event: Ping, when: \"not seen('Pong', within='1h')\"}")
TWO_HOURS_LATER = "when: [{at: 0h, event: Pong}, {at: 2h, event: Ping}]\nthen: {sends: [{at: 2h}]}"
NEVER = 'properties: [{property: quiet, never: {classes: [service]}, while: "%s"}]\n'
BROKEN = ["property 'quiet': while its condition is true, at 2h: hello by email to customer"]


@pytest.mark.parametrize("journey", [SEND, ASKS_LESS], ids=["asks for nothing", "asks for less"])
@pytest.mark.parametrize("condition", ["seen('Pong', within='1d')", "count_of('Pong') > 0", "last_of('Pong') is defined"])
def test_a_property_sees_the_past_it_asks_for(journey: str, condition: str) -> None:
    assert play(journey, TWO_HOURS_LATER, beside=NEVER % condition) == BROKEN
    assert play(journey, TWO_HOURS_LATER, beside=NEVER % condition.replace("Pong", "Order Placed")) == []


def test_a_property_sees_it_under_a_next_version_and_under_other_policies() -> None:
    when = "when: [{at: 0h, event: Pong}, {at: 1h, apply: next.yaml}, {at: 2h, event: Ping}]\nthen: {sends: [{at: 2h}]}"
    assert play(SEND, when, then=SEND.replace("tell", "say"), beside=NEVER % "seen('Pong', within='1d')") == BROKEN
    given = "given: {policies: none, history: [{at: -1h, event: Pong}]}\n"
    assert play(SEND, given + TWO_HOURS_LATER.replace("{at: 0h, event: Pong}, ", ""), beside=NEVER % "count_of('Pong') > 0") == BROKEN


def test_always_sees_it_too() -> None:
    always = "properties: [{property: quiet, always: \"not seen('Pong', within='1d')\"}]\n"
    assert play(SEND, TWO_HOURS_LATER, beside=always) == [BROKEN[0].replace("while its condition is true", "its condition is false")]


def test_made_up_timelines_see_it() -> None:
    heard = SEND + "exit_on: [{event: Pong}]\n"
    nothing = "when: []\nthen: {sends: []}"
    exploring = "explore: {timelines: 20, seed: 1, span: 5d}\n"
    assert "while its condition is true" in play(heard, nothing, beside=NEVER % "count_of('Pong') > 0" + exploring)[0]


def test_values_of_a_send_see_it() -> None:
    assert play(SEND, TWO_HOURS_LATER.replace("{at: 2h}]", "{values: {\"count_of('Pong')\": 1}}]")) == []
