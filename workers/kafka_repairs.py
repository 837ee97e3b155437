"""What kafka-python 3.0.12 does wrong, put right from outside. Each piece says when it may go."""

from collections.abc import Callable
from selectors import DefaultSelector, SelectorKey
from typing import Any
from weakref import WeakSet

LOOK_UP_EVERY = 0.25
"""Seconds between questions for a group's coordinator."""


class ClosingSelector(DefaultSelector):
    """A client that closes while it still connects, or has something left to write, drops that socket unclosed. Given to each client as
    its `selector`, this one closes what it has met. tests/unit/workers/test_kafka_repairs.py says when it may go."""

    def __init__(self) -> None:
        super().__init__()
        self._met: WeakSet[Any] = WeakSet()

    def register(self, fileobj: Any, events: int, data: Any = None) -> SelectorKey:
        self._met.add(fileobj)
        return super().register(fileobj, events, data)

    def close(self) -> None:
        super().close()
        for one in self._met:
            one.close()


def forget_drained(consumer: Any) -> None:
    """What had been read of a paused partition is taken up again only when no other is in line, and one that is drained stays in line
    for good: a partition that came in a rebalance while all were paused would stall the others. Wanted before each poll.
    tests/integration/test_paused_partitions.py says when it may go."""
    fetcher = consumer._fetcher  # noqa: SLF001  (there is no public way)
    if not fetcher._next_partition_records:  # noqa: SLF001
        fetcher._next_partition_records = None  # noqa: SLF001


def finish_joins(consumer: Any) -> None:
    """A member that leads its group joins anew when it learns of partitions. A join that outlasts the poll that began it is taken up
    by the next one only if it is still wanted, and by then, the assignment made, this one no longer is: its answer is never looked at.
    The member then goes on without a heartbeat, reads what others own after a session's time, and polls without waiting.
    tests/integration/test_unfinished_joins.py says when it may go."""
    coordinator = consumer._coordinator  # noqa: SLF001  (there is no public way)
    need_rejoin = coordinator.need_rejoin
    coordinator.need_rejoin = lambda: coordinator.rejoining or need_rejoin()


def ask_without_haste(consumer: Any, now: Callable[[], float]) -> None:
    """Until a dead coordinator's successor is chosen (9 s by default) the other brokers still name the dead one, which is asked for again
    at once: hundreds of questions and log lines a second, from every lane of every worker."""
    coordinator, asked_at = consumer._coordinator, -LOOK_UP_EVERY  # noqa: SLF001  (no setting reaches it: retry_backoff_ms is for errors only)
    ask = coordinator._send_group_coordinator_request  # noqa: SLF001

    async def ask_after_a_pause() -> Any:
        nonlocal asked_at
        await consumer._net.sleep(max(asked_at + LOOK_UP_EVERY - now(), 0))  # noqa: SLF001
        asked_at = now()
        return await ask()

    coordinator._send_group_coordinator_request = ask_after_a_pause  # noqa: SLF001
