"""When to try again: exponential backoff with full jitter, and how often at most."""

from collections.abc import Callable

from orchestrator.contracts.topics import MessageClass

MAX_ATTEMPTS: dict[MessageClass, int] = {"transactional": 12, "service": 8, "marketing": 6}
FIRST, LONGEST = 2_000, 3_600_000
"""Milliseconds."""


def wait_before(attempt: int, retry_after: int | None, random: Callable[[], float]) -> int:
    """Milliseconds until the next try after `attempt`, whether or not there is one. `random` gives a number in [0, 1)."""
    ceiling = min(FIRST * 2 ** min(attempt - 1, 32), LONGEST)
    return max(int(ceiling / 2 + random() * ceiling / 2), retry_after or 0)


def next_try(attempt: int, message_class: MessageClass, retry_after: int | None, random: Callable[[], float]) -> int | None:
    """The same, None when `attempt` was the last."""
    if attempt >= MAX_ATTEMPTS[message_class]:
        return None
    return wait_before(attempt, retry_after, random)
