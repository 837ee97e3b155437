"""Calls read for a host that holds as many places as it may: started as its places come free, or put back in the log where they do not."""

from collections import deque
from collections.abc import Callable, Collection

from workers.calls.call_broker import CallParcel


class Aside:
    """First come, first served, for each host."""

    def __init__(self) -> None:
        self._hosts: dict[str, deque[tuple[int, CallParcel]]] = {}
        self._period = 0
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, host: str, parcel: CallParcel) -> None:
        self._hosts.setdefault(host, deque()).append((self._period, parcel))
        self._size += 1

    def take(self, host: str) -> CallParcel | None:
        """The host's next one, if there is any."""
        waiting = self._hosts.get(host)
        if not waiting:
            return None
        _period, parcel = waiting.popleft()
        self._keep(host, waiting)
        self._size -= 1
        return parcel

    def next_period(self) -> list[CallParcel]:
        """A period is over: those that have waited for a whole one, taken out."""
        self._period += 1
        return self._take_out(lambda period, _parcel: period < self._period - 1)

    def drop(self, partitions: Collection[int]) -> None:
        """These partitions are somebody else's now."""
        self._take_out(lambda _period, parcel: parcel.partition in partitions)

    def _take_out(self, which: Callable[[int, CallParcel], bool]) -> list[CallParcel]:
        taken: list[CallParcel] = []
        for host, waiting in list(self._hosts.items()):
            taken += [parcel for period, parcel in waiting if which(period, parcel)]
            self._keep(host, deque(one for one in waiting if not which(*one)))
        self._size -= len(taken)
        return taken

    def _keep(self, host: str, waiting: deque[tuple[int, CallParcel]]) -> None:
        if waiting:
            self._hosts[host] = waiting
        else:
            del self._hosts[host]
