"""A token bucket: as many messages a second as the provider takes, in bursts of at most a second's worth."""

from dataclasses import dataclass

WORTHWHILE = 0.05
"""Seconds' worth of messages gathered before a chunk is taken: a chunk costs a durable write, whatever its size."""
LARGEST = 64


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tokens` at the instant `at` (milliseconds)."""

    tokens: float
    at: int


def _filled(bucket: Bucket, rate: float, now: int) -> float:
    return min(bucket.tokens + (now - bucket.at) * rate / 1000, max(rate, 1.0))


def room(bucket: Bucket, rate: float, now: int) -> tuple[int, int]:
    """How many messages may leave now; when it is 0, the milliseconds until it is worth asking again."""
    tokens = _filled(bucket, rate, now)
    wanted = max(1.0, min(rate * WORTHWHILE, LARGEST))
    return (int(tokens), 0) if tokens >= wanted else (0, int((wanted - tokens) / rate * 1000) + 1)


def take(bucket: Bucket, rate: float, number: int, now: int) -> Bucket:
    """Take `number` tokens, into debt if need be."""
    return Bucket(_filled(bucket, rate, now) - number, now)
