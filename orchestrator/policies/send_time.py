"""Line 7, its second half: a message whose step says so waits for the hour in which this customer reads most."""

from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from orchestrator.calendar.local_day import next_local_time
from orchestrator.calendar.wall_clock import wall_time
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.policies.best_channel import WINDOW
from orchestrator.policies.question import Question
from orchestrator.policies.verdict import Refusal

ENOUGH = 5
"""Engagements from which on the hours of a customer are known."""
HOUR = 3_600_000
ROUND = 26 * HOUR
"""In so much time every hour of the day comes by at least once, also where clocks change."""


def send_time(question: Question, _channel: Channel) -> Refusal | None:
    """Until the start of the best local hour in `within` of when it came due, the present hour counting as now; with fewer engagements
    until the next `otherwise` after it came due. A message counts once, by when the person last engaged with it."""
    wanted = question.send_time
    if wanted is None or question.transactional:
        return None
    frame, due = question.frame, question.planned.due
    hours = Counter(
        wall_time(one.seen_at, frame.zone).hour
        for one in frame.customer.messages.sent
        if one.seen and frame.now - WINDOW < one.seen_at <= frame.now
    )
    if hours.total() >= ENOUGH:
        at = max(starts(frame.now, due + wanted.within, frame.zone), key=lambda start: (hours[wall_time(start, frame.zone).hour], -start))
    elif wanted.otherwise is not None:
        at = next_local_time(due, wanted.otherwise, None, frame.zone)
    else:
        return None
    if at <= frame.now:
        return None
    return Refusal(
        "send_time", Reason.SEND_TIME, hold=True, until=at, values={"engagements": hours.total(), "hour": wall_time(at, frame.zone).hour}
    )


def starts(now: int, last: int, zone: ZoneInfo) -> Iterator[int]:
    """Of local hours, in milliseconds: the present one as it is now, and those that begin up to and with `last`."""
    yield now
    start = now
    while (start := _next_hour(start, zone)) <= min(last, now + ROUND):
        yield start


def _next_hour(at: int, zone: ZoneInfo) -> int:
    """When the clock next shows another hour, or the same once more from its beginning."""
    start = at + HOUR - _past_the_hour(at, zone)
    over = _past_the_hour(start, zone)  # where clocks change by half an hour
    return start if not over or wall_time(start, zone).hour != wall_time(at, zone).hour else start + HOUR - over


def _past_the_hour(at: int, zone: ZoneInfo) -> int:
    local = wall_time(at, zone)
    return local.minute * 60_000 + local.second * 1000 + local.microsecond // 1000
