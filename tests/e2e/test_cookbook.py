"""The cookbook is a workspace: it lints without a word, and its tests pass and leave nothing out."""

import json
from pathlib import Path

import jsonschema
import pytest

from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.kinds import kind_of, schema_of
from orchestrator.workspace.yaml_reader import read_yaml
from tests.e2e.test_cli import concierge

ROOT = Path(__file__).parents[2]
COOKBOOK = ("--workspace", "docs/cookbook")


def test_no_right_file_raises_anything() -> None:
    assert json.loads(concierge(*COOKBOOK, "lint", "--format", "json", cwd=ROOT).stdout) == []


FILES = {name: value for name, value in read_files(ROOT / "docs/cookbook").items() if name.endswith(".yaml")}


@pytest.mark.parametrize("name", FILES)
def test_editors_are_told_the_same(name: str) -> None:
    """The JSON Schemas take what lint takes, short forms and all."""
    kind, node = kind_of(name), read_yaml(FILES[name], name, Findings())
    assert kind is not None
    assert node is not None
    jsonschema.validate(node.data(), schema_of(kind))


def test_its_tests_pass_and_each_journey_has_some() -> None:
    found = json.loads(concierge(*COOKBOOK, "--json", "test", cwd=ROOT).stdout)
    assert found["failed"] == 0
    journeys = {path.stem for path in (ROOT / "docs/cookbook/config/journeys").glob("*.yaml") if ".test" not in path.name}
    assert len(journeys) == 10
    assert {one["journey"] for one in found["tests"]} == journeys
    readme = (ROOT / "docs/cookbook/README.md").read_text("utf-8")
    assert all(f"config/journeys/{name}.yaml" in readme for name in journeys)
