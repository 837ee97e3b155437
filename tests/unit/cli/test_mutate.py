"""`concierge test --mutate` on a small workspace."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.commands import JOURNEY, run, small


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    return small(tmp_path / "brand")


def test_changes_that_a_test_notices_are_all_noticed(brand: Path) -> None:
    done = run(brand, "test", "--mutate")
    assert done.exit_code == 0, done.output
    assert ", 0 that no test notices" in done.output


def test_tests_that_fail_without_a_change_are_said_and_nothing_is_changed(brand: Path) -> None:
    small(brand, JOURNEY.replace("2h", "3h"))
    done = run(brand, "test", "--mutate")
    assert done.exit_code == 1
    assert "FAIL  try_it: a reminder two hours later" in done.stdout
    assert "1 passed, 1 failed" in done.stdout
    assert "that no test notices" not in done.stdout
    assert "nothing was changed" in done.stderr
    as_json = run(brand, "--json", "test", "--mutate")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["failed"] == 1


def test_chosen_tests_alone_are_asked(brand: Path) -> None:
    assert "that no test notices" in run(brand, "test", "--mutate", "-k", "reminder").output
    done = run(brand, "test", "--mutate", "-k", "nobody")
    assert done.exit_code == 1
    assert "unnoticed  try_it" in done.output
    assert run(brand, "test", "--mutate", "-k", "is called so").exit_code == 2


def test_junit_is_written_of_the_tests_as_they_are(brand: Path, tmp_path: Path) -> None:
    run(brand, "test", "--mutate", "--junit", str(tmp_path / "junit.xml"))
    assert 'tests="2" failures="0"' in (tmp_path / "junit.xml").read_text()
