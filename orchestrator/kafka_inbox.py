"""What has been fetched of one partition and not yet applied: two topics, merged by arrival, cut at an instant that is complete.

Pure: no client, no clock. An instant is complete when no record stamped so early can still come.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from orchestrator.engine.inputs import InputRecord
from orchestrator.partition_loop import Reading

MARGIN = 3
"""Milliseconds: what the broker stamped so long ago has been fetched, where a fetch is always waiting at the broker."""
SILENCE = 300
"""Milliseconds after the last answer of the broker from which on nothing is complete: an outage must not let timers overtake records."""
LEAD = 2_000
"""Milliseconds by which the broker's stamps may be ahead of our clock. Beyond them our clock was set back, or theirs was set forward,
and nobody should wait for as long as the two differ."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Of one topic: has everything up to the high watermark been fetched, and when the broker answered last (milliseconds).

    `known_at` is for a partition with several copies, where a record is stamped before it is shown: the latest instant at which
    the leader was asked for the end of its log, up to which everything has been fetched. None where there is one copy."""

    caught_up: bool
    polled_at: int
    known_at: int | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """A store that came back behind is brought to where it was: records that are not `is_fresh`, and all time up to `until`, of which
    everything up to `through` is done."""

    is_fresh: Callable[[InputRecord], bool]
    through: int
    until: int


class Inbox:
    """The fetched records of the partition's topics, each in the order of its log."""

    def __init__(self, topics: Sequence[str]) -> None:
        self._waiting: dict[str, deque[InputRecord]] = {topic: deque() for topic in topics}
        self._last_at = dict.fromkeys(topics, 0)
        self._complete = 0

    def put(self, record: InputRecord) -> InputRecord:
        """Behind the others of its topic. Where the broker's clock stepped back, the arrival does not."""
        at = max(record.at, self._last_at[record.topic])
        self._last_at[record.topic] = at
        if at != record.at:
            record = InputRecord(record.topic, record.partition, record.offset, at, record.key, record.value, record.headers)
        self._waiting[record.topic].append(record)
        return record

    def size(self, topic: str) -> int:
        """Records that wait."""
        return len(self._waiting[topic])

    def complete_through(self, progress: dict[str, Progress], now: int) -> int:
        """The instant up to which both topics are complete; it never goes back."""
        instants = []
        for topic, one in progress.items():
            if one.known_at is not None:
                behind = self._waiting[topic][-1].at - 1 if self._waiting[topic] else self._complete
                instants.append(max(min(now, one.known_at) - MARGIN, behind))
            elif one.caught_up:
                instants.append(min(now - MARGIN, one.polled_at + SILENCE))
            elif self._waiting[topic]:
                instants.append(self._waiting[topic][-1].at - 1)
            else:
                instants.append(self._complete)
        ahead = max((records[-1].at for records in self._waiting.values() if records), default=0)
        if ahead > now + LEAD and all(one.caught_up for one in progress.values()):
            instants = [ahead]
        self._complete = max(self._complete, min(instants))
        return self._complete

    def take(self, progress: dict[str, Progress], now: int, limit: int, replay: Replay | None = None) -> Reading:
        """Up to `limit` records in the order of their arrival (events before receipts), and the instant that is complete with them.

        An instant is split only where it alone is longer than `limit`. During a replay nothing that is new comes together with what is
        replayed, unless in one instant.
        """
        horizon = self.complete_through(progress, now)
        merged = heapq.merge(*self._waiting.values(), key=lambda record: record.at)
        found = list(islice(takewhile(lambda record: record.at <= horizon, merged), limit + 1))
        if len(found) > limit:
            behind = found.pop().at
            if found[0].at < behind:
                found, horizon = [record for record in found if record.at < behind], behind - 1
            else:
                horizon = behind
        if replay is not None:
            found, horizon = _apart(found, horizon, replay)
        for record in found:
            self._waiting[record.topic].popleft()
        return Reading(found, horizon)


def _apart(found: list[InputRecord], horizon: int, replay: Replay) -> tuple[list[InputRecord], int]:
    """Of records in order, and the instant that is complete with them, what is replayed; if nothing is, what is new."""
    fresh_at = next((record.at for record in found if replay.is_fresh(record)), None)
    if fresh_at is not None:
        old = [record for record in found if record.at < fresh_at]
        if not old and replay.through >= min(replay.until, fresh_at - 1):
            return found, horizon
        found, horizon = old, fresh_at - 1
    return found, min(horizon, max(replay.until, found[-1].at if found else 0))
