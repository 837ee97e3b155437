"""When to try again: exponential backoff with full jitter, and how often at most."""

from collections.abc import Callable

from orchestrator.contracts.topics import MessageClass

MAX_ATTEMPTS: dict[MessageClass, int] = {"transactional": 12, "service": 8, "marketing": 6}
FIRST, LONGEST = 2_000, 3_600_000
"""Milliseconds."""


def next_try(attempt: int, message_class: MessageClass, retry_after: int | None, random: Callable[[], float]) -> int | None:
    """Milliseconds until the next try after `attempt`, None when that was the last. `random` gives a number in [0, 1)."""
    if attempt >= MAX_ATTEMPTS[message_class]:
        return None
    ceiling = min(FIRST * 2 ** (attempt - 1), LONGEST)
    wait = int(ceiling / 2 + random() * ceiling / 2)
    return max(wait, retry_after or 0)
