"""Journeys made at random of every step, random events, cut into batches at random: no run is lost or stuck, nothing goes twice, and how
the inputs fall into batches changes nothing."""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.engine import resting
from orchestrator.engine.effects import RunEnd
from orchestrator.engine.inputs import InputRecord
from orchestrator.state.value import encode_sections
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples
from tests.one_journey import workspace
from tests.worlds import DAY, T0, Engine

MINUTE = 60_000
HEAD = """journey: try_it
class: service
entry: {{event: Basket Changed, key: event.basket, reentry: {{on_repeat: {repeat}}}}}
goal: {{event: Order Placed, same: basket}}
steps:
"""
SIMPLE = (
    "send: hello, channels: [email]",
    "send: hello, channels: [sms, email], dedupe: 20m",
    "delay: 25m",
    'delay: {at: "13:00"}',
    'time_window: {from: "11:00", to: "12:30"}',
    "digest: {window: 30m}",
    "digest: {window: 45m, max: 2, key: entry.item}",
    "throttle: {max: 1, per: 40m}",
    "throttle: {max: 1, per: 90m}",
    "throttle: {max: 1, per: 40m, over: exit}",
    "wait_until: {event: Ping, timeout: 50m}",
    "wait_until: {when: customer.score > 2, timeout: 35m}",
    "wait_until: {any: [{event: Ping, as: ping}, {event: Order Placed, match: event.order == 'o2', as: order, then: exit}], since: step, timeout: 20m}",
    "update_profile: {increment: {score: 1}}",
    "emit: Pong",
)


@dataclass
class Written:
    """A journey that is being written: ids are numbered."""

    lines: list[str] = field(default_factory=list)
    number: int = 0

    def id(self) -> str:
        self.number += 1
        return f"s{self.number}"


@st.composite
def journeys(draw: st.DrawFn) -> str:
    """Text of one."""
    made = Written()
    _steps(draw, made, "  ", depth=0)
    return HEAD.format(repeat=draw(st.sampled_from(("ignore", "restart", "parallel")))) + "\n".join(made.lines) + "\n"


def _steps(draw: st.DrawFn, made: Written, indent: str, depth: int) -> None:
    for _ in range(draw(st.integers(1, 3 if depth else 5))):
        kind = draw(st.sampled_from(("simple", "simple", "simple", "loop", "split", "branch")))
        if kind == "loop":
            first = made.id()
            made.lines.append(f"{indent}- {{id: {first}, {draw(st.sampled_from(SIMPLE))}}}")
            made.lines.append(f"{indent}- {{id: {made.id()}, delay: 7m}}")
            made.lines.append(f"{indent}- {{jump: {first}, max: {draw(st.integers(1, 2))}}}")
        elif kind == "split" and depth < 2:
            made.lines += [f"{indent}- id: {made.id()}", f"{indent}  split:"]
            made.lines.append(f"{indent}    - {{name: a, weight: 50}}")
            made.lines.append(f"{indent}    - name: b\n{indent}      weight: 50\n{indent}      then:")
            _steps(draw, made, indent + "        ", depth + 1)
        elif kind == "branch" and depth < 2:
            made.lines += [f"{indent}- branch:", f"{indent}    - when: entry.item == 'pen' or customer.score > 1\n{indent}      then:"]
            _steps(draw, made, indent + "        ", depth + 1)
        else:
            made.lines.append(f"{indent}- {{id: {made.id()}, {draw(st.sampled_from(SIMPLE))}}}")


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 300),
        st.sampled_from(("Basket Changed", "Basket Changed", "Basket Changed", "Ping", "Order Placed")),
        st.sampled_from(("b1", "b2", "b3")),
        st.sampled_from(("pen", "ink")),
    ),
    min_size=1,
    max_size=14,
)


def records_of(engine: Engine, events: list[tuple[int, str, str, str]]) -> list[InputRecord]:
    found = [engine.identify("ada", T0, email="a@example.com", phone="+447911123456", timezone="Europe/London")]
    for minute, name, basket, item in sorted(events, key=lambda one: one[0]):
        data = (
            {"basket": basket, "item": item}
            if name == "Basket Changed"
            else {"basket": basket, "order": item}
            if name == "Order Placed"
            else {}
        )
        found.append(engine.event("ada", T0 + (minute + 1) * MINUTE, name, **data))
    return found


def stuck(engine: Engine) -> list[str]:
    """Runs that neither time nor anything else will move."""
    found: list[str] = []
    for customer in engine.customers.values():
        for run in customer.runs:
            timed = run.due is not None
            planned = any(one.run_id == run.id and one.waiting for one in customer.messages.planned)
            if not (timed or (run.state == "sending" and planned)):
                found.append(f"{run.id} {run.state} at {run.node}")
            due = engine.due.get(customer.id)
            if run.due is not None and (due is None or due > run.due):
                found.append(f"{run.id}: the customer's timer is at {due}, the run's at {run.due}")
    return found


def played(space: Workspace, events: list[tuple[int, str, str, str]], sizes: list[int]) -> tuple[Engine, list[RunEnd], int]:
    """The engine after everything, how runs ended, and how many began."""
    engine = Engine(space)
    records, endings, began = records_of(engine, events), [], 0
    turn = 0
    while records:
        size = sizes[turn % len(sizes)]
        turn += 1
        part, records = records[:size], records[size:]
        if records and records[0].at == part[-1].at:
            same = [one for one in records if one.at == part[-1].at]
            part, records = part + same, records[len(same) :]  # a batch never splits an instant
        outcome = engine.apply(part, until=part[-1].at)
        endings += outcome.endings
        began += outcome.counts["runs_started", "try_it", ""]
        assert not outcome.dead_letters, outcome.dead_letters
        assert stuck(engine) == []
        # what a process that starts again would read
        engine.customers = {name: customer.copy() for name, customer in engine.customers.items()}
    outcome = engine.apply([], until=T0 + 401 * DAY)
    assert not outcome.dead_letters
    return engine, endings + outcome.endings, began


@settings(max_examples=examples(200), deadline=None)
@given(journeys(), EVENTS, st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_no_run_is_lost_or_stuck_and_batches_change_nothing(
    journey: str, events: list[tuple[int, str, str, str]], sizes: list[int]
) -> None:
    space = workspace({"try_it": journey})
    one, ended, began = played(space, events, [1])
    assert all(customer.runs == [] for customer in one.customers.values()), "a run that never ends"
    assert len(ended) == began
    assert Counter((end.key, end.number) for end in ended).most_common(1)[0][1] == 1 if ended else True
    intents = Counter(message.intent for message in one.messages)
    assert all(times == 1 for times in intents.values()), "a message that went twice"
    other, ended_too, _began = played(space, events, sizes)
    assert [(m.intent, m.committed_at) for m in other.messages] == [(m.intent, m.committed_at) for m in one.messages]
    assert [(end.key, end.number, end.how, end.at) for end in ended_too] == [(end.key, end.number, end.how, end.at) for end in ended]
    assert {n: encode_sections(c.sections()) for n, c in other.customers.items()} == {
        n: encode_sections(c.sections()) for n, c in one.customers.items()
    }


@settings(max_examples=examples(150), deadline=None)
@given(journeys(), EVENTS, st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_runs_that_are_left_unread_do_what_those_do_that_are_read(
    journey: str, events: list[tuple[int, str, str, str]], sizes: list[int]
) -> None:
    space = workspace({"try_it": journey})
    read, ended, _began = played(space, events, sizes)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(resting, "MANY", 1)
        unread, ended_too, _began = played(space, events, sizes)
    assert [(m.intent, m.committed_at) for m in unread.messages] == [(m.intent, m.committed_at) for m in read.messages]
    assert ended_too == ended

    def without(engine: Engine) -> dict[str, dict[str, bytes]]:
        return {who: {name: bytes(raw) for name, raw in one.sections().items() if name != "rest"} for who, one in engine.customers.items()}

    assert without(unread) == without(read)
