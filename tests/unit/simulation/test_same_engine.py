"""A simulation decides as the player of journey tests does, to the byte of every message."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestrator.content.check import check_message
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.engine.batch import Batch, Outcome
from orchestrator.engine.inputs import InputRecord
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import World
from orchestrator.model.customer import Customer
from orchestrator.pipeline import apply_batch
from orchestrator.simulation.crowd import Crowd
from orchestrator.simulation.made_up import MadeUp
from orchestrator.simulation.shard import Part, play_shard
from orchestrator.simulation.stage import Stage
from orchestrator.state.stored_customer import customer_of
from orchestrator.workspace.load import load_workspace
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import workspace as small
from tests.unit.simulation.playing import T0

ROOT = Path(__file__).parents[3]
AUDIENCES = """audiences:
  busy: {title: Busy, when: "count_of('Ping', within='14d') >= 2"}
  scored: {title: Scored, when: customer.score > 50}
"""
BUSY = """journey: try_it
class: service
entry: {audience: busy, change: joins, reentry: {after: 1h}}
steps:
  - {id: first, send: hello, channels: [email, sms]}
  - {id: later, delay: {until: now, at: "18:00"}}
  - {id: second, send: hello, channels: [sms, email]}
"""
AT_ONCE = """journey: at_once
class: service
entry: {audience: scored, existing: enter}
steps:
  - {id: first, send: hello, channels: [email]}
  - {id: pause, delay: 1h}
  - branch:
      - when: steps.first.delivered
        then: [{id: second, send: hello, channels: [email]}]
"""


class _Witness:
    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.sends: list[tuple[int, OutboundMessage]] = []

    def applied(self, at: int, outcome: Outcome) -> None:
        self.decisions += outcome.decisions

    def sent(self, at: int, message: OutboundMessage, outcome: Outcome) -> None:
        self.sends.append((at, message))


def worked_example() -> Workspace:
    found = load_workspace(ROOT, {}, check_message).workspace
    assert found is not None
    return found


def by_audience() -> Workspace:
    """Some come in at the first instant, because they belong to it already; others by what happens."""
    return small({"try_it": BUSY, "at_once": AT_ONCE}, audiences=AUDIENCES)


WEEKLY = """journey: try_it
class: service
entry: {schedule: {rrule: "FREQ=WEEKLY;BYDAY=MO,TH", at: "09:00", timezone: customer}}
steps: [{id: mail, send: hello, channels: [email, sms]}]
"""


def by_schedule() -> Workspace:
    return small({"try_it": WEEKLY})


@pytest.mark.parametrize("make", [worked_example, by_audience, by_schedule])
def test_the_same_events_give_the_same_decisions(make: object) -> None:
    workspace = make()  # type: ignore[operator]  # one of the two above
    crowd = Crowd(60, 21, 5, T0, events_per_week=4)
    made = MadeUp(workspace, crowd)
    people = [made.person(number) for number in range(1, crowd.customers + 1)]
    events = sorted((at, person.id, value) for person in people for at, value in person.events)

    witness = _Witness()
    stage = Stage(workspace, witness)
    stage.settle_in({person.id: person.profile for person in people}, crowd.start)
    stage.play(
        (InputRecord(CUSTOMER_EVENTS, 0, place, at, who.encode(), value) for place, (at, who, value) in enumerate(events, 1)), crowd.until
    )

    world = World(workspace, crowd.start, held_out=None)
    world.now = crowd.start
    world.take_up(workspace)
    world.customers = {person.id: customer_of(person.id, person.profile) for person in people}
    world.begin()
    for at, who, value in events:
        world.arrive(at, world.record(CUSTOMER_EVENTS, who, at, value))
    world.advance(crowd.until - 1)

    assert len(witness.sends) > 20
    assert len({decision.reason for decision in witness.decisions}) > 1
    assert witness.sends == world.sends
    assert witness.decisions == world.decisions
    assert min(at for at, _message in witness.sends) == (crowd.start if workspace.audiences else witness.sends[0][0])


def test_shards_share_the_rates_of_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[int] = []

    def applied(batch: Batch, profiles: Mapping[str, Customer], around: Surroundings) -> Outcome:
        shares.append(around.partitions)
        return apply_batch(batch, profiles, around)

    monkeypatch.setattr("orchestrator.simulation.stage.apply_batch", applied)
    crowd = Crowd(40, 5, 5, T0, events_per_week=4)
    for part in (Part(3, 16, crowd.start, crowd.until, crowd=crowd), Part(0, 1, crowd.start, crowd.until, crowd=crowd)):
        play_shard(part, by_audience())
        assert set(shares) == {part.of}
        shares.clear()
