"""A token bucket: as many messages a second as the provider takes, in bursts of at most a second's worth."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tokens` at the instant `at` (milliseconds)."""

    tokens: float
    at: int


def take(bucket: Bucket, rate: float, number: int, now: int) -> tuple[Bucket, int]:
    """Take `number` tokens, into debt if need be; returns the bucket and the milliseconds to wait before sending."""
    tokens = min(bucket.tokens + (now - bucket.at) * rate / 1000, max(rate, 1.0)) - number
    return Bucket(tokens, now), 0 if tokens >= 0 else int(-tokens / rate * 1000) + 1
