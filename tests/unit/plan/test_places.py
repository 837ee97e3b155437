"""A step that stands somewhere else is said to, with the people in it; steps without an id are found where they run."""

import pytest

from orchestrator.plan.words import words
from tests.unit.plan.stage import Stage
from tests.worlds import DAY, T0

HEAD = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
"""
FIRST = "  - {id: first, send: hello, channels: [email]}\n"
REST = "  - {id: rest, delay: 2d}\n"
ANSWER = "  - {id: answer, wait_until: {event: Order Placed, timeout: 3d}}\n"
LAST = "  - {id: last, delay: 1d}\n"
BRANCH = "  - {branch: [{when: customer.score > 3, then: [{id: rich, delay: 1d}]}, {otherwise: [{id: poor, delay: 1d}]}]}\n"
JOURNEY = HEAD + FIRST + REST + ANSWER + LAST


def stage(journey: str = JOURNEY, stands: str = "rest") -> Stage:
    """Forty stand in one step."""
    made = Stage(journey)
    made.enter(T0, *(f"p{n}" for n in range(40)))
    made.wait(T0 + {"rest": 0, "answer": 2 * DAY, "last": 5 * DAY}[stands])
    assert made.standing() == {stands: 40}
    return made


def said(made: Stage, journey: str) -> list[tuple[str, str, str, int]]:
    plan = made.plan(made.next(journey))
    assert plan.refused == ()
    return [(one.mark, one.step, one.what, one.people) for one in plan.journeys[0].steps]


@pytest.mark.parametrize(("after", "expected"), [
    (FIRST + ANSWER + REST + LAST, [("~", "answer", "now behind 'first'", 0)]),
    (REST + FIRST + ANSWER + LAST, [("~", "rest", "now first", 40)]),
    (FIRST + ANSWER + LAST + REST, [("~", "rest", "now behind 'last'", 40)]),
    (FIRST + REST + LAST + ANSWER.replace("3d", "4d"), [("~", "last", "now behind 'rest'", 0), ("~", "answer", "wait_until timeout 3d → 4d", 0)]),
    (FIRST + ANSWER + LAST.replace("last,", "last, title: The last,") + REST.replace("rest", "pause, was: [rest]"), [("~", "pause", "was 'rest', now behind 'last'", 40)]),
    (FIRST + REST + LAST + ANSWER, [("~", "last", "now behind 'rest'", 0)]),
])  # fmt: skip
def test_steps_in_another_order(after: str, expected: list[tuple[str, str, str, int]]) -> None:
    made = stage()
    assert said(made, HEAD + after) == expected


def test_a_step_that_went_into_an_arm() -> None:
    made = stage()
    inside = ANSWER.replace("3d}}", "3d}, on_event: [{id: rest, delay: 2d}]}")
    assert said(made, HEAD + FIRST + inside + LAST) == [
        ("~", "answer", "+ on_event [rest]", 0),
        ("~", "rest", "now first in on_event of 'answer'", 40),
    ]
    text = "\n".join(words(made.plan(made.next(HEAD + FIRST + inside + LAST)), T0))
    assert "~ rest       delay        now first in on_event of 'answer'   40 people keep their instant" in text
    made.switch(made.next(HEAD + FIRST + inside + LAST))
    made.wait(T0 + 2 * DAY)
    assert made.standing() == {"last": 40}


def test_what_is_put_before_moves_nothing() -> None:
    before = HEAD + FIRST + REST + BRANCH + LAST
    made = stage(before)
    more = BRANCH.replace("rich", "tall").replace("poor", "small")
    other = before.replace(FIRST, FIRST + more)
    assert not [one for one in said(made, other) if "now" in one[2]]
    arm = before.replace("{branch: [", "{branch: [{when: customer.score > 9, then: [{id: huge, delay: 1d}]}, ")
    assert not [one for one in said(made, arm) if "now" in one[2]]


@pytest.mark.parametrize(("stands", "counts"), [("rest", (40, 0)), ("answer", (0, 40))])
@pytest.mark.parametrize("step", [
    BRANCH,
    "  - {branch: [{when: customer.score > 3, then: [{jump: last}]}]}\n",
])  # fmt: skip
def test_steps_without_an_id_reach_who_is_before_them(step: str, stands: str, counts: tuple[int, int]) -> None:
    made = stage(stands=stands)
    plan = made.plan(made.next(HEAD + FIRST + REST + step + ANSWER + LAST))
    found = {one.step: (one.before, one.past) for one in plan.journeys[0].steps if one.mark == "+"}
    assert {count for name, count in found.items() if " " in name} == {counts}


def test_two_without_an_id_are_told_apart() -> None:
    made = stage(stands="answer")
    again = BRANCH.replace("rich", "tall").replace("poor", "small")
    plan = made.plan(made.next(HEAD + FIRST + REST + BRANCH + ANSWER + again + LAST))
    found = {one.step: (one.before, one.past) for one in plan.journeys[0].steps}
    assert (found["branch 1"], found["branch 2"]) == ((0, 40), (40, 0))
    assert (found["rich"], found["tall"]) == ((0, 40), (40, 0))
