"""Conditions that come true or end by themselves: asked at the instants they name, they miss no change of their answer."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.expressions.expression import Expression, compile_expression
from orchestrator.expressions.problems import ExpressionError
from orchestrator.expressions.scope import PastEvent, Scope, next_change
from tests.one_journey import PROFILE, play
from tests.unit.expressions.test_expression import MS, WORDS, Facts

TRACKED = WORDS.as_tracked()
GRAIN = 10_800_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _written(ms: int) -> str:
    return (EPOCH + timedelta(milliseconds=ms)).isoformat()


def _atom(draw: Random) -> str:
    window, number = draw.choice(("6h", "1d", "2d")), draw.choice((-1, 0, 1, 2))
    at = draw.choice(("x", "y", "x | add_days(1)", "last_of('A').timestamp", "x + duration('5h')"))
    sign = draw.choice(("<", "<=", ">", ">=", "==", "!="))
    return draw.choice((
        f"seen('A', within='{window}')", f"count_of('B', within='{window}') {sign} {number}", f"days_since({at}) {sign} {number}",
        f"days_until({at}) {sign} {number}", f"now {sign} {at}", f"{at} {sign} now", f"days_since({at}) in [0, {number}]",
        f"seen('A', within='{window}', where='days_since(event.t) {sign} {number}')", f"({at} if now > y else y) == x",
    ))  # fmt: skip


def _condition(draw: Random, depth: int = 0) -> str:
    if depth > 2 or draw.random() < 0.4:
        return _atom(draw)
    form = draw.choice(("({} and {})", "({} or {})", "not ({})", "({} if {} else {})"))
    return form.format(*(_condition(draw, depth + 1) for _ in range(form.count("{}"))))


def _judge(condition: Expression, names: dict[str, object], facts: Facts, ms: int) -> tuple[bool, int | None]:
    scope = Scope(names, facts, EPOCH + timedelta(milliseconds=ms), ZoneInfo("Europe/London"))
    return condition.true(scope), next_change(scope)


@given(st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_no_change_of_an_answer_is_missed(draw: Random) -> None:
    condition = compile_expression(_condition(draw), TRACKED)
    facts = Facts(*(
        PastEvent(draw.choice("AB"), MS + draw.randint(-16, 8) * GRAIN + draw.choice((0, 1)), MS, number, {"t": _written(MS + draw.randint(-16, 8) * GRAIN)})
        for number in range(4)
    ))  # fmt: skip
    names: dict[str, object] = {
        "x": _written(MS + draw.randint(-16, 8) * GRAIN),
        "y": draw.choice((None, _written(MS + draw.randint(-9, 9) * GRAIN))),
    }
    at = MS - 2 * GRAIN
    answer, change = _judge(condition, names, facts, at)
    told = [(at, answer)]
    while change is not None and change < MS + 9 * GRAIN:
        assert change > at
        at = change
        answer, change = _judge(condition, names, facts, at)
        told.append((at, answer))
    instants = [one for one, _answer in told]
    for ms in (MS + step * GRAIN + more for step in range(-2, 9) for more in (0, 1, 2)):
        assert _judge(condition, names, facts, ms)[0] == told[bisect_right(instants, ms) - 1][1], (condition.text, ms)


@pytest.mark.parametrize(
    "text", ["now in [x]", "now not in [x]", "days_since(x | default(now)) > 1", "days_until(now | add_months(1)) < 30"]
)
def test_time_in_other_forms_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as found:
        compile_expression(text, TRACKED)
    assert {problem.code for problem in found.value.problems} == {"E013"}


WAITS = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - id: wait
    wait_until: {when: now == customer.due, timeout: 5d}
    on_event: [{id: s, send: hello, channels: [email]}]
    on_timeout: exit
"""


def test_a_condition_that_is_true_for_one_instant_is_met_in_it() -> None:
    test = "given: {customer: {due: '2026-03-03T10:00:00Z'}}\nwhen: [{at: 0h, event: Ping}]\nthen: {sends: [{at: 24h}]}"
    assert play(WAITS, test, profile=PROFILE.replace("traits:", "traits:\n  due: {type: instant}")) == []


LEAVES = """journey: try_it
class: service
entry: {audience: active, change: leaves}
steps: [{id: s, send: hello, channels: [email]}]
"""


@pytest.mark.parametrize("when", ["last_of('Pong') is defined", "count_of('Pong', since='2026-01-01') > 0"])
def test_what_is_kept_no_longer_is_gone_at_that_instant(when: str) -> None:
    test = "until: 2026-04-20T00:00:00Z\nwhen: [{at: 0h, event: Pong}]\nthen: {sends: [{at: 10d}]}"
    audiences = f'audiences:\n  active: {{title: Active, when: "{when}"}}\n'
    assert play(LEAVES, test, audiences=audiences, profile=PROFILE + "retention: {events: 10d}\n") == []
