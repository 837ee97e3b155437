"""A journey can be stopped by its file without a change of its tests: they say what it does when it runs."""

from pathlib import Path

import pytest

from tests.e2e.test_cli import brand, concierge

__all__ = ["brand"]
PAUSES = """
  - test: what a pause means is played where a test applies it
    when: [{at: 0h, apply: fixtures/stopped.yaml}, {at: 1h, event: Visit Completed, with: {visit_id: v1, technician: Bob, visited_at: "2026-01-05T10:00:00Z"}}]
    then: {skips: [{at: 1h, reason: %s}]}
"""


@pytest.mark.parametrize(("status", "reason"), [("draining", "journey_not_active"), ("paused", "journey_paused")])
def test_tests_pass_whatever_the_files_status_is(brand: Path, status: str, reason: str) -> None:
    journey = brand / "config/journeys/visit_survey.yaml"
    stopped = journey.read_text().replace("\nclass:", f"\nstatus: {status}\nclass:", 1)
    journey.write_text(stopped)
    assert "42 passed, 0 failed" in concierge("test", cwd=brand).stdout
    (brand / "config/fixtures").mkdir(exist_ok=True)
    (brand / "config/fixtures/stopped.yaml").write_text(stopped)
    tests = brand / "config/journeys/visit_survey.test.yaml"
    tests.write_text(tests.read_text().rstrip("\n") + PAUSES % reason)
    assert "43 passed, 0 failed" in concierge("test", cwd=brand).stdout


def test_a_draft_has_tests_that_run(brand: Path) -> None:
    journey = brand / "config/journeys/visit_survey.yaml"
    journey.write_text(journey.read_text().replace("\nclass:", "\nstatus: draft\nclass:", 1))
    assert "42 passed, 0 failed" in concierge("test", cwd=brand).stdout
