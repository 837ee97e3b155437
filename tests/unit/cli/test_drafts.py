"""`concierge init test NAME`: what it writes lints and passes, whatever the journey does."""

import json
import shutil
from pathlib import Path

import pytest

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.yaml_flow import flow
from orchestrator.workspace.yaml_reader import read_yaml
from tests.unit.cli.commands import run, small

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("example", [ROOT, ROOT / "docs/cookbook"], ids=["example", "cookbook"])
def test_every_journey_of_the_examples(example: Path, tmp_path: Path) -> None:
    for folder in ("config", "templates"):
        shutil.copytree(example / folder, tmp_path / folder)
    tests = list((tmp_path / "config/journeys").rglob("*.test.yaml"))
    assert len(tests) >= 4
    for test in tests:
        test.unlink()
    for test in tests:
        done = run(tmp_path, "init", "test", test.name.removesuffix(".test.yaml"))
        assert done.exit_code == 0, done.output
        assert test.is_file()
    findings = json.loads(run(tmp_path, "--json", "lint").stdout)
    assert [one for one in findings if one["severity"] == "error"] == []
    report = json.loads(run(tmp_path, "--json", "test", "config/journeys").stdout)
    assert [one for one in report["tests"] if not one["passed"]] == []
    assert report["passed"] == len(tests)


def test_every_message_of_the_journey_stands_in_it(tmp_path: Path) -> None:
    brand = small(tmp_path, "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\nsteps:\n  - {id: one, send: hello, channels: [email]}\n  - {id: rest, delay: 26h}\n  - {id: two, send: hello, channels: [sms]}\n")  # fmt: skip
    (brand / "config/journeys/try_it.test.yaml").unlink()
    run(brand, "init", "test", "try_it")
    text = (brand / "config/journeys/try_it.test.yaml").read_text()
    assert "    then:\n      sends:\n        - {at: 0h, step: one, channel: email}\n        - {at: 1d2h, step: two, channel: sms}\n" in text
    assert run(brand, "test").exit_code == 0


@pytest.mark.parametrize(
    ("entry", "with_", "step"),
    [
        ("{event: Basket Changed, when: event.total >= 20}", "total: 100", "{at: 0h, step: one"),
        ("{event: Order Placed, when: not event.gift}", "gift: false", "{at: 0h, step: one"),
    ],
)
def test_somebody_comes_in_whatever_the_entry_asks(tmp_path: Path, entry: str, with_: str, step: str) -> None:
    brand = small(tmp_path, f"journey: try_it\nclass: service\nentry: {entry}\nsteps:\n  - {{id: one, send: hello, channels: [email]}}\n")
    (brand / "config/journeys/try_it.test.yaml").unlink()
    shop = brand / "config/sources/shop.yaml"
    shop.write_text(shop.read_text().replace("total: number", "total: number!").replace("order: text}", "order: text, gift: boolean!}"))
    assert run(brand, "init", "test", "try_it").exit_code == 0
    text = (brand / "config/journeys/try_it.test.yaml").read_text()
    assert with_ in text
    assert step in text
    assert run(brand, "test").exit_code == 0


def test_a_time_to_come_where_one_is_waited_for(tmp_path: Path) -> None:
    brand = small(tmp_path, "journey: try_it\nclass: service\nentry: {event: Basket Changed}\nsteps:\n  - {id: rest, delay: {until: entry.ready_at, offset: -30d, past: exit}}\n  - {id: one, send: hello, channels: [email]}\n")  # fmt: skip
    (brand / "config/journeys/try_it.test.yaml").unlink()
    shop = brand / "config/sources/shop.yaml"
    shop.write_text(shop.read_text().replace("ready_at: instant", "ready_at: instant!"))
    assert run(brand, "init", "test", "try_it").exit_code == 0
    assert "step: one" in (brand / "config/journeys/try_it.test.yaml").read_text()


def test_many_messages_are_not_all_written(tmp_path: Path) -> None:
    brand = small(tmp_path, 'journey: try_it\nclass: service\nentry: {schedule: {rrule: FREQ=DAILY, at: "09:00"}}\nsteps:\n  - {id: one, send: hello, channels: [email]}\n')  # fmt: skip
    (brand / "config/journeys/try_it.test.yaml").unlink()
    assert run(brand, "init", "test", "try_it").exit_code == 0
    text = (brand / "config/journeys/try_it.test.yaml").read_text()
    assert "first:" in text
    assert text.count("step: one") == 10
    assert run(brand, "test").exit_code == 0, run(brand, "test").output


def test_the_nearest_journey_is_offered(tmp_path: Path) -> None:
    done = run(small(tmp_path), "init", "test", "try_itt")
    assert done.exit_code == 2
    assert "did you mean 'try_it'?" in done.stderr


@pytest.mark.parametrize(
    "value", ["Visit Completed", "no", "True", "1d", "x1", "a: b", "#", "…", 3, 1.5, True, [], {"a b": {"null": "null"}}]
)
def test_what_is_written_is_read_again(value: object) -> None:
    findings = Findings()
    node = read_yaml(f"a: {{it: {flow(value)}}}".encode(), "a.yaml", findings)
    assert node is not None, findings.all
    assert node.data() == {"a": {"it": value}}
