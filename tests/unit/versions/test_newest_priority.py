"""The priority of a journey is that of the version in force, also for messages that wait."""

from itertools import pairwise

from tests.unit.plan.stage import HELD, Stage
from tests.worlds import HOUR, T0

JOURNEY = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\nsteps:\n  - {id: mail, send: hello, channels: [email]}\n"
PACED = HELD + "limits: {channels: {email: {rate: 1/m}}}\n"


def prioritised(priority: int, journey: str = JOURNEY) -> str:
    return journey.replace("class:", f"priority: {priority}\nclass:")


def held(made: Stage) -> list[int]:
    return [planned.priority for one in made.engine.customers.values() for planned in one.messages.planned]


def test_a_held_message_takes_it_unless_its_step_has_its_own() -> None:
    for journey, expected in ((JOURNEY, 90), (JOURNEY.replace("send:", "priority: 20, send:"), 20)):
        made = Stage(journey, policies=HELD)
        made.enter(T0, "ada", tier="gold")
        made.switch(made.next(prioritised(90, journey)))
        assert held(made) == [expected]


def test_in_a_smoothed_release_a_higher_one_goes_earlier_and_a_lower_one_keeps_its_turn() -> None:
    people = ["ada", "ben", "cleo", "dora"]
    for priority, last in ((90, 3), (10, 3)):
        made = Stage(JOURNEY, policies=PACED)
        made.enter(T0, *people, tier="gold")
        made.engine.apply([made.engine.identify(who, T0 + HOUR, tier="tin") for who in people], until=T0 + HOUR)
        assert (len(made.engine.messages), held(made)) == (1, [50] * 3)
        made.at = T0 + HOUR + 1
        made.switch(made.next(prioritised(priority)))
        assert held(made) == ([90] * 3 if priority == 90 else [50] * 3)
        made.wait(T0 + HOUR + last * 60_000 + 1000)
        assert len(made.engine.messages) == 4
        times = sorted(one.committed_at for one in made.engine.messages)
        assert min(after - before for before, after in pairwise(times)) >= 59_000, "never over the rate"


def test_a_higher_one_passes_a_backlog() -> None:
    steps = (
        "  - branch: [{when: customer.score > 0, then: [{id: own, send: hello, channels: [email], priority: 70}, {exit: true}]}]\n"
        "  - {id: mail, send: hello, channels: [email]}\n"
    )
    journey = JOURNEY[: JOURNEY.index("  - {id: mail")] + steps
    made = Stage(journey, policies=PACED)
    others = ["ben", "cleo", "dora"]
    made.enter(T0, *others, tier="gold", score=1)
    made.enter(T0, "zoe", tier="gold", score=0)
    made.engine.apply([made.engine.identify(who, T0 + HOUR, tier="tin") for who in (*others, "zoe")], until=T0 + HOUR)
    made.at = T0 + HOUR + 1
    made.switch(made.next(prioritised(90, journey)))
    made.wait(T0 + 2 * HOUR)
    minutes = sorted(((one.committed_at - T0 - HOUR) // 60_000, one.step) for one in made.engine.messages)
    assert minutes == [(0, "own"), (1, "mail"), (2, "own"), (3, "own")]
