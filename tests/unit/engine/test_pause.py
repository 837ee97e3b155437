"""A pause: events still count, no step starts, what came due goes on at the instant of the resume."""

from dataclasses import replace
from typing import Literal

import pytest

from orchestrator.content.render import Renderer
from orchestrator.contracts.reason import Reason
from orchestrator.engine.batch import Batch, Outcome
from orchestrator.engine.decide import find_send
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.pipeline import apply_batch
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import play
from tests.worlds import DAY, HOUR, T0, Engine

VISIT = {"visit_id": "v1", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"}
JOURNEY = "visit_survey"


def status(engine: Engine, value: Literal["paused", "live"]) -> None:
    journeys = dict(engine.workspace.journeys)
    journeys[JOURNEY] = replace(journeys[JOURNEY], status=value)
    engine.workspace = replace(engine.workspace, journeys=journeys)


def revisit(engine: Engine, at: int) -> Outcome:
    """Everybody who waits for time, as the partition loop does when another version is in force."""
    around = Surroundings(engine.workspace, Renderer(engine.workspace, NoLinks()), 0, 1, 0, engine.pace)
    waiting = frozenset(customer for customer, due in engine.due.items() if due is not None)
    outcome = apply_batch(Batch([], [], at, waiting), {name: engine.customers[name].copy() for name in waiting}, around)
    engine.customers.update(outcome.customers)
    engine.due.update(outcome.timers)
    return outcome


@pytest.fixture
def asked(example: Workspace) -> Engine:
    """Ada was asked and waits; then the journey is paused."""
    engine = Engine(example)
    engine.apply(
        [
            engine.identify("ada", T0, email="ada@example.com", phone="+447911123456"),
            engine.event("ada", T0 + 1000, "Visit Completed", **VISIT),
        ]
    )
    status(engine, "paused")
    return engine


def test_a_wait_that_runs_out_in_a_pause_goes_on_at_the_resume(asked: Engine) -> None:
    quiet = asked.apply([], until=T0 + 3 * DAY)
    assert not quiet.decisions
    assert (asked.due["ada"] or 0) > T0 + 30 * DAY, "only the greatest age of the run is left to wait for: nothing is polled"
    status(asked, "live")
    resumed = T0 + 4 * DAY
    outcome = revisit(asked, resumed)
    assert [(d.step, d.reason, d.at) for d in outcome.decisions] == [("nudge", Reason.ALLOWED, resumed)]


def test_an_answer_in_a_pause_counts_and_the_run_goes_on_at_the_resume(asked: Engine) -> None:
    asked.apply([asked.event("ada", T0 + HOUR, "Survey Answered", visit_id="v1")])
    status(asked, "live")
    outcome = revisit(asked, T0 + DAY)
    assert not outcome.decisions
    assert not asked.customers["ada"].runs


def test_a_message_held_by_a_pause_is_released_by_the_resume(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply([engine.identify("ada", T0, email="ada@example.com")])
    engine.apply([engine.event("ada", T0 + 1000, "Preferences Saved", choices=[{"channel": "email", "topic": "offers", "on": True}])])
    engine.apply([engine.event("ada", T0 + 1500, "Fault Reported", case_id="c1")])
    offer = {"offer_id": "o1", "package": "Fast", "monthly_price": 9.9, "ends_on": "2026-04-01"}
    engine.apply([engine.event("ada", T0 + 2000, "Offer Prepared", **offer)])
    journeys = dict(engine.workspace.journeys)
    engine.workspace = replace(
        engine.workspace, journeys={**journeys, "monthly_offers": replace(journeys["monthly_offers"], status="paused")}
    )
    outcome = engine.apply([engine.event("ada", T0 + HOUR, "Fault Cleared", case_id="c1")])
    assert [(d.reason, d.effect) for d in outcome.decisions if d.journey == "monthly_offers"] == [(Reason.JOURNEY_PAUSED, "H")]
    engine.workspace = replace(engine.workspace, journeys=journeys)
    resumed = revisit(engine, T0 + 2 * HOUR)
    assert [(d.reason, d.at) for d in resumed.decisions if d.journey == "monthly_offers"] == [(Reason.ALLOWED, T0 + 2 * HOUR)]


def test_a_new_rule_reaches_the_guard_of_everybody_who_waits(asked: Engine) -> None:
    policies = asked.workspace.policies
    rule = next(r for r in policies.suppression if r.name == "open_service_issue")
    asked.apply([asked.event("ada", T0 + HOUR, "Fault Reported", case_id="c1")])
    asked.workspace = replace(asked.workspace, policies=replace(policies, suppression=()))
    assert revisit(asked, T0 + DAY).guards == {"ada": None}
    asked.workspace = replace(asked.workspace, policies=replace(policies, suppression=(rule,)))
    assert list(revisit(asked, T0 + DAY + 1).guards) == ["ada"]


def test_what_never_expires_is_looked_at_when_the_pause_ends_though_its_run_is_over(example: Workspace) -> None:
    """Who waits for nothing would not be told."""
    survey = example.journeys[JOURNEY]
    ask = find_send(survey, "ask")
    assert ask is not None
    rule = replace(survey.exit_on[0], then=(replace(ask, node="bye"),))
    message = replace(example.messages["visit_survey"], message_class="transactional")
    engine = Engine(replace(
        example, journeys={**example.journeys, JOURNEY: replace(survey, exit_on=(rule,))}, messages={**example.messages, "visit_survey": message}
    ))  # fmt: skip
    engine.apply([
        engine.identify("ada", T0, email="ada@example.com", phone="+447911123456"),
        engine.event("ada", T0 + 1000, "Visit Completed", **VISIT),
    ])  # fmt: skip
    status(engine, "paused")
    held = engine.apply([engine.event("ada", T0 + HOUR, *rule.match.events, visit_id="v1", case_id="c")])
    assert [(d.reason, d.effect) for d in held.decisions] == [(Reason.JOURNEY_PAUSED, "H")]
    assert not engine.customers["ada"].runs
    status(engine, "live")
    outcome = revisit(engine, T0 + 2 * HOUR)
    assert [(d.reason, d.at) for d in outcome.decisions] == [(Reason.ALLOWED, T0 + 2 * HOUR)]


def test_a_journey_tests_pause_is_of_its_own_journey_wherever_that_stands() -> None:
    other = "journey: other\nclass: service\nentry: {event: Pong}\nsteps: [{id: s, send: hello, channels: [email]}]\n"
    own = other.replace("other", "try_it").replace("Pong", "Ping")
    test = (
        "journeys: [other, try_it]\nwhen: [{at: 1h, pause: true}, {at: 2h, event: Ping}, {at: 2h, event: Pong}, {at: 3h, resume: true}]\n"
        "then: {sends: [{at: 2h, journey: other}], skips: [{at: 2h, journey: try_it, reason: journey_paused}]}"
    )
    assert play(own, test, also_other=other) == []


GATHERED = "journey: try_it\nclass: service\nentry: {event: Ping}\nsteps:\n  - {id: gather, digest: {window: 1h}}\n  - {id: s, send: hello, channels: [email]}\n"
BESIDE = (
    "journey: beside\nclass: service\nentry: {event: Pong}\nsteps:\n  - {id: w, delay: 1h}\n  - {id: s, send: hello, channels: [email]}\n"
)


def test_a_digest_that_is_due_in_a_pause_closes_at_the_resume_and_other_journeys_go_on() -> None:
    test = (
        "journeys: [try_it, beside]\n"
        "when:\n  - {at: 0h, event: Ping}\n  - {at: 30m, pause: true}\n  - {at: 2h, event: Pong}\n  - {at: 4h, resume: true}\n"
        "then:\n  sends: [{at: 3h, journey: beside}, {at: 4h, journey: try_it}]\n"
    )
    assert play(GATHERED, test, also_beside=BESIDE) == []
