"""`plan` and `apply` at a deployment's store: exactly the plan, or nothing; exit codes as scripts rely on them."""

import json
from pathlib import Path

import pytest

from tests.e2e.test_cli import concierge

JOURNEY = "config/journeys/visit_survey.yaml"


pytestmark = pytest.mark.usefixtures("redis")


def edit(brand: Path, old: str, new: str) -> None:
    path = brand / JOURNEY
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_plan_is_done_exactly_or_not_at_all(brand: Path) -> None:
    first = json.loads(concierge("--json", "plan", "--out", "first.json", cwd=brand).stdout)
    assert (first["base"], first["refused"]) == ("", [])
    assert "applied version" in concierge("apply", "first.json", cwd=brand).stdout
    assert "in force already" in concierge("plan", cwd=brand).stdout
    # applied once more it has nothing to begin with: another version is in force than it was made for
    assert "another version is in force" in concierge("apply", "first.json", cwd=brand, code=4).stderr

    edit(brand, "priority: 60", "priority: 61")
    shown = concierge("plan", "--out", "second.json", cwd=brand).stdout
    assert "header     priority 60 → 61" in shown
    assert "refused    nothing" in shown
    edit(brand, "priority: 61", "priority: 62")
    assert "the files have changed since this plan" in concierge("apply", "second.json", cwd=brand, code=4).stderr
    edit(brand, "priority: 62", "priority: 61")
    assert json.loads(concierge("--json", "apply", "second.json", cwd=brand).stdout)["changed"] is True
    assert json.loads(concierge("--json", "apply", cwd=brand).stdout)["changed"] is False


def test_what_is_no_plan_is_a_usage_error_and_a_graph_is_drawn(brand: Path) -> None:
    (brand / "nonsense.json").write_text("[1")
    assert "is no plan" in concierge("apply", "nonsense.json", cwd=brand, code=2).stderr
    assert concierge("plan", "--graph", "visit_survey", cwd=brand).stdout.startswith("flowchart TD\n")
    assert "did you mean 'visit_survey'" in concierge("plan", "--graph", "visit_survy", cwd=brand, code=2).stderr
