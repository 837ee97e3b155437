"""The cookbook is a workspace: it lints without a word, and its tests pass and leave nothing out."""

import asyncio
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import jsonschema
import pytest

from orchestrator.content.check import check_message
from orchestrator.journey_tests.versions import Versions
from orchestrator.journey_tests.world import World
from orchestrator.runtime.clock import SettableClock
from orchestrator.state.redis_store import open_redis
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.state.store import Store
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.kinds import kind_of, schema_of
from orchestrator.workspace.load import load_files
from orchestrator.workspace.test_file import JourneyTest
from orchestrator.workspace.yaml_reader import read_yaml
from tests.e2e.test_cli import concierge
from tests.services.redis_server import RedisServer
from tests.store_world import play_on, play_virtually

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
    validator_of(kind).validate(node.data())


@lru_cache
def validator_of(kind: str) -> jsonschema.Draft202012Validator:
    """Whose schema is looked at once."""
    schema = schema_of(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_its_tests_pass_and_each_journey_has_some() -> None:
    found = json.loads(concierge(*COOKBOOK, "--json", "test", cwd=ROOT).stdout)
    assert found["failed"] == 0
    journeys = {path.stem for path in (ROOT / "docs/cookbook/config/journeys").glob("*.yaml") if ".test" not in path.name}
    assert len(journeys) == 12
    assert {one["journey"] for one in found["tests"]} == journeys
    readme = (ROOT / "docs/cookbook/README.md").read_text("utf-8")
    assert all(f"config/journeys/{name}.yaml" in readme for name in journeys)


def test_no_change_of_a_journey_goes_unnoticed() -> None:
    said = concierge(*COOKBOOK, "test", "--mutate", cwd=ROOT).stdout
    assert "T002" not in said
    assert ", 0 that no test notices" in said


LOADED = load_files(read_files(ROOT / "docs/cookbook"), {}, check_message)
TESTS = [test for file in LOADED.tests for test in file.tests]


@pytest.fixture(params=["embedded", "distributed"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, asyncio.Runner]]:
    """Of each runtime: SQLite, or a real Redis."""
    with asyncio.Runner() as runner:
        if request.param == "embedded":
            database = SqliteDatabase(tmp_path)
            yield SqliteStore(database, SqliteLog(database, SettableClock(1), 1), "s1"), runner
            database.close()
            return
        server: RedisServer = request.getfixturevalue("redis_server")
        server.wipe()
        made = runner.run(open_redis(server.url, 1, "s1"))
        yield made, runner
        runner.run(made.close())


@pytest.mark.parametrize("test", TESTS, ids=[f"{test.journey}: {test.name}" for test in TESTS])
def test_each_of_them_passes_on_the_store_of_both_runtimes(test: JourneyTest, store: tuple[Store, asyncio.Runner]) -> None:
    """The loop that owns a partition, on a virtual clock: the same messages with the same ids at the same instants as in the tests."""
    assert LOADED.workspace is not None
    versions = Versions(LOADED.files, {}, check_message, lambda name: (ROOT / "docs/cookbook" / name).read_bytes())
    world, differences = play_on(*store, LOADED.workspace, test, versions)
    assert differences == []
    assert told(world) == told(play_virtually(LOADED.workspace, test, versions))
    assert world.source.published >= len(world.sends) or getattr(store[0], "publishes", False)


def told(world: World) -> list[tuple[object, ...]]:
    """Everything that was sent, word for word."""
    return [(at, one.intent, one.customer, one.step, one.channel, one.content) for at, one in world.sends]
