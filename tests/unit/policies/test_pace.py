"""`release_paced`: what was held leaves one every 1/rate, also after nobody was there to let it go."""

from collections import Counter

import pytest

from tests.one_journey import POLICIES, workspace
from tests.worlds import HOUR, T0, Engine

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
quiet_hours: [{from: "09:00", to: "12:00", classes: [service]}]
steps:
  - {id: mail, send: hello, channels: [email]}
"""
RATE, PEOPLE = 10, 100
NOON = T0 + 2 * HOUR


def held() -> Engine:
    """Everybody's mail waits for noon in London; their turns take ten seconds."""
    engine = Engine(workspace({"try_it": JOURNEY}, policies=f"{POLICIES}limits: {{channels: {{email: {{rate: {RATE}/s}}}}}}\n"))
    for number in range(PEOPLE):
        who = f"p{number}"
        engine.apply([engine.identify(who, T0, email=f"{who}@example.com"), engine.event(who, T0, "Basket Changed", basket="b1")])
    assert not engine.messages
    engine.apply([], until=NOON)
    return engine


def per_second(engine: Engine) -> Counter[int]:
    return Counter((one.committed_at - NOON) // 1000 for one in engine.messages)


def test_turns_follow_one_another() -> None:
    engine = held()
    engine.apply([], until=NOON + 20_000)
    assert len(engine.messages) == PEOPLE
    assert max(per_second(engine).values()) == RATE


@pytest.mark.parametrize("away", [61, 600])
def test_turns_that_were_missed_are_taken_anew(away: int) -> None:
    """Seconds without an orchestrator."""
    engine = held()
    back = NOON + away * 1000
    engine.apply([], until=back, now=back)
    assert per_second(engine)[away] <= RATE, "no burst"
    for second in range(1, 30):
        engine.apply([], until=back + second * 1000, now=back + second * 1000)
    assert len(engine.messages) == PEOPLE, "and nobody is left"
    assert max(number for second, number in per_second(engine).items() if second >= away) <= RATE


def test_a_short_delay_is_none() -> None:
    """Their turns come in order, as if somebody had been there."""
    engine = held()
    engine.apply([], until=NOON + 30_000, now=NOON + 30_000)
    assert max(per_second(engine).values()) == RATE
    assert len(engine.messages) == PEOPLE
