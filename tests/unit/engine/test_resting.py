"""Many runs that wait are not read by what does not concern them, and are there when it does."""

from dataclasses import replace

import pytest

from orchestrator.engine.batch import Outcome
from orchestrator.model.customer import Customer
from tests.one_journey import workspace
from tests.worlds import DAY, T0, Engine

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
exit_on: [{event: Order Placed, same: basket}]
steps:
  - {id: rest, delay: 30d}
  - {id: mail, send: hello, channels: [email]}
"""
NUMBER = 100


@pytest.fixture
def engine() -> Engine:
    made = Engine(workspace({"try_it": JOURNEY}))
    made.apply([made.identify("ada", T0, email="a@example.com")], until=T0)
    made.apply([made.event("ada", T0 + 1000 + n, "Basket Changed", basket=f"b{n}") for n in range(NUMBER)], until=T0 + 1000 + NUMBER)
    return made


def after(engine: Engine, name: str, at: int, /, **properties: object) -> tuple[Customer, Outcome]:
    """The working copy as it was when the event was applied."""
    outcome = engine.apply([engine.event("ada", at, name, **properties)], until=at)
    return outcome.customers["ada"], outcome


def test_an_event_that_concerns_none_of_them_reads_none(engine: Engine) -> None:
    customer, _outcome = after(engine, "Ping", T0 + 5000)
    assert not customer.has_read_runs
    assert "entries" not in vars(customer), "nor what is counted of them"
    assert engine.due["ada"] == T0 + 1000 + 30 * DAY
    assert len(customer.runs) == NUMBER


def test_one_that_they_listen_for_does(engine: Engine) -> None:
    customer, outcome = after(engine, "Order Placed", T0 + 5000, basket="b7")
    assert customer.has_read_runs
    assert [(end.key, end.how) for end in outcome.endings] == [("b7", "exit_on")]
    assert len(customer.runs) == NUMBER - 1


def test_time_finds_them_each_at_its_instant(engine: Engine) -> None:
    after(engine, "Ping", T0 + 5000)
    engine.apply([], until=T0 + 31 * DAY)
    assert [message.committed_at for message in engine.messages] == [T0 + 1000 + n + 30 * DAY for n in range(NUMBER)]


def test_another_version_finds_them_whoever_tells_it(engine: Engine) -> None:
    changed = workspace({"try_it": JOURNEY.replace("steps:", "in_flight: exit\nsteps:", 1)})
    engine.workspace = changed
    _customer, outcome = after(engine, "Ping", T0 + 5000)
    assert len(outcome.endings) == NUMBER


def test_in_a_paused_journey_they_are_read(engine: Engine) -> None:
    live = engine.workspace
    engine.workspace = replace(live, journeys={"try_it": replace(live.journeys["try_it"], status="paused")})
    customer, _outcome = after(engine, "Ping", T0 + 5000)
    assert customer.has_read_runs
    engine.workspace = live
    engine.apply([engine.event("ada", T0 + 40 * DAY, "Ping")], until=T0 + 40 * DAY)
    assert len(engine.messages) == NUMBER


def test_few_runs_leave_no_trace() -> None:
    made = Engine(workspace({"try_it": JOURNEY}))
    made.apply([made.identify("ada", T0, email="a@example.com")], until=T0)
    made.apply([made.event("ada", T0 + 1000 + n, "Basket Changed", basket=f"b{n}") for n in range(7)], until=T0 + 2000)
    assert "rest" not in made.customers["ada"].sections()


def waiting(step: str) -> Engine:
    made = Engine(workspace({"try_it": JOURNEY.replace("  - {id: rest, delay: 30d}", f"  - {{id: rest, {step}}}")}))
    made.apply([made.identify("ada", T0, email="a@example.com", timezone="Europe/London")], until=T0)
    made.apply([made.event("ada", T0 + 1000 + n, "Basket Changed", basket=f"b{n}") for n in range(20)], until=T0 + 2000)
    assert made.messages == []
    return made


def test_runs_that_wait_for_a_condition_are_asked_at_every_change() -> None:
    made = waiting("wait_until: {when: customer.tier == 'gold', timeout: 30d}")
    made.apply([made.identify("ada", T0 + 5000, tier="gold")], until=T0 + 5000)
    assert len(made.messages) == 20


def test_runs_that_wait_for_a_local_time_follow_whoever_moves() -> None:
    made = waiting('delay: {at: "18:00"}')  # 10:00 in London now
    made.apply([made.identify("ada", T0 + 5000, timezone="Asia/Dubai")], until=T0 + 5000)
    made.apply([], until=T0 + DAY)
    assert {message.committed_at for message in made.messages} == {T0 + 4 * 3_600_000}
