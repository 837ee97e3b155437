"""Membership in the engine: what is kept of it, and that batches, merges, erasure and new versions make nobody join twice."""

import json
from dataclasses import replace

import pytest

from orchestrator.content.render import Renderer
from orchestrator.contracts.command import Erase, encode_command
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.engine.batch import Batch, Outcome
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.model.customer import Customer
from orchestrator.model.sections import Memberships, Standing
from orchestrator.pipeline import apply_batch
from orchestrator.plan.entering import entering
from orchestrator.profiles.facts import CustomerFacts
from orchestrator.workspace.policies import ChannelLimit
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import play
from tests.unit.journey_tests.test_audiences import JOURNEY, loaded
from tests.worlds import DAY, HOUR, T0, Engine

SLOW = "  audience: slow_line"
OTHER = "journey: other\nclass: service\nentry: {event: Line Tested, when: in_audience('slow_line')}\nsteps:\n  - {id: rest, delay: 1d}\n"


def made(**journeys: str) -> Workspace:
    return loaded(tuple(journeys.items()))


def revisit(engine: Engine, workspace: Workspace, at: int) -> Outcome:
    """Another version is in force, and everybody known is looked at."""
    engine.workspace = workspace
    around = Surroundings(workspace, Renderer(workspace, NoLinks()), 0, 1, at, engine.pace)
    outcome = apply_batch(
        Batch((), (), at, frozenset(engine.customers)), {key: one.copy() for key, one in engine.customers.items()}, around
    )
    engine.customers.update(outcome.customers)
    engine.due.update(outcome.timers)
    return outcome


def started(outcome: Outcome) -> int:
    return sum(number for labels, number in outcome.counts.items() if labels[0] == "runs_started")


def test_profiles_keep_nothing_where_no_journey_is_entered_by_an_audience() -> None:
    draft = JOURNEY.format(name="later", entry=SLOW).replace("class:", "status: draft\nclass:")
    engine = Engine(made(other=OTHER, later=draft))
    engine.apply([engine.identify("ada", T0, line_speed=20), engine.event("ada", T0 + 1, "Line Tested")])
    assert engine.customers["ada"].memberships is None
    assert "aud" not in engine.customers["ada"].sections()
    assert len(engine.customers["ada"].runs) == 1, "the rule itself asks for the audience"


def test_what_is_kept_is_small_and_goes_with_the_last_journey() -> None:
    engine = Engine(made(help_slow=SLOW, win_back="  audience: lapsed"))
    engine.apply([engine.identify("ada", T0, line_speed=20), engine.event("ada", T0, "Order Placed", order_id="o1")])
    kept = Memberships({"slow_line": Standing(["help_slow"], []), "lapsed": Standing([], ["win_back"])}, T0 + 120 * DAY)
    assert engine.customers["ada"].memberships == kept
    assert len(bytes(engine.customers["ada"].sections()["aud"])) < 80
    assert engine.due["ada"] is not None
    assert engine.due["ada"] <= T0 + 120 * DAY
    revisit(engine, made(help_slow=SLOW), T0 + HOUR)
    assert engine.customers["ada"].memberships == Memberships({"slow_line": Standing(["help_slow"], [])})
    revisit(engine, made(other=OTHER), T0 + 2 * HOUR)
    assert "aud" not in engine.customers["ada"].sections()


@pytest.mark.parametrize("together", [True, False])
def test_batches_make_no_difference(together: bool) -> None:
    engine = Engine(made(help_slow=SLOW, fast_again=JOURNEY.format(name="fast_again", entry=f"{SLOW}\n  change: leaves")))
    speeds = (90, 20, 20, 95, 10)
    records = [engine.identify("ada", T0 + n * HOUR, line_speed=speed, email="ada@example.com") for n, speed in enumerate(speeds)]
    outcomes = [engine.apply(records)] if together else [engine.apply([record]) for record in records]
    found = sorted((run.journey, run.started_at) for run in engine.customers["ada"].runs)
    assert found == []
    assert sorted((message.journey, message.number) for message in engine.messages) == [
        ("fast_again", 1), ("help_slow", 1), ("help_slow", 2),
    ]  # fmt: skip
    assert sum(map(started, outcomes)) == 3


def test_a_known_customer_who_is_in_already_is_noted_before_the_event_is_applied() -> None:
    engine = Engine(made(other=OTHER))
    engine.apply(
        [
            engine.identify("in", T0, line_speed=20, email="in@example.com"),
            engine.identify("out", T0, line_speed=90, email="out@example.com"),
        ]
    )
    engine.workspace = made(help_slow=SLOW)
    outcome = engine.apply([engine.identify("in", T0 + HOUR, line_speed=21), engine.identify("out", T0 + HOUR, line_speed=22)])
    assert (started(outcome), [message.customer for message in engine.messages]) == (1, ["out"])


def test_those_whom_a_new_journey_takes_in_at_once_are_written_to_in_turns() -> None:
    engine = Engine(made(other=OTHER))
    engine.apply([engine.identify(name, T0, line_speed=20, email=f"{name}@example.com") for name in ("a", "b", "c")])
    new = made(help_slow=f"{SLOW}\n  existing: enter")
    slow = replace(new, policies=replace(new.policies, limits={"email": ChannelLimit(1.0)}))
    outcome = revisit(engine, slow, T0 + HOUR)
    assert started(outcome) == 3
    held = [one for one in outcome.decisions if one.reason is Reason.RELEASE_PACED]
    assert (len(held), [one.reason for one in outcome.decisions if one.effect == "S"]) == (2, [Reason.ALLOWED])
    engine.apply([], T0 + HOUR + 5_000, T0 + HOUR + 5_000)
    assert sorted(message.customer for message in engine.messages) == ["b", "c"], "the first left with the revisit"
    assert started(revisit(engine, slow, T0 + 2 * HOUR)) == 0, "the next version does not take them in again"


def test_being_recognised_lets_nobody_join_twice() -> None:
    engine = Engine(made(help_slow=f"{SLOW}\n  when: entry.change == 'joins'"))
    body = {"type": "identify", "anonymousId": "device", "traits": {"line_speed": 20}}
    engine.apply([engine.record("device", T0, json.dumps(body).encode())])
    assert len(engine.customers["device"].entries.counts["help_slow"]) == 1
    known = {"type": "identify", "userId": "ada", "anonymousId": "device", "traits": {}}
    outcome = engine.apply([engine.record("ada", T0 + HOUR, json.dumps(known).encode())])
    for _ in range(3):
        commands = [one for one in outcome.records if one.topic == CUSTOMER_EVENTS and one.key is not None]
        outcome = engine.apply([engine.record(one.key.decode(), T0 + HOUR, one.value or b"") for one in commands if one.key], T0 + HOUR)
    ada = engine.customers["ada"]
    assert ada.memberships == Memberships({"slow_line": Standing(["help_slow"], [])})
    assert ada.entries.counts["help_slow"][""].count == 1


def test_erasure_forgets_it_and_is_not_leaving() -> None:
    engine = Engine(made(fast_again=JOURNEY.format(name="fast_again", entry=f"{SLOW}\n  change: leaves")))
    engine.apply([engine.identify("ada", T0, line_speed=20)])
    erase = engine.record("ada", T0 + HOUR, encode_command(Erase(customer="ada", id="e1", at=T0 + HOUR)))
    outcome = engine.apply([erase])
    assert started(outcome) == 0
    assert "aud" not in engine.customers["ada"].sections()


def test_a_change_that_is_noticed_long_after_its_instant_has_expired() -> None:
    engine = Engine(made(win_back="  audience: lapsed\n  expires: 1d"))
    engine.apply([engine.event("ada", T0, "Order Placed", order_id="o1")])
    due = T0 + 120 * DAY
    late = engine.apply([], due, due + 2 * DAY)
    assert [one.reason for one in late.decisions] == [Reason.ENTRY_EXPIRED]
    in_time = Engine(made(win_back="  audience: lapsed\n  expires: 1d"))
    in_time.apply([in_time.event("ada", T0, "Order Placed", order_id="o1")])
    assert started(in_time.apply([], due, due)) == 1


def test_profiles_written_before_there_were_audiences_are_read() -> None:
    engine = Engine(made(help_slow=SLOW))
    engine.apply([engine.identify("ada", T0, line_speed=90)])
    sections = {name: raw for name, raw in engine.customers["ada"].sections().items() if name != "aud"}
    engine.customers["ada"] = Customer("ada", sections)
    assert started(engine.apply([engine.identify("ada", T0 + HOUR, line_speed=20)])) == 1


def test_journeys_that_push_somebody_in_and_out_come_to_rest() -> None:
    """Each writes what lets the other in: eight times at one instant, and nothing is a dead letter."""
    push = "journey: {0}\nclass: service\nentry: {{audience: slow_line, change: {1}}}\nsteps:\n  - {{id: write, update_profile: {{set: {{line_speed: {2}}}}}}}\n"
    engine = Engine(made(help_slow=push.format("help_slow", "joins", 90), let_go=push.format("let_go", "leaves", 20)))
    engine.apply([engine.identify("ada", T0, line_speed=90)])
    outcome = engine.apply([engine.identify("ada", T0 + HOUR, line_speed=20)])
    assert outcome.dead_letters == []
    assert outcome.counts["runs_started", "help_slow", ""] == outcome.counts["runs_started", "let_go", ""] == 4
    assert outcome.counts["audience_flips", "slow_line"] == 1
    later = engine.apply([engine.event("ada", T0 + 2 * HOUR, "Order Placed", order_id="o1")])
    assert started(later) == 0, "it is at rest"
    again = engine.apply([engine.identify("ada", T0 + 3 * HOUR, line_speed=90)])
    assert started(again) == 8, "the next instant has its own eight"


PAUSED = "journey: try_it\nclass: service\nstatus: paused\nentry: {audience: gold, existing: enter}\nsteps: [{id: s, send: hello, channels: [email]}]\n"
GOLD = "audiences:\n  gold: {when: customer.tier == 'gold'}\n"


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        ("customer: {tier: gold}", "", "sends: [{at: 2h}]"),
        ("customer: {tier: gold}", "{at: 1h, event: Ping}, ", "sends: [{at: 2h}]"),
        ("customer: {tier: silver}", "{at: 1h, identify: customer, with: {tier: gold}}, ", "sends: [{at: 2h}]"),
        ("customer: {tier: gold}", "{at: 1h, identify: customer, with: {tier: silver}}, ", ""),
    ],
)
def test_a_journey_that_was_applied_paused_takes_in_those_who_are_there_when_it_goes_live(given: str, when: str, then: str) -> None:
    test = f"given: {{{given}}}\nwhen: [{when}{{at: 2h, apply: fixtures/next.yaml}}]\nthen: {{{then}}}"
    assert play(PAUSED, test, then=PAUSED.replace("status: paused\n", ""), audiences=GOLD) == []


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        ("customer: {tier: gold}", "{at: 1h, event: Ping}", "sends: [{at: 2h}]"),
        ("customer: {tier: silver}", "{at: 1h, identify: customer, with: {tier: gold}}", "sends: [{at: 2h}]"),
        ("customer: {tier: gold}", "{at: 1h, identify: customer, with: {tier: silver}}", ""),
        ("customer: {tier: silver}", "{at: 3h, identify: customer, with: {tier: gold}}", "sends: [{at: 3h}]"),
        ("customer: {}", "{at: 1h, identify: ada, with: {tier: gold, email: ada@example.com}}", "sends: [{at: 2h, customer: ada}]"),
    ],
)
def test_so_does_one_whose_time_begins_later(given: str, when: str, then: str) -> None:
    journey = PAUSED.replace("status: paused", "active: {from: '2026-03-02T12:00:00Z'}")
    assert play(journey, f"given: {{{given}}}\nwhen: [{when}]\nthen: {{{then}}}", audiences=GOLD) == []


def test_a_pause_of_a_journey_that_was_live_refuses_as_ever() -> None:
    test = "given: {customer: {tier: silver}}\nwhen: [{at: 1h, pause: true}, {at: 2h, identify: customer, with: {tier: gold}}, {at: 3h, resume: true}]\nthen: {skips: [{at: 2h, reason: journey_paused}]}"
    assert play(PAUSED.replace("status: paused\n", ""), test, audiences=GOLD) == []


def test_a_draft_that_was_live_does_not_go_live_for_the_first_time_again() -> None:
    entry = SLOW + "\n  existing: enter\n  reentry: {max: 9}"
    live = JOURNEY.format(name="help_slow", entry=entry)
    engine = Engine(made(help_slow=live))
    engine.apply([engine.identify("ada", T0, line_speed=20), engine.identify("ben", T0, line_speed=90)], until=T0 + 30 * DAY)
    assert engine.customers["ada"].runs == []
    engine.apply([engine.identify("cleo", T0 + 31 * DAY, line_speed=90)])
    revisit(engine, made(help_slow=live.replace("class:", "status: draft\nclass:")), T0 + 32 * DAY)
    engine.apply([engine.identify("ben", T0 + 33 * DAY, line_speed=20)])
    again = made(help_slow=live)
    assert [list(entering(one, again, CustomerFacts(one, again, T0 + 34 * DAY), T0 + 34 * DAY)) for one in engine.customers.values()] == [
        [],
        [],
        [],
    ]
    assert started(revisit(engine, again, T0 + 34 * DAY)) == 0
    assert started(engine.apply([engine.identify("cleo", T0 + 35 * DAY, line_speed=20)])) == 1, "who joins from then on enters"
