"""The messageIds that a customer's events had lately, and when each was seen."""

from collections.abc import Iterator

from orchestrator.model.sections import Seen

DAY = 86_400_000
MARK, TIME = 8, 4
"""Bytes of an id's hash, and of when in its UTC day it was seen."""
LATEST = b"\xff" * TIME
"""As an earlier program version kept it: some time that day."""


def seen_at(seen: Seen, mark: bytes, since: int) -> Iterator[int]:
    """The instants after `since` at which the id with this hash was seen, in milliseconds."""
    for day, marks in seen.days.items():
        at = marks.find(mark) if (day + 1) * DAY > since else -1
        while at != -1:
            if at % MARK == 0:
                place = at // MARK * TIME
                instant = day * DAY + min(int.from_bytes(_times(seen, day, marks)[place : place + TIME], "big"), DAY - 1)
                if instant > since:
                    yield instant
            at = marks.find(mark, at + 1)


def forget_until(seen: Seen, since: int) -> None:
    """Days that ended before then."""
    for day in [day for day in seen.days if (day + 1) * DAY <= since]:
        del seen.days[day]
        seen.times.pop(day, None)


def add(seen: Seen, mark: bytes, at: int) -> None:
    """An id was seen."""
    day, passed = divmod(at, DAY)
    _join(seen, day, mark, passed.to_bytes(TIME, "big"))


def take_back(seen: Seen, at: int) -> None:
    """The last id of that day was not seen after all."""
    day = at // DAY
    seen.days[day], seen.times[day] = seen.days[day][:-MARK], seen.times[day][:-TIME]


def add_all(seen: Seen, other: Seen) -> None:
    """What another profile remembers as well."""
    for day, marks in other.days.items():
        _join(seen, day, marks, _times(other, day, marks))


def _join(seen: Seen, day: int, marks: bytes, times: bytes) -> None:
    held = seen.days.get(day, b"")
    seen.times[day] = _times(seen, day, held) + times
    seen.days[day] = held + marks


def _times(seen: Seen, day: int, marks: bytes) -> bytes:
    """One for each mark; those that an earlier program version kept come first, and have none."""
    times = seen.times.get(day, b"")
    return LATEST * (len(marks) // MARK - len(times) // TIME) + times
