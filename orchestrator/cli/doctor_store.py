"""What doctor asks of the data folder: room on the disk, an unhurt database, the version in force, the same number of partitions."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.embedded.reader import StoreReader
from orchestrator.errors import ConfigurationError
from orchestrator.runtime.settings import Settings
from orchestrator.workspace.workspace import Workspace

LEAST_ROOM = 1 << 30
"""Bytes: below it a day of messages may find the disk full."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `note` is worth knowing and no fault."""

    name: str
    ok: bool
    detail: str
    note: bool = False


def check_folder(folder: Path, settings: Settings, workspace: Workspace | None) -> Iterator[Check]:
    """`workspace` as its files are now; None when they have errors."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.is_dir())
    free = shutil.disk_usage(there).free
    yield Check("disk", free >= LEAST_ROOM, f"{free / (1 << 30):.1f} GiB free for {folder}" + ("" if free >= LEAST_ROOM else "; make room"))
    if not os.access(there, os.W_OK):
        yield Check("folder", False, f"{there} cannot be written by this user")
    file = folder / "concierge.db"
    if not file.exists():
        yield Check("store", True, f"{folder}: empty; `concierge up` makes it", note=True)
        return
    try:
        with sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=5) as connection:
            wrong = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
            partitions = int(connection.execute("SELECT partitions FROM setup").fetchone()[0])
        reader = StoreReader(folder)
        try:
            force = reader.version()
        finally:
            reader.close()
    except (sqlite3.Error, ConfigurationError, TypeError) as error:
        yield Check("store", False, f"{file} cannot be read: {error}; restore it from a backup")
        return
    finally:
        if "connection" in locals():
            connection.close()
    if wrong:
        yield Check("store", False, f"{file} is damaged: {'; '.join(wrong)}; restore it from a backup")
    if settings.get("PARTITIONS") not in (None, str(partitions)):
        yield Check(
            "partitions",
            False,
            f"the store was made with {partitions}, CONCIERGE_PARTITIONS says {settings.get('PARTITIONS')}; set {partitions}",
        )
    if force is None:
        yield Check("store", False, f"{folder}: no version is in force; `concierge up` applies the workspace")
        return
    size = sum(one.stat().st_size for one in folder.glob("concierge.db*")) / (1 << 20)
    same = workspace is not None and force[0] == workspace.version
    differs = "" if same else "; the files differ from it, `concierge up --watch` applies them on save"
    yield Check("store", True, f"{folder}: version in force {force[0][:8]}, {size:,.1f} MiB{differs}", note=not same)
