"""A name that is not there is a usage error, whichever command is given it, and the nearest name is offered."""

import json
from pathlib import Path

import pytest

from orchestrator.model.customer import Customer
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import workspace as made_of
from tests.unit.cli.commands import JOURNEY, run, small, store
from tests.worlds import HOUR, T0, Engine


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return made_of({"try_it": JOURNEY})


@pytest.fixture(scope="module")
def brand(tmp_path_factory: pytest.TempPathFactory, workspace: Workspace) -> Path:
    """Ada has been reminded of one basket, and was taken out of the journey with another; Ben has done nothing."""
    root = small(tmp_path_factory.mktemp("names") / "brand")
    engine = Engine(workspace)
    engine.apply([engine.identify("ada", T0, first_name="Ada", email="ada@example.com"), engine.identify("ben", T0)], T0, T0)
    engine.apply([engine.event("ada", T0, "Basket Changed", basket="b1")], T0 + 3 * HOUR, T0)
    engine.apply([engine.event("ada", T0 + 4 * HOUR, "Basket Changed", basket="b2")], T0 + 4 * HOUR, T0 + 4 * HOUR)
    gone = engine.customers["ada"]
    gone.runs.clear()
    gone.changed("runs")
    people: dict[str, Customer] = engine.customers
    store(root / ".concierge", people, root)
    return root


@pytest.mark.parametrize(
    "command",
    [
        ("plan", "--graph", "try_itt"),
        ("audience", "everyon"),
        ("pause", "try_itt"),
        ("preview", "helo"),
        ("policies", "--customer", "ada", "--message", "helo"),
        ("why", "ada", "--journey", "try_itt"),
        ("why", "ada", "--message", "helo"),
        ("why", "ben", "--journey", "try_itt"),
        ("--json", "why", "ben", "--message", "helo"),
    ],
)
def test_the_nearest_name_is_offered(brand: Path, command: tuple[str, ...]) -> None:
    done = run(brand, *command)
    assert done.exit_code == 2, done.output
    assert "did you mean '" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "command",
    [
        ("why", "nobody"),
        ("customer", "show", "nobody"),
        ("customer", "export", "nobody"),
        ("policies", "--customer", "nobody", "--message", "hello"),
        ("preview", "hello", "--customer", "nobody"),
        ("preview", "hello", "--customer", "/"),
    ],
)
def test_nobody_is_called_so(brand: Path, command: tuple[str, ...]) -> None:
    done = run(brand, *command)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""


def test_a_journey_that_is_known_and_decided_nothing_has_no_decisions(brand: Path) -> None:
    assert run(brand, "why", "ben", "--journey", "try_it").output == "no decisions\n"
    assert run(brand, "why", "ben", "--message", "hello").output == "no decisions\n"
    assert "SENT" in run(brand, "why", "ada", "--journey", "try_it").output.upper()


def test_a_journey_somebody_has_left_is_shown_with_when_they_came_in(brand: Path) -> None:
    told = run(brand, "customer", "show", "ada").output
    assert "Journeys entered before" in told
    assert "2026-03-02 14:00:00Z" in told
    entries = json.loads(run(brand, "--json", "customer", "show", "ada").stdout)["entries"]
    assert entries == [
        {"journey": "try_it", "key": "b1", "times": 1, "last": T0},
        {"journey": "try_it", "key": "b2", "times": 1, "last": T0 + 4 * HOUR},
    ]


def test_a_test_without_a_name_makes_no_workspace(brand: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(brand, "init", "test")
    assert done.exit_code == 2
    assert "init test NAME" in done.stderr
    assert "init ./test" in done.stderr
    assert not (tmp_path / "test").exists()
    assert run(brand, "init", "./test").exit_code == 0
    assert (tmp_path / "test/config/concierge.yaml").is_file()
