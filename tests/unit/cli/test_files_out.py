"""Files that commands write: a place that cannot be is a usage error in words, before anything is done."""

from pathlib import Path

import pytest

from tests.unit.cli.commands import run, small


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    return small(tmp_path / "brand")


@pytest.mark.parametrize("command", [("plan", "--out"), ("preview", "hello", "--html"), ("test", "--junit")])
def test_a_folder_that_is_not_there(brand: Path, command: tuple[str, ...]) -> None:
    done = run(brand, *command, str(brand / "nope" / "x"))
    assert done.exit_code == 2
    assert f"there is no folder {brand / 'nope'}" in done.stderr
    assert "passed" not in done.stdout


@pytest.mark.parametrize("command", [("preview", "hello", "--html"), ("test", "--junit")])
def test_a_file_that_cannot_be_written(brand: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    done = run(brand, *command, str(brand / "x"))
    assert done.exit_code == 2
    assert f"{brand / 'x'} cannot be written: No space left on device" in done.stderr


def test_schemas_go_into_a_folder_that_is_made(brand: Path) -> None:
    done = run(brand, "schema", "journey", "--out", str(brand / "a" / "b"))
    assert done.output == f"1 schema in {brand / 'a' / 'b'}\n"
    assert (brand / "a" / "b" / "journey.schema.json").is_file()
    in_the_way = run(brand, "schema", "--out", str(brand / "config/concierge.yaml/x"))
    assert (in_the_way.exit_code, "cannot be made" in in_the_way.stderr) == (2, True)


def test_schemas_help_names_every_kind() -> None:
    told = " ".join(run(Path(), "schema", "--help").output.split())
    assert "concierge, profile, policies, audiences, offers, journey, test, message, source, source_test" in told
    assert "event, command, outbound, receipt, call, call_answer, decision" in told
