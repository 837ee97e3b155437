"""Clocks. The only file that reads one; everywhere else an instant is an argument, in milliseconds since 1970, UTC."""

import time
from typing import Protocol


class Clock(Protocol):
    """`now` in milliseconds since 1970, UTC."""

    def now(self) -> int: ...

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring how long something took."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000  # noqa: TID251  (this is the clock)

    def monotonic(self) -> float:
        return time.perf_counter()


class SettableClock:
    """A clock that stands until it is moved: tests, the simulator, journey tests."""

    def __init__(self, now: int = 0) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def monotonic(self) -> float:
        return self._now / 1000

    def set(self, now: int) -> None:
        """Raises ValueError when `now` is before the present instant."""
        if now < self._now:
            raise ValueError(f"the clock stands at {self._now} and cannot go back to {now}")
        self._now = now

    def advance(self, milliseconds: int) -> None:
        self.set(self._now + milliseconds)
