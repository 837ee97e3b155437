"""`count_of(…, where=…)` over all time is a running count: neither the number of events that are kept nor their age bounds it."""

import pytest

from orchestrator.model.sections import EventPast, PastItem
from orchestrator.profiles.merge import counts_of_both
from tests.one_journey import play, workspace
from tests.worlds import HOUR, T0, Engine

HEAD = "journey: try_it\nclass: service\n"
ENTRY = (
    HEAD
    + "entry: {{event: Ping, when: \"count_of('Pong', where='event.n == 1') == {0}\"}}\nsteps: [{{id: s, send: hello, channels: [email]}}]\n"
)


def test_more_than_are_kept() -> None:
    test = "when: [{at: 0h, event: Pong, with: {n: 1}, repeat: 1200, every: 1s}, {at: 1h, event: Ping}]\nthen: {sends: [{at: 1h}]}"
    assert play(ENTRY.format(1200), test) == []


def test_older_than_is_kept() -> None:
    test = "given: {history: [{at: -390d, event: Pong, with: {n: 1}}, {at: -389d, event: Pong, with: {n: 2}}]}\nwhen: [{at: 20d, event: Ping}]\nthen: {sends: [{at: 20d}]}"
    assert play(ENTRY.format(1), test) == []


@pytest.mark.parametrize(
    "form",
    ["seen('Pong', where='event.n == 1')", "count_of('Pong', where='event.n == 1') == 1 and count_of('Pong', where='event.n == 2') == 2"],
)
def test_each_condition_by_itself(form: str) -> None:
    journey = HEAD + f'entry: {{event: Ping, when: "{form}"}}\nsteps: [{{id: s, send: hello, channels: [email]}}]\n'
    pongs = ", ".join(f"{{at: {n}m, event: Pong, with: {{n: {value}}}}}" for n, value in enumerate((2, 1, 2)))
    assert play(journey, f"when: [{pongs}, {{at: 1h, event: Ping}}]\nthen: {{sends: [{{at: 1h}}]}}") == []


def test_also_where_a_text_asks() -> None:
    journey = HEAD + "entry: {event: Ping}\nsteps: [{id: s, send: hello, channels: [email]}]\n"
    test = "when: [{at: 0h, event: Pong, with: {n: 1}, repeat: 1100, every: 1s}, {at: 1h, event: Ping}]\nthen: {sends: [{at: 1h, contains: [1100 times]}]}"
    assert play(journey, test, {"hello": "{{ count_of('Pong', where='event.n == 1') }} times"}) == []


def pongs(engine: Engine, who: str, first: int, last: int) -> None:
    engine.apply([engine.event(who, T0 + n * 1000, "Pong", n=1 + n % 2) for n in range(first, last)])


def counted(engine: Engine, who: str) -> int:
    """How often n was 1."""
    return engine.customers[who].past["Pong"].totals["event.n == 1"]


def test_it_begins_with_what_is_kept_when_somebody_first_asks() -> None:
    before = workspace(
        {
            "try_it": HEAD
            + "entry: {event: Ping, when: \"count_of('Pong', within='9d') > 0\"}\nsteps: [{id: s, send: hello, channels: [email]}]\n"
        }
    )
    engine = Engine(before)
    pongs(engine, "ada", 0, 10)
    engine.switch(workspace({"try_it": ENTRY.format(5)}), T0 + HOUR)
    engine.apply([engine.event("ada", T0 + HOUR, "Ping", n=1)])
    assert engine.customers["ada"].entries.counts["try_it"][""].count == 1, "five are kept"
    engine.apply([engine.event("ada", T0 + 2 * HOUR, "Pong", n=1)])
    assert counted(engine, "ada") == 6


def test_two_profiles_that_become_one_are_counted_together() -> None:
    engine = Engine(workspace({"try_it": ENTRY.format(9)}))
    engine.apply([engine.event("~a1", T0 + n * 1000, "Pong", n=1) for n in range(4)])
    pongs(engine, "ada", 0, 10)
    assert (counted(engine, "ada"), counted(engine, "~a1")) == (5, 4)
    mine, other = engine.customers["ada"].past["Pong"], engine.customers["~a1"].past["Pong"]
    assert counts_of_both(mine, other) == {"event.n == 1": 9}
    assert counts_of_both(EventPast(), other) == {"event.n == 1": 4}
    assert counts_of_both(EventPast(1, {}, [PastItem(T0, T0, 1, {"n": 1})]), other) == {}


def test_nothing_is_kept_of_events_that_are_only_counted() -> None:
    engine = Engine(workspace({"try_it": ENTRY.format(9)}))
    pongs(engine, "ada", 0, 10)
    assert engine.customers["ada"].past["Pong"].items == []
