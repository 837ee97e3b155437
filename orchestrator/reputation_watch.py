"""Counts what comes of every journey's messages, and pauses one whose reputation suffers. Beside the partitions: a process that is killed
loses what it counted in the last seconds, and nothing is counted twice but where a write's answer was lost."""

import asyncio
import contextlib
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Protocol

from orchestrator.active import ActiveVersion
from orchestrator.engine.batch import Outcome
from orchestrator.errors import ServiceUnavailable
from orchestrator.policies.reputation import LONGEST, Counted, Figures, bucket_of, count, figures_of, judged, to_pause
from orchestrator.runtime.clock import Clock

KEEP_EVERY, JUDGE_EVERY, LAST = 5.0, 60.0, 2.0
"""Seconds; `LAST`: how long a stop waits for what was counted last."""
_log = logging.getLogger(__name__)


class ReputationLedger(Protocol):
    """What all processes have counted."""

    async def add(self, counted: Counted) -> None:
        """Raises ServiceUnavailable."""
        ...

    async def read(self) -> tuple[Counted, Mapping[str, int]]:
        """All of it, and since when a journey goes on after a pause by the guard. Raises ServiceUnavailable."""
        ...

    async def forget(self, before: int) -> None:
        """Buckets that began earlier (milliseconds). Raises ServiceUnavailable."""
        ...

    async def pause(self, journey: str, at: int) -> bool:
        """By the guard; False where it was paused before. Raises ServiceUnavailable."""
        ...


class ReputationWatch:
    """`batch` observes the partitions of this process; `run` keeps and judges."""

    def __init__(self, ledger: ReputationLedger, active: ActiveVersion, clock: Clock, changed: Callable[[], None]) -> None:
        """`changed` is called when a journey was paused."""
        self.ledger, self._active, self._clock, self._changed = ledger, active, clock, changed
        self._open: defaultdict[str, dict[int, Figures]] = defaultdict(dict)
        self._warned: set[tuple[str, str, str]] = set()
        self.near: Counter[tuple[str, str, str]] = Counter()
        """Journey, measure and window to how near its share is to the level, in hundredths; from a half on."""

    def batch(self, outcome: Outcome) -> None:
        """One committed batch."""
        for journey, figures in figures_of(outcome.counts).items():
            count(self._open[journey], bucket_of(self._clock.now()), figures)

    def ratios(self) -> list[tuple[tuple[str, ...], float]]:
        """For the metrics."""
        return [(line, hundredths / 100) for line, hundredths in sorted(self.near.items())]

    async def run(self) -> None:
        """Until cancelled; what was counted last is kept at the end."""
        judge_at = self._clock.monotonic() + JUDGE_EVERY
        try:
            while True:
                await asyncio.sleep(KEEP_EVERY)
                try:
                    await self.keep()
                    if self._clock.monotonic() >= judge_at:
                        judge_at = self._clock.monotonic() + JUDGE_EVERY
                        await self.judge()
                except ServiceUnavailable as error:
                    _log.warning("the reputation of journeys is not looked at: %s", error)
        finally:
            # nothing of this stands in the way of a stop
            with contextlib.suppress(ServiceUnavailable, TimeoutError):
                async with asyncio.timeout(LAST):
                    await self.keep()

    async def keep(self) -> None:
        """Add what was counted to what all have. Where that fails it is tried again: twice counted is the careful error."""
        taken, self._open = self._open, defaultdict(dict)
        if not taken:
            return
        try:
            await self.ledger.add(taken)
        except BaseException:
            for journey, buckets in taken.items():
                for start, figures in buckets.items():
                    count(self._open[journey], start, figures)
            raise

    async def judge(self) -> None:
        """Pause what has reached a level; say what is near one."""
        now = self._clock.now()
        await self.ledger.forget(now - 2 * LONGEST)
        counted, since = await self.ledger.read()
        journeys = self._active.workspace.journeys
        found = judged(counted, since, journeys, now)
        self.near = Counter(
            {
                (name, one.measure, one.window): round(100 * one.share / one.level)
                for name, lines in found.items()
                for one in lines
                if one.level
            }
        )
        over = to_pause(found, journeys)
        for name, lines in found.items():
            if name in over:
                if await self.ledger.pause(name, now):
                    _log.error("%s is paused by the guard: %s. `concierge resume %s` lets it go on", name, lines[0].text, name)
                    self._changed()
                continue
            for one in lines:
                if (name, one.measure, one.window) not in self._warned:
                    _log.warning("%s: %s", name, one.text)
        self._warned = set(self.near)
