"""`concierge init` in a folder that is somebody's already."""

import json
from pathlib import Path

from tests.unit.cli.commands import run, small


def test_what_git_ignores_already_stays(tmp_path: Path) -> None:
    folder = tmp_path / "my shop"
    folder.mkdir()
    (folder / ".gitignore").write_text("node_modules/\n.env", "utf-8")
    (folder / ".schemas").mkdir()
    done = run(tmp_path, "--json", "init", str(folder))
    assert (done.exit_code, json.loads(done.stdout)["folder"]) == (0, str(folder))
    assert f"cd '{folder}'" in done.stderr
    assert (folder / ".gitignore").read_text("utf-8") == "node_modules/\n.env\n.concierge/\n"


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    done = run(tmp_path, "init", str(tmp_path / "file/brand"))
    assert (done.exit_code, "cannot be made" in done.stderr) == (2, True)


def test_a_new_test_tells_editors_its_schema_where_there_are_schemas(tmp_path: Path) -> None:
    root = small(tmp_path)
    (root / "config/journeys/try_it.test.yaml").unlink()
    (root / ".schemas").mkdir()
    done = run(root, "--json", "init", "test", "try_it")
    assert json.loads(done.stdout) == {"file": "config/journeys/try_it.test.yaml"}
    first = (root / "config/journeys/try_it.test.yaml").read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../.schemas/test.schema.json"
