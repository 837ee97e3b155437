"""Where output goes that takes no more, or not every character: a sentence or a `?`, never a traceback."""

import errno
import io
import json
import sys
from pathlib import Path

import click
import pytest

from orchestrator.cli.main import main
from tests.unit.cli.commands import JOURNEY, small

TITLED = JOURNEY.replace("journey: try_it", "journey: try_it\ntitle: Grüße 日本 →")


def _command(root: Path, *arguments: str) -> int:
    try:
        main.main(["--workspace", str(root), *arguments], standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SystemExit as error:
        return int(str(error.code))
    return 0


def test_a_terminal_that_knows_few_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = small(tmp_path / "brand", TITLED, {"hello": "日本"})
    for arguments, wanted in ((("preview", "hello"), "??"), (("--json", "preview", "hello"), "\\u65e5\\u672c")):
        shown = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, "latin-1"))
        assert _command(root, *arguments) == 0
        assert wanted in shown.getvalue().decode("latin-1")
        if "--json" in arguments:
            json.loads(shown.getvalue())


class _Full(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, _data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    root = small(tmp_path / "brand")
    for arguments in (("test",), ("schema",), ("--json", "lint")):
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(_Full()), "utf-8"))
        assert _command(root, *arguments) == 2
        assert "this cannot be written: No space left on device" in capsys.readouterr().err


def test_a_closed_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = small(tmp_path / "brand")
    monkeypatch.setattr(sys, "stdout", None)
    assert _command(root, "schema", "journey") == 0
    assert _command(root, "--json", "lint") == 0
