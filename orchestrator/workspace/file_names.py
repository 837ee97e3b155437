"""Which files a workspace holds, and where: everything else in config/ and templates/ is refused (Y016)."""

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from orchestrator.errors import ConfigurationError
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.scalar_shape import NAME
from orchestrator.workspace.yaml_reader import MAX_BYTES

ROOT = ("concierge", "profile", "policies", "audiences", "offers")
LATER = ("lookups",)
FOLDERS = ("config/journeys", "config/sources", "templates/messages")
"""With any sub-folders, which mean nothing."""
_LAYOUT = re.compile(r"templates/layouts/[a-z][a-z0-9_]*\.(email\.html|email\.txt|sms\.txt|whatsapp\.txt)")
_SNIPPET = re.compile(r"templates/snippets/(?:[^/]+/)*([a-z][a-z0-9_]*(?:\.[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)?\.md)")
_HERE = "config/ and templates/ hold known files only"


def paths_in(root: Path) -> list[Path]:
    """What stands in config/ and templates/, in order, but for what editors and systems leave behind. Folders that go away meanwhile are
    empty."""
    return [
        path
        for part in ("config", "templates")
        for path in sorted(
            Path(folder, last) for folder, _, names in os.walk(root / part) for last in names if not _LEFT_BEHIND.fullmatch(last)
        )
    ]


def read_files(root: Path) -> dict[str, bytes]:
    """All files of config/ and templates/, by their path with `/`, but for what is no part of the workspace. Raises
    ConfigurationError where one cannot be read."""
    found: dict[str, bytes] = {}
    for path in paths_in(root):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or _left_out(name):
            continue
        try:
            found[name] = path.read_bytes()
        except FileNotFoundError:
            continue  # gone since the folder was listed: editors write beside a file and rename
        except OSError as error:
            raise ConfigurationError(f"{name} cannot be read: {error.strerror}") from error
    return found


_LEFT_BEHIND = re.compile(r"\..*|.*~|#.*#|.*\.(?:bak|orig)")
"""An editor's backups and locks, a merge's originals, a system's own."""


def _left_out(name: str) -> bool:
    """Free notes, fixtures and the providers' approvals."""
    return name.startswith("config/fixtures/") or name.rsplit("/", 1)[-1] == "README.md" or name == "templates/whatsapp.lock"


def check_names(files: Mapping[str, bytes], findings: Findings) -> list[str]:
    """The files that are to be read, in order; notes those that are not expected, and names that stand twice."""
    wanted: list[str] = []
    names: dict[str, str] = {}
    for file, value in files.items():
        if not _expected(file, findings) or not (file.endswith(".yaml") or _is_text(file, value, findings)):
            continue
        parts = file.split("/")
        key = f"{'/'.join(parts[:2])}/{parts[-1]}"
        if len(parts) > 2 and key in names:
            what = f"'{PurePosixPath(file).name.split('.')[0]}' stands twice"
            _note(findings, file, what, f"also in {names[key]}", "names are unique over sub-folders: rename one")
            continue
        names[key] = file
        wanted.append(file)
    return wanted


def _note(findings: Findings, file: str, what: str, why: str, fix: str) -> None:
    findings.note("Y016", file, (1, 1), what, why, fix)


def _expected(file: str, findings: Findings) -> bool:
    path = PurePosixPath(file)
    folder, last = "/".join(path.parts[:2]), path.name
    if _LAYOUT.fullmatch(file) or _SNIPPET.fullmatch(file):
        return True
    stem = last.removesuffix(".yaml").removesuffix(".test")
    if last.endswith(".yml"):
        _note(findings, file, "not expected here", "files of a workspace end in .yaml", f"rename it to {last.removesuffix('.yml')}.yaml")
    elif folder == "templates/layouts":
        _note(
            findings,
            file,
            "not a layout's name",
            "<name>.email.html, .email.txt, .sms.txt or .whatsapp.txt",
            "rename it: default.email.html",
        )
    elif folder == "templates/snippets":
        _note(findings, file, "not a snippet's name", "<name>.md, or <name>.<locale>.md", "rename it: opening_hours.de.md")
    elif last.endswith(".yaml") and len(path.parts) > 2 and folder in FOLDERS:
        if last.endswith(".test.yaml") and folder == "templates/messages":
            _note(
                findings,
                file,
                "not expected here",
                "tests stand beside journeys and sources",
                "move it to config/journeys or config/sources",
            )
        elif not NAME.fullmatch(stem):
            _note(findings, file, f"'{stem}' is not a name", "a-z, 0-9 and _, first a letter", "rename the file")
        return True
    elif last.endswith(".yaml") and len(path.parts) == 2 and path.parts[0] == "config":
        if stem in ROOT and last == f"{stem}.yaml":
            return True
        if stem in LATER:
            _note(
                findings,
                file,
                f"{stem}.yaml is not in this version",
                "the language has it, this program does not build it yet",
                "remove it for now",
            )
        else:
            _note(findings, file, "not expected here", _HERE, nearest(stem, ROOT, "files here"))
    else:
        _note(findings, file, "not expected here", _HERE, "move it, or rename it")
    return False


def _is_text(file: str, value: bytes, findings: Findings) -> bool:
    """Of a layout or snippet."""
    if len(value) > MAX_BYTES:
        _note(findings, file, f"{len(value)} bytes", "a file has at most 1 MB", "split it")
        return False
    try:
        value.decode()
    except UnicodeDecodeError as error:
        line = value[: error.start].count(b"\n") + 1
        findings.note("Y016", file, (line, 1), "not UTF-8", f"byte {error.start} is not", "save the file as UTF-8")
        return False
    return True
