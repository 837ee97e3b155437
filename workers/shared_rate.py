"""A provider's rate shared by all workers of a deployment: a few messages at a time are leased from the store's bucket.

A lease is small, so that what an idle worker holds is no burst worth speaking of: a tenth of a second's worth.
"""

from typing import Protocol

SMALLEST, LARGEST = 1, 512
SHARE = 0.1
"""Seconds of the rate that one lease holds."""


class Rates(Protocol):
    """Buckets by name, in the store."""

    async def take(self, bucket: str, rate: float, wanted: int, least: int = 1) -> tuple[int, int]:
        """(messages that may leave now, 0), or (0, milliseconds until it is worth asking again)."""
        ...


class SharedRate:
    """Of one provider. `bucket` is its name in the store."""

    def __init__(self, rates: Rates, bucket: str, rate: float) -> None:
        self._rates = rates
        self._bucket = bucket
        self._rate = rate
        self._size = min(max(int(rate * SHARE), SMALLEST), LARGEST)
        self._ask_at = 0
        self.leased = 0
        """Messages that may leave now."""

    async def refill(self, now: int) -> None:
        """Lease some, when there are none and it is worth asking. `now` in milliseconds."""
        if self.leased <= 0 and now >= self._ask_at:
            given, wait = await self._rates.take(self._bucket, self._rate, self._size)
            self.leased, self._ask_at = self.leased + given, now + wait

    def room(self, now: int) -> tuple[int, int]:
        """How many may leave now; when it is 0, the milliseconds until it is worth asking again."""
        return max(self.leased, 0), max(self._ask_at - now, 1)

    def reserve(self, number: int) -> None:
        """So many leave."""
        self.leased -= number
