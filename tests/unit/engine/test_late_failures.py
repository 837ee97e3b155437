"""Accepted, then reported as failed: what is tried again, when, as which try, and what ends it."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.contracts.message import TemplateContent, TextContent
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, Channel
from orchestrator.engine.batch import Outcome
from orchestrator.engine.commit_message import LATE
from orchestrator.model.sections import Identity
from orchestrator.workspace.step import SendStep
from orchestrator.workspace.workspace import Workspace
from tests.worlds import HOUR, T0, Engine

VISIT = {"visit_id": "v1", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"}
ORDER = {"order_id": "o1", "package": "Fast", "price": 9.9, "installed_on": "2026-04-01"}


def texted(example: Workspace, event: str = "Visit Completed", **properties: object) -> Engine:
    """Ada, who has a phone and nothing else, is sent a text."""
    engine = Engine(example)
    engine.apply([engine.identify("ada", T0, phone="+447911123456"), engine.event("ada", T0 + 1, event, **(properties or VISIT))])
    assert [(m.channel, m.attempt, m.replaces) for m in engine.messages] == [("sms", 1, "")]
    return engine


def tell(
    engine: Engine, at: int, status: str, sid: str = "SM1", channel: Channel = "sms", until: int | None = None, **more: object
) -> Outcome:
    body = Receipt(
        id=f"{status}{at}", customer="ada", status=status, at=at, channel=channel, intent=engine.messages[0].intent, provider="twilio",  # type: ignore[arg-type]  # a status
        provider_id=sid, **more,  # type: ignore[arg-type]  # fields of a receipt
    )  # fmt: skip
    return engine.apply([engine.record("ada", at, encode_receipt(body), DELIVERY_RECEIPTS)], until=until or at)


def last(outcome: Outcome) -> tuple[str, str]:
    return outcome.decisions[-1].reason.value, outcome.decisions[-1].effect


def test_it_is_tried_again_after_each_wait_and_then_given_up(example: Workspace) -> None:
    engine = texted(example)
    tell(engine, T0 + 1000, "accepted")
    failed: dict[str, Any] = {"reason": "undeliverable", "again": (HOUR, 3 * HOUR), "code": "30003"}
    assert last(tell(engine, T0 + 2000, "bounced", **failed)) == ("undeliverable", "R")
    engine.apply([], until=T0 + 2000 + HOUR - 1)
    assert len(engine.messages) == 1
    engine.apply([], until=T0 + 2000 + HOUR)
    assert [(m.attempt, m.replaces) for m in engine.messages] == [(1, ""), (2, "SM1")]
    tell(engine, T0 + 2 * HOUR, "accepted", "SM2")
    tell(engine, T0 + 3 * HOUR, "bounced", "SM2", **failed)
    engine.apply([], until=T0 + 6 * HOUR)
    assert [(m.intent, m.attempt, m.replaces) for m in engine.messages[1:]] == [
        (engine.messages[0].intent, n, f"SM{n - 1}") for n in (2, 3)
    ]
    assert last(tell(engine, T0 + 7 * HOUR, "bounced", "SM3", **failed)) == ("undeliverable", "F")
    engine.apply([], until=T0 + 20 * HOUR)
    assert len(engine.messages) == 3


def test_a_limit_that_never_lifts_ends_as_exhausted(example: Workspace) -> None:
    engine = texted(example)
    tell(engine, T0 + 1000, "failed", reason="rate_limited", again=(HOUR,))
    engine.apply([], until=T0 + 2 * HOUR)
    assert last(tell(engine, T0 + 3 * HOUR, "failed", "SM2", reason="rate_limited", again=(HOUR,))) == ("retries_exhausted", "F")


def test_late_words_about_the_failed_try_do_not_touch_the_next(example: Workspace) -> None:
    engine = texted(example)
    tell(engine, T0 + 1000, "bounced", reason="undeliverable", again=(HOUR,))
    engine.apply([], until=T0 + 2 * HOUR)
    tell(engine, T0 + 2 * HOUR + 1, "sent", "SM1")
    (sent,) = engine.customers["ada"].messages.sent
    assert (sent.status, sent.settled, sent.attempt) == ("queued", False, 2)
    tell(engine, T0 + 2 * HOUR + 2, "deferred", "", attempt=2, reason="provider_down", retry_at=T0 + 3 * HOUR)
    engine.apply([], until=T0 + 3 * HOUR)
    assert [(m.attempt, m.replaces) for m in engine.messages][2:] == [(3, "SM1")]


def test_what_has_arrived_is_not_tried_again(example: Workspace) -> None:
    engine = texted(example)
    tell(engine, T0 + 1000, "delivered")
    tell(engine, T0 + 2000, "bounced", reason="undeliverable", again=(HOUR,))
    engine.apply([], until=T0 + 5 * HOUR)
    assert len(engine.messages) == 1
    assert engine.customers["ada"].messages.sent[0].planned is None


@pytest.mark.parametrize(("event", "properties", "tries"), [("Visit Completed", VISIT, 1), ("Order Placed", ORDER, 2)])
def test_what_may_have_arrived_is_tried_again_only_if_transactional(
    example: Workspace, event: str, properties: dict[str, object], tries: int
) -> None:
    engine = texted(example, event, **properties)
    tell(engine, T0 + 1000, "accepted")
    outcome = tell(engine, T0 + 2000, "unconfirmed", reason="outcome_unknown", again=(HOUR,))
    assert last(outcome) == ("outcome_unknown", "R" if tries == 2 else "F")
    engine.apply([], until=T0 + 5 * HOUR)
    assert len(engine.messages) == tries


def test_a_closed_window_is_remembered_and_the_template_goes(example: Workspace) -> None:
    journey = example.journeys["visit_survey"]
    ask = journey.steps["ask"]
    assert isinstance(ask, SendStep)
    whatsapp = replace(journey, steps={**journey.steps, "ask": replace(ask, channels=("whatsapp",))})
    engine = Engine(replace(example, journeys={**example.journeys, "visit_survey": whatsapp}))
    wrote = Receipt(id="in", customer="ada", status="replied", at=T0, channel="whatsapp", text="hi")
    engine.apply([
        engine.identify("ada", T0, phone="+447911123456"), engine.record("ada", T0, encode_receipt(wrote), DELIVERY_RECEIPTS),
        engine.event("ada", T0, "Preferences Saved", choices=[{"channel": "whatsapp", "topic": "feedback", "on": True}]),
        engine.event("ada", T0 + 23 * HOUR, "Visit Completed", **VISIT),
    ])  # fmt: skip
    assert isinstance(engine.messages[0].content, TextContent)
    at = T0 + 24 * HOUR
    tell(engine, at - 5000, "accepted", channel="whatsapp")
    outcome = tell(engine, at - 1000, "failed", channel="whatsapp", reason="whatsapp_window_closed", code="63016", again=(0,))
    assert [(d.reason.value, d.effect) for d in outcome.decisions] == [("whatsapp_window_closed", "R"), ("allowed", "S")]
    assert isinstance(engine.messages[1].content, TemplateContent)
    assert engine.messages[1].replaces == "SM1"
    identity: Identity = engine.customers["ada"].identity
    assert "whatsapp" not in identity.inbound


def test_a_goal_that_is_reached_meanwhile_ends_it(example: Workspace) -> None:
    engine = texted(example)
    tell(engine, T0 + 1000, "accepted")
    engine.apply([engine.event("ada", T0 + HOUR, "Survey Answered", visit_id="v1")])
    assert last(tell(engine, T0 + 2 * HOUR, "bounced", reason="undeliverable", again=(HOUR,))) == ("undeliverable", "F")
    engine.apply([], until=T0 + 9 * HOUR)
    assert len(engine.messages) == 1


def test_what_a_sender_gives_back_after_the_run_has_ended_is_not_sent(example: Workspace) -> None:
    engine = texted(example)
    engine.apply([engine.event("ada", T0 + HOUR, "Survey Answered", visit_id="v1")])
    outcome = tell(engine, T0 + 2 * HOUR, "deferred", "", reason="provider_down", retry_at=T0 + 3 * HOUR)
    assert last(outcome) == ("journey_exited", "D")
    engine.apply([], until=T0 + 9 * HOUR)
    assert len(engine.messages) == 1


def test_proof_that_comes_while_it_waits_for_another_try(example: Workspace) -> None:
    """Nobody had heard, so it waits; then the provider's webhook says that it has arrived."""
    engine = texted(example, "Order Placed", **ORDER)
    tell(engine, T0 + 1000, "deferred", "", reason="outcome_unknown", retry_at=T0 + HOUR)
    assert engine.customers["ada"].messages.sent == []
    tell(engine, T0 + 2000, "delivered", "SM1")
    engine.apply([], until=T0 + 5 * HOUR)
    assert len(engine.messages) == 1
    (sent,) = engine.customers["ada"].messages.sent
    assert (sent.status, sent.delivered, sent.settled) == ("delivered", True, True)


def test_a_network_that_never_reports_does_not_keep_the_message_for_ever(example: Workspace) -> None:
    engine = texted(example)
    tell(engine, T0 + 1000, "sent")
    assert engine.customers["ada"].messages.sent[0].planned is not None
    engine.apply([engine.event("ada", T0 + LATE + HOUR, "Order Placed", **ORDER)])
    assert engine.customers["ada"].messages.sent[0].planned is None
