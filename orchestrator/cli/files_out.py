"""Files that commands write where an option says: a place that cannot be is a sentence, said before the work where possible."""

from pathlib import Path
from typing import Any

import click

from orchestrator.cli.context import Stop


class OutFile(click.Path):
    """An option's file to write, in a folder that is there."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if isinstance(found, Path) and not found.parent.is_dir():
            self.fail(f"there is no folder {found.parent}", param, ctx)
        return found


def write_file(path: Path, content: str) -> None:
    """Raises Stop where that cannot be."""
    try:
        path.write_bytes(content.encode())
    except OSError as error:
        raise Stop(f"{path} cannot be written: {error.strerror}") from error


def make_folder(path: Path) -> None:
    """With those it stands in. Raises Stop where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"{path} cannot be made: {error.strerror}") from error
