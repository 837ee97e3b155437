"""What all partitions share, in SQLite: how much of a limit is given out, and the places taken in throttles' queues."""

import sqlite3
from collections.abc import Mapping, Sequence

import msgspec

from orchestrator.model.grants import grant
from orchestrator.model.queue import Kept, Slot, SlotRequest, as_queue, take_slot

SCRIPT = """
CREATE TABLE IF NOT EXISTS grants(name TEXT PRIMARY KEY, v BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS slots(name TEXT PRIMARY KEY, v BLOB NOT NULL) STRICT;
"""
_decoder: msgspec.msgpack.Decoder[Kept] = msgspec.msgpack.Decoder(Kept)
KEPT = 100_000
"""Names of limits kept, newest: one is of a day."""


def grant_places(connection: sqlite3.Connection, name: str, most: int, want: int, partition: int, used: Mapping[int, int]) -> int:
    """As the store protocol says, in one transaction."""
    row = connection.execute("SELECT v FROM grants WHERE name=?", (name,)).fetchone()
    held = {} if row is None else msgspec.msgpack.decode(row[0], type=dict[int, int])
    found = grant(held, most, want, partition, used)
    connection.execute("INSERT INTO grants VALUES (?,?) ON CONFLICT DO UPDATE SET v=excluded.v", (name, msgspec.msgpack.encode(held)))
    if row is None:
        connection.execute("DELETE FROM grants WHERE rowid <= (SELECT max(rowid) FROM grants) - ?", (KEPT,))
    return found


def take_slots(connection: sqlite3.Connection, name: str, wanted: Sequence[SlotRequest]) -> list[Slot | None]:
    """As the store protocol says, in one transaction."""
    row = connection.execute("SELECT v FROM slots WHERE name=?", (name,)).fetchone()
    queue = as_queue(None if row is None else _decoder.decode(row[0]))
    found = [take_slot(queue, one) for one in wanted]
    connection.execute("INSERT INTO slots VALUES (?,?) ON CONFLICT DO UPDATE SET v=excluded.v", (name, msgspec.msgpack.encode(queue)))
    return found
