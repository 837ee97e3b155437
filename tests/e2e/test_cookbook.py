"""The cookbook is a workspace: it lints without a word, and its tests pass and leave nothing out."""

import json
from pathlib import Path

from tests.e2e.test_cli import concierge

ROOT = Path(__file__).parents[2]
COOKBOOK = ("--workspace", "docs/cookbook")


def test_no_right_file_raises_anything() -> None:
    assert json.loads(concierge(*COOKBOOK, "lint", "--format", "json", cwd=ROOT).stdout) == []


def test_its_tests_pass_and_each_journey_has_some() -> None:
    found = json.loads(concierge(*COOKBOOK, "--json", "test", cwd=ROOT).stdout)
    assert found["failed"] == 0
    journeys = {path.stem for path in (ROOT / "docs/cookbook/config/journeys").glob("*.yaml") if ".test" not in path.name}
    assert len(journeys) == 10
    assert {one["journey"] for one in found["tests"]} == journeys
    readme = (ROOT / "docs/cookbook/README.md").read_text("utf-8")
    assert all(f"config/journeys/{name}.yaml" in readme for name in journeys)
