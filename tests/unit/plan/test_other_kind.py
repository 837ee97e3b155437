"""A step whose id is given to another kind of step is gone, whatever kind it was; `removed` says where its people go."""

import pytest

from orchestrator.plan.words import words
from orchestrator.workspace.finding import Finding
from tests.one_journey import CONCIERGE, errors
from tests.unit.plan.stage import Stage
from tests.worlds import DAY, T0

HOOKS = CONCIERGE + "webhooks: {hosts: [example.com]}\n"
KINDS = {
    "delay": "delay: 2d",
    "wait_until": "wait_until: {event: Order Placed, timeout: 3d}",
    "time_window": "time_window: {from: '13:00', to: '14:00', timezone: workspace}",
    "digest": "digest: {window: 2d}",
    "throttle": "throttle: {max: 1, per: 3d, key: customer.id}",
    "webhook": "webhook: {url: 'https://example.com/x'}",
    "send": "send: hello, channels: [email]",
}
JOURNEY = """journey: try_it
class: service
entry: {{event: Basket Changed, key: event.basket}}
steps:
  - {{id: hold, {step}}}
  - {{id: last, delay: 9d}}
"""


def stage(kind: str) -> Stage:
    """Ada stands in `hold`."""
    made = Stage(JOURNEY.format(step=KINDS[kind]), concierge=HOOKS, policies="topics: {news: {title: News, consent: {email: opt_out}}}\nquiet_hours: [{rule: all, from: '09:00', to: '12:00', classes: [service]}]\n")  # fmt: skip
    made.enter(T0, "ada")
    if kind == "throttle":
        made.enter(T0, "ada", basket="b2")
    assert made.standing()["hold"] == 1
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_who_stands_in_one_kind_does_not_stand_in_another(kind: str) -> None:
    other = "delay" if kind != "delay" else "wait_until"
    made = stage(kind)
    text = JOURNEY.format(step=KINDS[other])
    assert [(one.code, one.what, one.fix) for one in made.plan(made.next(text)).refused] == [
        (
            "J040",
            "try_it: step 'hold' is another kind of step now, 1 person stands in it",
            "in_flight: {removed: {hold: <a later step, or exit>}}, or --exit-runs",
        )
    ]
    advised = made.next(text.replace("steps:", "in_flight: {removed: {hold: last}}\nsteps:"))
    plan = made.plan(advised)
    assert plan.refused == ()
    gone = next(one for one in plan.journeys[0].steps if one.mark == "-")
    assert (gone.step, gone.word, gone.people, gone.to, plan.journeys[0].idle) == ("hold", kind, 1, "last", ())
    assert made.switch(advised).endings == []
    assert made.standing()["hold"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_and_leaves_where_nothing_says_more(kind: str) -> None:
    made = stage(kind)
    other = "delay" if kind != "delay" else "wait_until"
    plan = made.plan(made.next(JOURNEY.format(step=KINDS[other])), exit_runs=True)
    assert plan.journeys[0].leaving == 1
    assert [one.how for one in made.switch(made.next(JOURNEY.format(step=KINDS[other]))).endings] == ["version_exit"]


def test_what_the_old_window_was_to_do_is_forgotten() -> None:
    made = stage("time_window")
    made.switch(made.next(JOURNEY.format(step=KINDS["wait_until"]).replace("steps:", "in_flight: {removed: {hold: hold}}\nsteps:")))
    made.engine.apply([made.engine.event("ada", T0 + 60_000, "Order Placed", basket="b1")], until=T0 + 60_000)
    assert made.standing() == {"last": 1}


def test_removed_counts_for_nobody_where_the_step_is_the_same() -> None:
    made = stage("delay")
    text = JOURNEY.format(step="delay: 3d").replace("steps:", "in_flight: {removed: {hold: last}}\nsteps:")
    plan = made.plan(made.next(text))
    assert (plan.refused, plan.journeys[0].idle) == ((), ("hold",))
    assert "  removed    'hold' sends nobody: it is in this file, and the same kind of step" in words(plan, T0)
    made.switch(made.next(text))
    assert made.standing() == {"hold": 1}
    assert [run.due for run in made.engine.customers["ada"].runs] == [T0 + 2 * DAY]


def test_a_new_name_for_another_kind_names_both_ways_out() -> None:
    made = stage("delay")
    text = JOURNEY.format(step=KINDS["wait_until"] + ", was: [hold]").replace("id: hold", "id: rest")
    [refused] = made.plan(made.next(text)).refused
    assert refused.fix.startswith("take 'hold' out of the `was` of 'rest', and in_flight: {removed: {hold: ")
    of_the_new_name = made.next(text.replace("steps:", "in_flight: {removed: {rest: last}}\nsteps:"))
    assert [one.code for one in made.plan(of_the_new_name).refused] == ["J040"], "people stand under the old one"
    made.switch(made.next(text.replace(", was: [hold]", "").replace("steps:", "in_flight: {removed: {hold: rest}}\nsteps:")))
    assert made.standing() == {"rest": 1}


def _found(in_flight: str, steps: str) -> list[Finding]:
    head = "journey: try_it\nclass: service\nentry: {event: Basket Changed}\n"
    return [one for one in errors(f"{head}in_flight: {in_flight}\nsteps:\n{steps}") if one.code == "J041"]


def test_lint_names_no_step_by_its_place() -> None:
    steps = "  - {id: rest, delay: 1d}\n  - {branch: [{when: customer.score < 3, then: exit}]}\n  - {id: last, delay: 1d}\n"
    [found] = _found("{removed: {cool: elsewhere}}", steps)
    assert found.fix == "steps: exit, last, rest"
    assert _found("{removed: {rest: last}}", steps) == []
