"""The times of a test: how they are read, and what lint says of those that nothing could happen at."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from orchestrator.expressions.durations import read_duration, write_duration
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.yaml_node import Node

DEFAULT_START = "2026-01-14T10:00:00Z"
LONGEST = 400 * 86_400_000
"""Milliseconds from the start to the end of a test that names no end."""
_NOTHING = re.compile(r"[-+]?0[wdhms]?")


def from_start(text: str) -> int | None:
    """Milliseconds of `30h`, `-3d`, `0h`; None when it is none of these."""
    return 0 if _NOTHING.fullmatch(text) else read_duration(text, signed=True)


def milliseconds(text: str) -> int:
    """Of an RFC 3339 instant. Raises ValueError."""
    read = datetime.fromisoformat(text)
    return round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)


def end_of(start: int, until: str | None) -> int:
    """The last instant of a test (milliseconds). Raises ValueError."""
    return start + LONGEST if until is None else milliseconds(until)


def instants(owner: Node, reading: Reading) -> None:
    """Y015 for a `start` or an `until` of a test or of its file that is no instant."""
    for key in ("start", "until"):
        node = owner.entries.get(key)
        if node is not None and not node.empty and _instant(node) is None:
            reading.bad(node, "Y015", f"`{node.text[:40]}` is not an instant", f"{key} is a date and time", f"{key}: {DEFAULT_START}")


def in_order(owners: Sequence[Node], items: Sequence[Node], reading: Reading) -> None:
    """T003 for items out of order or beyond the end, and for an end before the start, Y014 and Y015 for times that cannot be read. `owners`
    may name `start` and `until`, the nearer one first."""
    last = None
    end = _length(owners, reading)
    for item in items:
        _readable(item, reading)
        at = item.entries.get("at")
        if at is None:
            continue
        offset = from_start(at.text) if at.kind == "scalar" else None
        if offset is None:
            reading.bad(at, "Y014", f"`{at.text}` is not a duration", "from the start of the test", "at: 30h")
        elif last is not None and offset < last:
            reading.bad(at, "T003", "earlier than the item before it", "a test reads as things happen", "sort the items")
        else:
            last = offset
            _within(item, at, offset, end, reading)


def _readable(item: Node, reading: Reading) -> None:
    local = item.entries.get("local")
    if local is not None and not local.empty and _instant(local) is None:
        reading.bad(local, "Y015", f"`{local.text[:40]}` is not a date and time", "where the customer is", "local: 2026-03-02T09:00")


def _within(item: Node, at: Node, offset: int, end: int, reading: Reading) -> None:
    """Neither before the test nor after it, in none of its repetitions."""
    if offset < 0:
        reading.bad(at, "T003", "earlier than the start of the test", "what was before stands in `given`", "put it into `history`")
    last = offset + (_number(item, "repeat", 1) - 1) * _every(item)
    if last > end:
        what = "later than the end of the test" if offset > end else "it repeats beyond the end of the test"
        reading.bad(at, "T003", what, f"a test ends at `until`, here {write_duration(end)} after its start", "name a later `until`")


def _length(owners: Sequence[Node], reading: Reading) -> int:
    """Milliseconds from the start to the end."""
    start, until = (next((one.entries[key] for one in owners if _given(one, key)), None) for key in ("start", "until"))
    begins = milliseconds(DEFAULT_START) if start is None else _instant(start)
    ends = None if until is None else _instant(until)
    if until is None or begins is None or ends is None:
        return LONGEST
    if ends < begins:
        reading.bad(until, "T003", "a test that ends before it starts", "nothing could happen", "name an `until` after `start`")
        return LONGEST
    return ends - begins


def _given(owner: Node, key: str) -> bool:
    return key in owner.entries and not owner.entries[key].empty


def _instant(node: Node) -> int | None:
    try:
        return milliseconds(node.text) if node.kind == "scalar" else None
    except (ValueError, OverflowError):
        return None


def _every(item: Node) -> int:
    every = item.entries.get("every")
    return 0 if every is None else from_start(every.text) or 0


def _number(item: Node, key: str, default: int) -> int:
    value = item.entries[key].scalar() if key in item.entries else default
    return value if isinstance(value, int) and not isinstance(value, bool) else default
