"""Nobody leaves without a word: too old by a new `max_age`, inside after a new `until`, in a journey that becomes a draft."""

from orchestrator.engine.batch import Outcome
from orchestrator.plan.words import words
from tests.one_journey import CONCIERGE
from tests.unit.plan.stage import HELD, Stage
from tests.worlds import DAY, HOUR, T0

HEAD = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\n"
LONG = HEAD + "steps:\n  - {id: rest, delay: 100d}\n  - {id: mail, send: hello, channels: [email]}\n"
LOOP = HEAD + "steps:\n  - {id: rest, delay: 5d}\n  - {jump: rest, max: 9}\n"


def two_inside(journey: str, late: int) -> Stage:
    """Ada is in it for `late` days and ten more, Ben for ten."""
    made = Stage(journey)
    made.enter(T0, "ada")
    made.enter(T0 + late * DAY, "ben")
    made.wait(T0 + (late + 10) * DAY + HOUR)
    return made


def told(made: Stage, after: dict[str, bytes]) -> tuple[list[str], Outcome]:
    lines = words(made.plan(after), made.at)
    return [line for line in lines if "leave" in line], made.switch(after)


def test_who_is_older_than_the_new_max_age() -> None:
    made = two_inside(LONG, 40)
    lines, outcome = told(made, made.next(LONG.replace("steps:", "max_age: 30d\nsteps:").replace("100d", "20d")))
    assert lines == [
        "  ~ rest       delay        delay 100d → 20d   1 person keeps its instant (next in 89 d 23 h, last in 89 d 23 h), 1 leaves",
        "  leaves     1 person older than max_age (max_age)",
    ]
    assert [(one.customer, one.how) for one in outcome.endings] == [("ada", "max_age")]


def test_or_than_the_workspaces() -> None:
    made = two_inside(LOOP, 11)
    made.more["concierge"] = CONCIERGE + "journeys: {max_age: 20d}\n"
    after = made.next(LOOP)
    assert made.plan(after).journeys[0].header == ("max_age 400d → 20d (concierge.yaml)",)
    lines, outcome = told(made, after)
    assert lines == ["  leaves     1 person older than max_age (max_age)"]
    assert [(one.customer, one.how) for one in outcome.endings] == [("ada", "max_age")]


def test_who_is_inside_after_the_new_end() -> None:
    made = two_inside(LONG, 40)
    after = made.next(LONG.replace("steps:", "active: {from: 2026-01-01, until: 2026-03-04, after: exit}\nsteps:"))
    lines, outcome = told(made, after)
    assert lines == ["  leaves     2 people (version_exit)"]
    assert sorted((one.customer, one.how) for one in outcome.endings) == [("ada", "version_exit"), ("ben", "version_exit")]


def test_nobody_is_in_a_draft() -> None:
    mail = LONG.replace("  - {id: rest, delay: 100d}\n", "")
    made = Stage(mail, policies=HELD)
    made.enter(T0, "ada", tier="gold")
    after = made.next(mail.replace("class:", "status: draft\nclass:"))
    [refusal] = made.plan(after).refused
    assert (refusal.code, refusal.what) == ("J047", "journey 'try_it' becomes a draft with 1 person in it")
    plan = made.plan(after, exit_runs=True)
    assert (plan.refused, plan.journeys[0].leaving, plan.journeys[0].cancelled) == ((), 1, 1)
    leave = made.next(mail.replace("class:", "status: draft\nin_flight: exit\nclass:"))
    assert (made.plan(leave).refused, made.plan(leave).journeys[0].leaving) == ((), 1)
    outcome = made.switch(after)
    assert [one.how for one in outcome.endings] == ["version_exit"]
    made.engine.apply([made.engine.identify("ada", T0 + HOUR, tier="tin")], until=T0 + HOUR)
    assert made.engine.messages == []


def test_and_it_sends_nothing_that_a_run_has_left_behind() -> None:
    bye = LONG.replace("steps:", "exit_on: [{event: Order Placed, then: [{id: bye, send: hello, channels: [email]}]}]\nsteps:")
    made = Stage(bye, policies=HELD)
    made.enter(T0, "ada", tier="gold")
    made.engine.apply([made.engine.event("ada", T0 + 1, "Order Placed")], until=T0 + 1)
    after = made.next(bye.replace("class:", "status: draft\nclass:"))
    plan = made.plan(after)
    assert (plan.refused, plan.journeys[0].people, plan.journeys[0].cancelled) == ((), 0, 1)
    made.switch(after)
    made.engine.apply([made.engine.identify("ada", T0 + HOUR, tier="tin")], until=T0 + HOUR)
    assert made.engine.messages == []
    assert made.engine.customers["ada"].messages.planned == []
