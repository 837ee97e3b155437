"""What the engine sets aside or mends is counted where ops look: /metrics."""

import json
import logging

import pytest

from orchestrator.engine import instant
from orchestrator.engine.batch import Outcome
from orchestrator.engine.turn import Turn
from orchestrator.ingest.emitted import emitted
from orchestrator.observation import Observation
from orchestrator.runtime.metrics import Metrics
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import workspace
from tests.worlds import DAY, HOUR, T0, Engine

TELLING = "journey: telling\nclass: service\nentry: {event: Ping}\nsteps:\n  - {id: tell, emit: Pong}\n"


def figures(outcome: Outcome) -> str:
    observation = Observation(Metrics())
    observation.batch(outcome, 0, 0.0)
    return observation.metrics.text().decode()


def test_an_emit_at_the_end_of_a_long_chain() -> None:
    engine = Engine(workspace({"telling": TELLING}))
    body = {"type": "track", "userId": "ada", "event": "Ping", "context": emitted("other", "tell", 8)}
    outcome = engine.apply([engine.event("bob", T0, "Ping"), engine.record("ada", T0, json.dumps(body).encode())])
    assert 'concierge_events_emitted_total{journey="telling",reason=""} 1.0' in figures(outcome)
    assert 'concierge_events_emitted_total{journey="telling",reason="emit_depth"} 1.0' in figures(outcome)


@pytest.mark.parametrize(("timestamp", "replaced"), [("2026-03-02T10:04:00Z", False), ("2026-03-02T10:06:00Z", True)])
def test_a_timestamp_that_is_too_far_ahead(timestamp: str, replaced: bool) -> None:
    engine = Engine(workspace({"telling": TELLING}))
    body = {"type": "track", "userId": "ada", "event": "Ping", "timestamp": timestamp}
    outcome = engine.apply([engine.record("ada", T0, json.dumps(body).encode())])
    assert ("concierge_timestamps_replaced_total 1.0" in figures(outcome)) == replaced


def test_what_is_due_and_breaks_the_engine(example: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    engine = Engine(example)
    engine.apply([engine.identify("ada", T0, email="ada@example.com")])
    visit = {"visit_id": "v1", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"}
    engine.apply([engine.event("ada", T0 + 1000, "Visit Completed", **visit)])

    def broken(_turn: Turn) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(instant, "wake_runs", broken)
    with caplog.at_level(logging.ERROR):
        outcome = engine.apply([], until=T0 + 3 * DAY)
    assert 'concierge_engine_errors_total{error="ZeroDivisionError"}' in figures(outcome)
    assert "ZeroDivisionError: a defect" in caplog.text
    assert (engine.due["ada"] or 0) > T0 + HOUR
