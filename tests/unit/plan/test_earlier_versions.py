"""People who stand in steps that only earlier versions of a journey have are as good as all others: counted, moved, and never stranded."""

from collections import Counter

from orchestrator.plan.words import words
from tests.unit.plan.stage import HELD, Stage
from tests.worlds import DAY, HOUR, T0

FIRST = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
in_flight: continue
steps:
  - {id: first, send: hello, channels: [email]}
  - {id: pause, delay: 5d}
  - {id: answer, wait_until: {event: Order Placed, timeout: 3d}}
  - {id: last, send: hello, channels: [sms]}
"""
SECOND = FIRST.replace("  - {id: pause, delay: 5d}\n", "")
THIRD = SECOND.replace("in_flight: continue\n", "")
MANY = [f"p{n}" for n in range(41)]


def stage() -> Stage:
    """41 stand in `pause`, which the version in force has not; 5 in `answer`, of that version."""
    made = Stage(FIRST)
    made.enter(T0, *MANY)
    made.at = T0 + HOUR
    plan = made.plan(made.next(SECOND))
    assert "- pause      delay        removed   41 people go on in the version they began with" in "\n".join(words(plan, made.at))
    assert made.switch(made.next(SECOND)).endings == []
    made.enter(T0 + DAY, *(f"q{n}" for n in range(5)))
    assert made.standing() == {"pause": 41, "answer": 5}
    return made


def test_who_would_be_thrown_out_stands_in_the_way() -> None:
    made = stage()
    plan = made.plan(made.next(THIRD))
    assert [(one.code, one.what) for one in plan.refused] == [("J040", "try_it: step 'pause' is gone, 41 people stand in it")]
    [change] = plan.journeys[0].steps
    assert (change.mark, change.step, change.word, change.people) == ("-", "pause", "delay", 41)


def test_they_come_over_as_the_plan_says() -> None:
    made = stage()
    third = made.next(THIRD.replace("steps:", "in_flight: {removed: {pause: answer}}\nsteps:"))
    plan = made.plan(third)
    assert plan.refused == ()
    [change] = plan.journeys[0].steps
    assert (change.people, change.to, plan.journeys[0].earlier) == (41, "answer", 41)
    assert "  versions   41 people come over from an earlier version to this one" in words(plan, made.at)
    assert made.switch(third).endings == []
    assert made.standing() == {"answer": 46}
    assert made.versions() == {plan.journeys[0].after: 46}


def test_with_exit_runs_as_many_leave_as_the_plan_says() -> None:
    made = stage()
    plan = made.plan(made.next(THIRD), exit_runs=True)
    assert (plan.refused, plan.journeys[0].leaving, plan.journeys[0].steps[0].to) == ((), 41, "exit")
    assert Counter(one.how for one in made.switch(made.next(THIRD)).endings) == {"version_exit": 41}


def test_another_kind_of_step_in_the_version_between_is_a_step_that_is_gone() -> None:
    made = Stage(FIRST)
    made.enter(T0, *MANY)
    second = FIRST.replace("{id: pause, delay: 5d}", "{id: pause, wait_until: {event: Ping, timeout: 9d}}")
    made.switch(made.next(second))
    third = second.replace("in_flight: continue\n", "")
    assert [(one.code, one.what) for one in made.plan(made.next(third)).refused] == [
        ("J040", "try_it: step 'pause' is another kind of step now, 41 people stand in it")
    ]
    sent = made.next(third.replace("steps:", "in_flight: {removed: {pause: pause}}\nsteps:"))
    plan = made.plan(sent)
    assert [(one.mark, one.step, one.word, one.people, one.to) for one in plan.journeys[0].steps] == [("-", "pause", "delay", 41, "pause")]
    made.at = T0 + DAY
    made.switch(sent)
    assert {run.due for one in made.engine.customers.values() for run in one.runs} == {T0 + 10 * DAY}


def test_a_return_to_the_version_they_are_in_moves_nobody() -> None:
    made = stage()
    plan = made.plan(made.next(FIRST))
    assert (plan.journeys[0].leaving, plan.journeys[0].earlier, plan.refused) == (0, 0, ())
    assert made.switch(made.next(FIRST)).endings == []
    assert made.standing() == {"pause": 41, "answer": 5}


def test_a_new_step_reaches_those_who_come_over_too() -> None:
    made = stage()
    text = THIRD.replace("steps:", "in_flight: {removed: {pause: thanks}}\nsteps:").replace(
        "  - {id: last", "  - {id: thanks, send: hello, channels: [email]}\n  - {id: last"
    )
    plan = made.plan(made.next(text))
    change = next(one for one in plan.journeys[0].steps if one.mark == "+")
    assert (change.before, change.past) == (46, 0)
    made.engine.messages.clear()
    made.switch(made.next(text))
    made.wait(T0 + 9 * DAY)
    assert Counter(one.step for one in made.engine.messages) == {"thanks": 46, "last": 46}


def test_somebody_with_a_held_message_of_an_earlier_version_keeps_one_text() -> None:
    """The message came due in another version than the one its run goes by."""
    journey = FIRST.replace("in_flight: continue", "in_flight: {content: pinned}")
    made = Stage(journey, policies=HELD)
    made.enter(T0, "ada", tier="gold")
    keep = [made.plan(made.next(journey, {"hello": "Two"})).messages[0].keep]
    made.switch(made.next(journey.replace("class: service", "class: service\npriority: 60")))
    keep.append(made.plan(made.next(journey, {"hello": "Two"})).messages[0].keep)
    assert keep == [1, 1]
