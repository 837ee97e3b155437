"""The calls' loop: a bounded number of calls held, each a task of its own; answers published in batches, positions moved behind them.

A call is made at least once. A process that dies, or gives a partition back, leaves its calls to be read again, those behind a call that
still waits for another try among them: receivers know them by their Idempotency-Key.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from orchestrator.contracts.call import CallAnswer
from workers.calls.aside import Aside
from workers.calls.call_broker import CallBroker, CallParcel
from workers.calls.caller import Caller, Progress
from workers.calls.hosts import authority_of

CHUNK = 64
HELD, HELD_OF_HOST = 4_000, 1_000
"""Calls that are made or wait for another try, and of them for one host. When there are so many nothing more is read; what is read beyond
the second is set aside, so that a host that is down does not fill the places of the others."""
ASIDE, PUT_BACK_EVERY = 1_000, 5.0
"""Calls set aside, at most, and the seconds after which those that found no place are put back behind all other calls: without these a topic
full of one host's calls would be read and written without end."""
GATHER = 0.02
"""Seconds answers are gathered for before they are published together."""
GRACE = 5.0
"""Seconds a stop waits for requests that are under way; calls that wait for another try are given up at once."""


@dataclass(slots=True)
class _Held:
    parcel: CallParcel
    host: str
    progress: Progress = field(default_factory=Progress)


class CallLoop:
    """Implements the broker's `Holder`. `failed` is told of what no other try mends; the process is to stop then."""

    def __init__(self, broker: CallBroker, caller: Caller, failed: Callable[[BaseException], None], held: int = HELD) -> None:
        self._broker = broker
        self._caller = caller
        self._failed = failed
        self._most = held
        self._of_host: Counter[str] = Counter()
        self._aside = Aside()
        self._stopping = False
        self._held: dict[asyncio.Task[None], _Held] = {}
        self._done: list[tuple[CallParcel, CallAnswer | None]] = []
        self._publishing: list[tuple[CallParcel, CallAnswer | None]] = []
        self._something_done = asyncio.Event()
        self._freed = asyncio.Event()
        self._flushing = asyncio.Lock()

    def trying(self) -> int:
        """Requests under way."""
        return sum(one.progress.trying for one in self._held.values())

    def waiting(self) -> int:
        """Calls held that wait, for a slot or for another try."""
        return len(self._held) - self.trying()

    def left(self, partitions: Collection[int]) -> None:
        self._give_up(lambda one: one.parcel.partition in partitions and not one.progress.trying)
        self._aside.drop(partitions)

    def is_busy(self, partitions: Collection[int]) -> bool:
        return any(one.progress.trying for one in self._held.values() if one.parcel.partition in partitions) or any(
            parcel.partition in partitions for parcel, _answer in (*self._done, *self._publishing)
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; then requests under way have five seconds. What has no answer by then is read again by whoever comes next."""
        others = [asyncio.create_task(work) for work in (self._finish_batches(), self._put_back_for_ever())]
        try:
            while not stop.is_set():
                if not await self._take_some():
                    await self._broker.wait(1.0)
            self._stopping = True
            self._give_up(lambda one: not one.progress.trying)
            if self._held:
                await asyncio.wait(list(self._held), timeout=GRACE)
        finally:
            self._stopping = True
            self._give_up(lambda _one: True)
            await self._flush()
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    def _give_up(self, which: Callable[[_Held], bool]) -> None:
        for task, one in list(self._held.items()):
            if which(one):
                task.cancel()

    async def _take_some(self) -> bool:
        room = self._most - len(self._held)
        if room <= 0 or len(self._aside) >= ASIDE:
            self._freed.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._freed.wait(), 0.2)
            return True
        parcels = await self._broker.poll(min(room, CHUNK))
        for parcel in parcels:
            host = "" if parcel.call is None else authority_of(parcel.call.url)
            if self._of_host[host] >= min(HELD_OF_HOST, self._most // 4):
                self._aside.add(host, parcel)
            else:
                self._start(host, parcel)
        return bool(parcels)

    def _start(self, host: str, parcel: CallParcel) -> None:
        held = _Held(parcel, host)
        task = asyncio.create_task(self._hold(held))
        self._held[task] = held
        self._of_host[host] += 1
        task.add_done_callback(self._task_ended)

    async def _hold(self, held: _Held) -> None:
        call = held.parcel.call
        answer = None if call is None else await self._caller.call(call, held.progress)
        self._done.append((held.parcel, answer))
        self._something_done.set()

    def _task_ended(self, task: "asyncio.Task[None]") -> None:
        host = self._held.pop(task).host
        self._of_host[host] -= 1
        if not self._of_host[host]:
            del self._of_host[host]
        self._freed.set()
        if not self._stopping and (following := self._aside.take(host)) is not None:
            self._start(host, following)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    async def _put_back_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PUT_BACK_EVERY)
            parcels = self._aside.next_period()
            self._freed.set()
            if not parcels:
                continue
            try:
                await self._broker.put_back(parcels)
            except Exception as error:  # noqa: BLE001  (the process must hear of it and stop)
                self._failed(error)
                return

    async def _finish_batches(self) -> None:
        while True:
            await self._something_done.wait()
            await asyncio.sleep(GATHER)
            try:
                await self._flush()
            except Exception as error:  # noqa: BLE001  (the process must hear of it and stop)
                self._failed(error)
                return

    async def _flush(self) -> None:
        # a stop must not cut off a batch between its answers and its positions
        async with self._flushing:
            self._something_done.clear()
            done, self._done = self._done, []
            self._publishing = done
            try:
                if done:
                    await self._broker.finish([answer for _, answer in done if answer is not None], [parcel for parcel, _ in done])
            finally:
                self._publishing = []
