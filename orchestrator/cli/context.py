"""What every command is given: the workspace's folder, how to print, and the way errors end."""

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from orchestrator.content.check import check_message
from orchestrator.expressions.problems import nearest
from orchestrator.runtime.settings import Settings, read_settings
from orchestrator.workspace.finding import format_text
from orchestrator.workspace.load import Loaded, load_workspace

FINDINGS, USAGE, UNREACHABLE, MOVED = 1, 2, 3, 4
"""Exit codes: findings · usage or configuration · a service can't be reached · the world has moved."""


class Stop(click.ClickException):
    """Ends the command with a sentence and an exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.exit_code = code

    def show(self, _file: object = None) -> None:
        click.echo(f"concierge: {self.message}", err=True)


def is_utf8(stream: TextIO | None) -> bool:
    """Whether it takes every character. None is a closed one."""
    return stream is None or stream.encoding.lower().replace("-", "") == "utf8"


def forgiving(streams: Sequence[TextIO | None]) -> None:
    """What a terminal's encoding cannot show becomes `?`, and the rest is still told."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


@dataclass(frozen=True, slots=True)
class Invocation:
    """The global options, resolved."""

    start: Path
    as_json: bool
    quiet: bool
    environment: Mapping[str, str]

    @property
    def root(self) -> Path:
        """The nearest folder upwards that holds config/concierge.yaml. Raises Stop."""
        for folder in (self.start, *self.start.parents):
            if (folder / "config" / "concierge.yaml").is_file():
                return folder
        raise Stop(
            f"no workspace here: neither {self.start} nor a folder above it has config/concierge.yaml; make one with `concierge init DIR`"
        )

    @property
    def console(self) -> Console:
        """For people: standard error when JSON goes to standard output."""
        return Console(stderr=self.as_json, highlight=False, quiet=self.quiet, soft_wrap=True)

    def progress(self, doing: str, unit: str = "") -> Progress:
        """A bar for long work; none where there is no terminal."""
        columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), *([TextColumn(unit)] if unit else ()), TimeElapsedColumn())
        return Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)

    def settings(self) -> Settings:
        return read_settings(self.root, self.environment)

    def data(self, given: str | None) -> Path:
        """The data folder: --data, CONCIERGE_DATA, or .concierge in the workspace."""
        found = given or self.settings().get("DATA")
        return Path(found) if found else self.root / ".concierge"

    def print_json(self, value: object) -> None:
        """One JSON document on standard output; of ASCII alone where that is not UTF-8."""
        click.echo(json.dumps(value, ensure_ascii=not is_utf8(sys.stdout), indent=1, default=str))

    def load(self) -> Loaded:
        """The workspace as its files are now, with all findings."""
        return load_workspace(self.root, self.environment, check_message)

    def chosen(self, paths: Sequence[str], loaded: Loaded) -> frozenset[str]:
        """The workspace's files at these paths (from here, or from the workspace's folder) or in these folders; all without paths.
        Raises Stop where there is none."""
        if not paths:
            return frozenset(loaded.files)
        found: set[str] = set()
        for path in paths:
            places = [place.resolve() for place in (Path.cwd() / path, self.root / path)]
            root = self.root.resolve()
            names = [place.relative_to(root).as_posix() for place in places if place.is_relative_to(root)]
            here = {file for file in loaded.files for name in names if name in (".", file) or file.startswith(name + "/")}
            if not here:
                near = nearest(path, loaded.files)
                raise Stop(f"no file of the workspace at {path!r}; {near if 'did you' in near else 'they stand in config/ and templates/'}")
            found |= here
        return frozenset(found)

    def load_good(self) -> Loaded:
        """The workspace without errors. Raises Stop with all of them."""
        loaded = self.load()
        if loaded.workspace is None:
            errors = [finding for finding in loaded.findings if finding.severity == "error"]
            raise Stop(
                f"the workspace has {len(errors)} error{'s' if len(errors) != 1 else ''}:\n{format_text(errors, loaded.files)}", FINDINGS
            )
        return loaded


def invocation(workspace: str | None, as_json: bool, quiet: bool) -> Invocation:
    """From the command line and the process."""
    return Invocation(Path(workspace).resolve() if workspace else Path.cwd(), as_json, quiet, dict(os.environ))
