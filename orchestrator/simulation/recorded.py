"""Recorded events: JSON lines, put in order of when they happened, and by who is who."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from orchestrator.contracts.event import MAX_EVENT_BYTES
from orchestrator.contracts.partition import partition_of
from orchestrator.ingest.decode import Refused, read_any
from orchestrator.model.event import CustomerEvent

Line = tuple[int, int, str, bytes]
"""(instant in milliseconds, line number, customer's id, the event)."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """`lines` in order of time, at one instant as they stand in the file. `groups` maps every id to one of the ids of the same person, as
    far as the events say who is who. `refused`: (line number, why) of what no workspace would take."""

    lines: Sequence[Line]
    groups: Mapping[str, str]
    refused: Sequence[tuple[int, str]]

    @property
    def start(self) -> int:
        """The first instant; 0 without events."""
        return self.lines[0][0] if self.lines else 0

    @property
    def end(self) -> int:
        """The last instant; 0 without events."""
        return self.lines[-1][0] if self.lines else 0

    def shards(self, number: int) -> list[list[Line]]:
        """The lines dealt out so that everything about one person is in one place."""
        found: list[list[Line]] = [[] for _ in range(number)]
        for line in self.lines:
            found[partition_of(self.groups[line[2]].encode(), number)].append(line)
        return found


def read_recorded(lines: Iterable[tuple[int, bytes]], start: int) -> Recorded:
    """From numbered lines. An event happens, and arrives, at its `timestamp`; one without at the instant of the line before (`start`,
    milliseconds, for the first). Raises nothing for any content."""
    found: list[Line] = []
    refused: list[tuple[int, str]] = []
    same = _Same()
    at = start
    for number, raw in lines:
        read = _read(raw.strip(), at)
        if isinstance(read, str):
            refused.append((number, read))
            continue
        at = read.timestamp
        found.append((at, number, read.customer, raw.strip()))
        same.join(read.customer, read.user_id, read.anonymous_id, read.previous_id)
    found.sort(key=lambda line: (line[0], line[1]))
    return Recorded(found, {one: same.first(one) for one in same.known}, refused)


def _read(raw: bytes, at: int) -> CustomerEvent | str:
    """The event, or a sentence."""
    if len(raw) > MAX_EVENT_BYTES:
        return f"{len(raw)} bytes; an event has at most {MAX_EVENT_BYTES}"
    try:
        # as if it came in at the end of time: what happened after it came in would be taken to happen then
        read = read_any(raw, _LATEST)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"not JSON: {error}"
    if isinstance(read, Refused):
        return read.error
    return msgspec.structs.replace(read, timestamp=at) if read.timestamp == _LATEST else read


_LATEST = 1 << 60
"""After every timestamp that is taken."""


class _Same:
    """Ids that belong to one person."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def first(self, one: str) -> str:
        """The id that stands for all of them."""
        while (next_ := self.known.get(one, one)) != one:
            self.known[one] = self.known.get(next_, next_)
            one = next_
        return one

    def join(self, *ids: str | None) -> None:
        """These are one person; of two groups the smaller id stands for both."""
        roots = sorted({self.first(one) for one in ids if one is not None})
        for root in roots:
            self.known[root] = roots[0]
