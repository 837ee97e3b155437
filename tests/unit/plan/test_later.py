"""`waits: reschedule`: the instants a plan shows are those that people then have."""

import pytest

from orchestrator.plan.words import words
from tests.unit.plan.stage import Stage
from tests.worlds import DAY, HOUR, T0

HEAD = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
"""
STEPS = {
    "delay": ("delay: 2d", "delay: 10h"),
    "past": ("delay: 2d", "delay: 1m"),
    "wait": ("wait_until: {event: Order Placed, timeout: 2d}", "wait_until: {event: Order Placed, timeout: 3d}"),
    "digest": ("digest: {window: 2d}", "digest: {window: 1d}"),
    "window": ("time_window: {from: '13:00', to: '14:00'}", "time_window: {from: '15:00', to: '16:00'}"),
    "local": ("delay: {for: 1d, at: '09:00'}", "delay: {for: 1d, at: '18:00'}"),
    "until": ("delay: {until: entry.ready_at}", "delay: {until: entry.ready_at, offset: -2h}"),
}
RESCHEDULE = "in_flight: {waits: reschedule}\nsteps:"


def journey(step: str) -> str:
    return f"{HEAD}  - {{id: rest, {step}}}\n  - {{id: last, delay: 9d}}\n"


def stage(step: str) -> Stage:
    """Ada and Ben wait since T0, Cleo since an hour later; it is two hours later."""
    made = Stage(journey(step))
    made.engine.apply([made.engine.identify("ben", T0, email="b@example.com", timezone="America/New_York")], until=T0)
    for at, *people in ((T0, "ada", "ben"), (T0 + HOUR, "cleo")):
        events = [made.engine.event(who, at, "Basket Changed", basket="b1", ready_at="2026-03-04T10:00:00Z") for who in people]
        made.engine.apply(events, until=at)
    made.wait(T0 + 2 * HOUR)
    return made


def instants(made: Stage) -> list[int]:
    return sorted(run.due or 0 for one in made.engine.customers.values() for run in one.runs if run.node == "rest")


@pytest.mark.parametrize("kind", STEPS)
def test_the_new_instants_are_shown(kind: str) -> None:
    old, new = STEPS[kind]
    made = stage(old)
    after = made.next(journey(new).replace("steps:", RESCHEDULE))
    plan = made.plan(after)
    [change] = plan.journeys[0].steps
    engine = made.engine
    had = {who: run.due for who, one in engine.customers.items() for run in one.runs}
    engine.due = {}  # nobody goes on at the instant of the apply itself
    made.switch(after)
    assert change.people == 3
    if kind == "past":
        assert (change.retimed, change.first, change.last) == (3, made.at, made.at)
        assert "3 people get a new instant (next in 0 s, last in 0 s)" in "\n".join(words(plan, made.at))
        return
    has = {who: run.due for who, one in engine.customers.items() for run in one.runs}
    assert change.retimed == sum(has[who] != had[who] for who in had) == 3
    assert (change.first, change.last) == (min(instants(made)), max(instants(made)))


def test_switching_to_reschedule_alone_says_whom_it_moves() -> None:
    made = stage("delay: 2d")
    made.switch(made.next(journey("delay: 1d")))
    made.engine.apply([made.engine.event("dora", made.at, "Basket Changed", basket="b1")], until=made.at)
    kept = instants(made)
    after = made.next(journey("delay: 1d").replace("steps:", RESCHEDULE))
    plan = made.plan(after)
    [change] = plan.journeys[0].steps
    assert (change.mark, change.step, change.what, change.people, change.retimed) == ("~", "rest", "", 4, 3)
    text = "\n".join(words(plan, made.at))
    assert "~ rest       delay        3 people get a new instant (next in 22 h 0 min, last in 23 h 0 min), 1 keeps its" in text
    made.switch(after)
    assert len(set(kept) - set(instants(made))) == 2
    assert instants(made) == [T0 + DAY, T0 + DAY, T0 + DAY + HOUR, made.at + DAY]


def test_where_nothing_moves_nothing_is_said() -> None:
    made = stage("delay: 2d")
    plan = made.plan(made.next(journey("delay: 2d").replace("steps:", RESCHEDULE)))
    assert plan.journeys[0].steps == ()
