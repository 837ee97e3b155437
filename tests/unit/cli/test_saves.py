"""When files that are being saved are judged: once, and when they are whole."""

from pathlib import Path

import pytest

from orchestrator.cli import saves
from orchestrator.cli.saves import Saves, Stamp, stamp_of


def stamp(size: int) -> Stamp:
    return (("config/concierge.yaml", size, size),)


def test_what_two_looks_find_alike_is_whole_and_judged_once() -> None:
    found = Saves()
    looks = [1, 1, 1, 0, 2, 3, 3, 3]
    assert [found.whole(stamp(size)) for size in looks] == [False, True, False, False, False, False, True, False]


def test_a_file_that_is_back_as_it_was_is_nothing_new_and_what_is_forgotten_is() -> None:
    found = Saves()
    assert [found.whole(stamp(size)) for size in (1, 1, 2, 1, 1)] == [False, True, False, False, False]
    found.forget()
    assert found.whole(stamp(1))


def test_a_workspace_without_files_is_judged_too() -> None:
    found = Saves()
    assert [found.whole(()) for _ in range(3)] == [False, True, False]


def test_a_file_that_goes_away_between_two_calls_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "there.yaml"
    there.write_text("x")
    monkeypatch.setattr(saves, "paths_in", lambda _root: [tmp_path / "gone.yaml", there])
    assert [(name, size) for name, _at, size in stamp_of(tmp_path)] == [(str(there), 1)]


def test_an_editors_backup_is_no_save(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "concierge.yaml").write_text("x")
    before = stamp_of(tmp_path)
    for name in ("concierge.yaml~", ".concierge.yaml.swp", "#concierge.yaml#"):
        (tmp_path / "config" / name).write_text("x")
    assert stamp_of(tmp_path) == before
