"""Commands from other processes to the one that owns a data folder: a file each, taken into the log in the order they were given."""

import asyncio
import logging
import os
from pathlib import Path

import msgspec

from orchestrator.contracts.command import Erase, Readmit, decode_command, encode_command
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.state.sqlite_log import SqliteLog

LOOK_EVERY = 0.3
"""Seconds between two looks at the spool."""
_log = logging.getLogger(__name__)


def spool_of(folder: Path) -> Path:
    """Where the commands to a data folder wait."""
    return folder / "commands"


def give(folder: Path, command: Erase | Readmit) -> Path:
    """Leave a command there, durably, whether or not anybody runs on the folder; returns its file, which is gone once it was taken.
    Commands are taken by `at`, milliseconds; `id` is its own."""
    spool = spool_of(folder)
    spool.mkdir(mode=0o700, exist_ok=True)
    file = spool / f"{command.at:015d}-{command.id}.json"
    unfinished = file.with_suffix(".part")
    unfinished.touch(mode=0o600)
    with unfinished.open("wb") as out:
        out.write(encode_command(command))
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(file)
    directory = os.open(spool, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return file


async def take_all(folder: Path, log: SqliteLog) -> int:
    """Take what waits into the log; returns how many. A file goes only when its command is durable there: one that is taken twice,
    because the process died between, comes before all that was given later, and does nothing the second time. What cannot be read
    is set aside as `.bad`, and said."""
    taken = 0
    for file in sorted(spool_of(folder).glob("*.json")):
        value = file.read_bytes()
        try:
            command = decode_command(value)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            command, why = None, str(error)
        else:
            why = "only erase and readmit are taken from here"
        if not isinstance(command, Erase | Readmit):
            file.rename(file.with_suffix(".bad"))
            _log.error("a command that cannot be read was set aside: %s: %s", file.with_suffix(".bad"), why)
            continue
        await log.append([Record(topic=CUSTOMER_EVENTS, key=command.customer.encode(), value=value)])
        file.unlink()
        taken += 1
    return taken


async def take_for_ever(folder: Path, log: SqliteLog) -> None:
    """Look again and again, until cancelled."""
    while True:
        await take_all(folder, log)
        await asyncio.sleep(LOOK_EVERY)
