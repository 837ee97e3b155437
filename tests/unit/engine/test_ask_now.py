"""Asking changes nothing, and says what the decision would say."""

from orchestrator.content.render import Renderer
from orchestrator.contracts.reason import Reason
from orchestrator.engine.ask_now import ask_now
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.policies.explain import explain
from orchestrator.policies.judge import judge
from orchestrator.policies.pace import Pace
from orchestrator.policies.verdict import Hold, Pass
from orchestrator.state.value import encode_sections
from orchestrator.workspace.workspace import Workspace
from tests.worlds import HOUR, T0, Engine


def test_marketing_would_be_held_during_a_case_and_a_survey_sent(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply([
        engine.identify("ada", T0, email="ada@example.com"),
        engine.event("ada", T0 + 1, "Preferences Saved", choices=[{"channel": "email", "topic": "offers", "on": True}]),
        engine.event("ada", T0 + 2, "Fault Reported", case_id="c1"),
    ])  # fmt: skip
    around = Surroundings(engine.workspace, Renderer(engine.workspace, NoLinks()), 0, 1, T0 + HOUR, Pace())
    before = encode_sections(engine.customers["ada"].sections())
    offers = engine.workspace.journeys["monthly_offers"]
    send = next(iter(offers.steps))
    question = ask_now(engine.customers["ada"].copy(), offers, send, around)
    verdict = judge(question)
    assert isinstance(verdict, Hold)
    assert (verdict.refusal.reason, verdict.refusal.case) == (Reason.OPEN_SERVICE_ISSUE, "c1")
    answers = explain(question)["email"]
    assert [(number, refusal.reason) for number, _name, refusal in answers if refusal is not None] == [(5, Reason.OPEN_SERVICE_ISSUE)]
    assert [number for number, _name, _refusal in answers] == [1, 2, 3, 4, 5, 6, 7, 7, 10]
    assert isinstance(judge(ask_now(engine.customers["ada"].copy(), engine.workspace.journeys["visit_survey"], "ask", around)), Pass)
    assert encode_sections(engine.customers["ada"].sections()) == before
