"""`concierge audience`: how many, who for example, and why each is in; nothing personal is shown."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestrator.cli.audience import count
from orchestrator.cli.main import main
from orchestrator.expressions.calls_in import calls_in
from orchestrator.model.customer import Customer
from orchestrator.workspace.workspace import Workspace
from tests.unit.cli.commands import store
from tests.unit.workspace.test_audiences import with_audiences
from tests.unit.workspace.test_audiences import workspace as made_of
from tests.worlds import DAY, T0, Engine

ROOT = Path(__file__).parents[3]
TEXT = """audiences:
  slow_line: {title: Below 30 Mbit/s, when: customer.line_speed < 30}
  lapsed:
    when: count_of('Order Placed') > 0 and not seen('Order Placed', within='120d')
  named: {when: "customer.first_name is like('A*') and in_audience('slow_line')"}
"""


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return made_of(with_audiences(TEXT))


@pytest.fixture
def people(workspace: Workspace) -> dict[str, Customer]:
    engine = Engine(workspace)
    order = {"order_id": "o1", "package": "Fast 500", "price": 24.9, "installed_on": "2026-04-01"}
    engine.apply([
        engine.identify("ada", T0, line_speed=20, first_name="Ada"), engine.identify("ben", T0, line_speed=90), engine.identify("cleo", T0, line_speed=29),
        engine.event("ben", T0, "Order Placed", **order),
    ], T0, T0)  # fmt: skip
    return engine.customers


def test_everybody_is_counted_and_some_are_shown_with_what_the_condition_reads(workspace: Workspace, people: dict[str, Customer]) -> None:
    found = count(people.values(), "slow_line", workspace, T0, 1)
    assert (found.people, found.members, found.damaged) == (3, 2, 0)
    assert found.sample == {"ada": {"customer.line_speed": 20}}
    assert count(people.values(), "everyone", workspace, T0, 5).members == 3


def test_functions_show_what_they_give_and_time_counts(workspace: Workspace, people: dict[str, Customer]) -> None:
    assert count(people.values(), "lapsed", workspace, T0 + 119 * DAY, 5).members == 0
    found = count(people.values(), "lapsed", workspace, T0 + 120 * DAY, 5)
    assert found.sample == {"ben": {"count_of('Order Placed')": 1, "seen('Order Placed', within='120d')": False}}


def test_personal_values_are_masked(workspace: Workspace, people: dict[str, Customer]) -> None:
    found = count(people.values(), "named", workspace, T0, 5)
    assert found.sample == {"ada": {"customer.first_name": "•••", "in_audience('slow_line')": True}}


def test_the_erased_those_who_moved_and_the_damaged_are_nobody(workspace: Workspace, people: dict[str, Customer]) -> None:
    people["ada"].identity.erased = True
    people["ben"].identity.moved = "cleo"
    found = count([*people.values(), Customer("dan", damage="torn")], "everyone", workspace, T0, 5)
    assert (found.people, found.members, found.damaged, list(found.sample)) == (1, 1, 1, ["cleo"])


def test_calls_are_found_as_they_are_written() -> None:
    text = "seen('A (b', where=\"event.x == 'seen(1)'\") and not (count_of('B') > days_since(last_of('C').at)) or entry.seen and weekdays"
    assert calls_in(text) == ["seen('A (b', where=\"event.x == 'seen(1)'\")", "count_of('B')", "days_since(last_of('C').at)"]


def test_the_command_reads_a_data_folder(tmp_path: Path, people: dict[str, Customer]) -> None:
    brand, data = tmp_path / "brand", tmp_path / "data"
    for folder in ("config", "templates"):
        shutil.copytree(ROOT / folder, brand / folder)
    (brand / "config" / "audiences.yaml").write_text(TEXT, "utf-8")
    store(data, people)
    run = CliRunner()
    told = run.invoke(main, ["--workspace", str(brand), "audience", "slow_line", "--data", str(data), "--sample", "1"])
    assert told.exception is None, told.exception
    assert told.output.splitlines() == [
        "slow_line: 2 of 3 people",
        "  when customer.line_speed < 30",
        "  ada",
        "      customer.line_speed = 20",
    ]
    assert told.exit_code == 0
    as_json = json.loads(run.invoke(main, ["--workspace", str(brand), "--json", "audience", "slow_line", "--data", str(data)]).stdout)
    assert (as_json["members"], as_json["people"], [one["customer"] for one in as_json["sample"]]) == (2, 3, ["ada", "cleo"])
    wrong = run.invoke(main, ["--workspace", str(brand), "audience", "slow_lin", "--data", str(data)])
    assert wrong.exit_code == 2
    assert "did you mean 'slow_line'" in wrong.output
