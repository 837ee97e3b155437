"""Numbers of a plan: people are people, each counted once; messages that are cancelled need nothing; who leaves is said."""

from collections import Counter

from orchestrator.plan.people import where_people_stand
from orchestrator.plan.words import as_json, words
from tests.one_journey import files
from tests.unit.plan.stage import HELD, Stage
from tests.worlds import DAY, HOUR, T0

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: office, delay: 2d}
  - {id: between, delay: 2d}
  - {id: promoted, send: promo, channels: [email]}
  - {id: last, delay: 1d}
"""
PROMO = {"promo": "Promo"}


def test_a_person_with_two_runs_is_one_person() -> None:
    made = Stage(JOURNEY, PROMO)
    many, few = [f"p{n}" for n in range(30)], [f"q{n}" for n in range(3)]
    made.enter(T0, *many)
    made.enter(T0 + 2 * DAY, *few)
    made.enter(T0 + 2 * DAY + HOUR, *few, basket="b2")
    found = where_people_stand(made.engine.customers.values())
    assert (found.inside("try_it"), found.at("try_it", "office").people, found.at("try_it", "office").runs) == (33, 3, 6)
    after = made.next(JOURNEY.replace("{id: office, delay: 2d}", "{id: office, delay: 3d}"), PROMO)
    plan = made.plan(after)
    text = "\n".join(words(plan, made.at))
    assert "waits: keep, 33 people (36 runs) in it" in text
    assert "delay 2d → 3d   3 people (6 runs) keep their instant" in text
    assert as_json(plan)["journeys"][0]["steps"][0]["runs"] == 6  # type: ignore[index]


def test_who_is_before_a_new_step_and_past_it_comes_to_it() -> None:
    made = Stage(JOURNEY, PROMO)
    made.enter(T0, "ada", "ben")
    made.enter(T0 + 4 * DAY + HOUR, "ada", basket="b2")
    assert made.standing() == {"last": 2, "office": 1}
    after = made.next(JOURNEY.replace("  - {id: between", "  - {id: thanks, send: hello, channels: [sms]}\n  - {id: between"), PROMO)
    plan = made.plan(after)
    [change] = plan.journeys[0].steps
    assert (change.before, change.past) == (1, 1)
    assert "reaches 1 person before it; 1 is past it" in "\n".join(words(plan, made.at))
    made.engine.messages.clear()
    made.switch(after)
    made.wait(T0 + 9 * DAY)
    assert {one.customer for one in made.engine.messages if one.step == "thanks"} == {"ada"}


def test_who_comes_to_a_new_step_twice_is_one_person() -> None:
    made = Stage(JOURNEY, PROMO)
    made.enter(T0, "ada")
    made.enter(T0 + 2 * DAY + HOUR, "ada", basket="b2")
    assert made.standing() == {"between": 1, "office": 1}
    plan = made.plan(
        made.next(JOURNEY.replace("  - {id: promoted", "  - {id: thanks, send: hello, channels: [sms]}\n  - {id: promoted"), PROMO)
    )
    assert [(one.before, one.past) for one in plan.journeys[0].steps] == [(1, 0)]


def held() -> Stage:
    """Three messages are held in `promoted`."""
    made = Stage(JOURNEY, PROMO, policies=HELD)
    made.enter(T0, "ada", "ben", "cleo", tier="gold")
    made.wait(T0 + 4 * DAY)
    assert made.standing() == {"promoted": 3}
    return made


GONE = JOURNEY.replace("  - {id: promoted, send: promo, channels: [email]}\n", "")


def test_a_message_that_this_plan_cancels_may_be_removed_with_it() -> None:
    for text, exit_runs in (
        (GONE.replace("steps:", "in_flight: {removed: {promoted: last}}\nsteps:"), False),
        (GONE.replace("steps:", "in_flight: exit\nsteps:"), False),
        (GONE, True),
        ("", True),
    ):
        made = held()
        after = made.next(text) if text else files({"other": GONE.replace("try_it", "other")}, policies=HELD)
        plan = made.plan(after, exit_runs=exit_runs)
        assert plan.refused == (), text
        [message] = plan.messages
        assert (message.waiting, message.cancelled, sum(one.cancelled for one in plan.journeys)) == (3, 3, 3)
        assert "messages   promo: removed; 3 not yet sent are cancelled; 0 sent again" in words(plan, made.at)
        outcome = made.switch(after)
        assert Counter(one.reason.value for one in outcome.decisions) == {"journey_exited": 3}


def test_one_that_will_be_sent_may_not() -> None:
    made = held()
    plan = made.plan(made.next(JOURNEY.replace("send: promo", "send: hello")))
    assert [(one.code, one.what) for one in plan.refused] == [("J049", "message 'promo' is removed, and 3 of it are not sent yet")]
    assert "messages   promo: removed; 3 not yet sent need it; 0 sent again" in words(plan, made.at)


def test_a_farewell_that_nothing_sends_any_more_is_never_sent() -> None:
    journey = JOURNEY.replace("steps:", "exit_on: [{event: Order Placed, then: [{id: bye, send: promo, channels: [email]}]}]\nsteps:", 1)
    made = Stage(journey, PROMO, policies=HELD)
    made.enter(T0, "ada", tier="gold")
    made.engine.apply([made.engine.event("ada", T0 + HOUR, "Order Placed", basket="b1")], until=T0 + HOUR)
    assert (made.standing(), len(made.engine.customers["ada"].messages.planned)) == ({}, 1)
    plan = made.plan(made.next(GONE))
    assert (plan.refused, plan.journeys[0].cancelled, plan.messages[0].cancelled) == ((), 1, 1)
    decisions = made.switch(made.next(GONE)).decisions
    decisions += made.engine.apply([made.engine.identify("ada", T0 + 2 * HOUR, tier="tin")], until=T0 + 2 * HOUR).decisions
    assert [one.reason.value for one in decisions] == ["journey_exited"]


def test_who_leaves_is_said() -> None:
    made = Stage(JOURNEY, PROMO)
    made.enter(T0, *(f"p{n}" for n in range(40)))
    everybody = made.plan(made.next(JOURNEY.replace("steps:", "in_flight: exit\nsteps:"), PROMO))
    assert "  leaves     40 people (version_exit)" in words(everybody, made.at)
    gone = made.next(JOURNEY.replace("  - {id: office, delay: 2d}\n", ""), PROMO)
    some = made.plan(gone, exit_runs=True)
    assert "  - office     delay        removed   40 people → exit" in words(some, made.at)
    assert len(made.switch(gone).endings) == some.journeys[0].leaving == everybody.journeys[0].leaving == 40
