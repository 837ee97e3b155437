"""`concierge plan` on a data folder."""

import json
from pathlib import Path

import pytest

from tests.one_journey import workspace
from tests.unit.cli.commands import JOURNEY, run, small, store
from tests.worlds import T0, Engine


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    """Ada stands in its first step."""
    root = small(tmp_path / "brand")
    engine = Engine(workspace({"try_it": JOURNEY}))
    engine.apply([engine.event("ada", T0, "Basket Changed", basket="b1")], T0, T0)
    store(root / ".concierge", engine.customers, root)
    return root


def test_a_picture_is_one_json_document_where_that_is_asked_for(brand: Path) -> None:
    drawn = json.loads(run(brand, "--json", "plan", "--graph", "try_it").stdout)
    assert (drawn["journey"], drawn["form"]) == ("try_it", "mermaid")
    assert drawn["picture"] == run(brand, "plan", "--graph", "try_it").stdout
    assert json.loads(run(brand, "--json", "plan", "--graph", "try_it", "--picture", "svg").stdout)["picture"].startswith("<svg ")


def test_a_picture_is_no_plan_to_keep(brand: Path) -> None:
    done = run(brand, "plan", "--graph", "try_it", "--out", str(brand / "x"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--graph prints a picture" in done.stderr
    assert not (brand / "x").exists()


def test_who_would_be_stranded_is_not_sent_to_an_option_that_no_command_has_here(brand: Path) -> None:
    small(
        brand,
        JOURNEY.replace("  - {id: think, delay: 2h}\n", ""),
        test="journey: try_it\ntests: [{test: one, when: [{at: 0h, event: Ping}], then: {}}]\n",
    )
    done = run(brand, "plan")
    assert done.exit_code == 1
    assert "J040" in done.output
    assert "in_flight: {removed: {think:" in done.output
    assert "--exit-runs" not in done.output
