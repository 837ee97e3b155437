"""Durable writes in one thread: what waits is committed together, so one sync to disk serves many messages."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass

MOST = 500
"""Writes in one commit."""


@dataclass(frozen=True, slots=True)
class Write:
    """One statement and its rows."""

    sql: str
    rows: Sequence[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class _Job:
    write: Write
    future: "asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop


class GroupCommit:
    """Owns the writing connection. `lock` is held while it is used, for databases whose reader shares the connection."""

    def __init__(self, database: sqlite3.Connection, lock: threading.Lock) -> None:
        self._database = database
        self._lock = lock
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="sandbox-writer", daemon=True)
        self._thread.start()

    async def write(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Committed on return. Raises sqlite3.Error of this write alone, and RuntimeError after `close`."""
        if self._closed:
            raise RuntimeError("the sandbox's store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._jobs.put(_Job(Write(sql, rows), future, loop))
        await future

    def close(self) -> None:
        """After what waits is written."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join(timeout=10)

    def _work(self) -> None:
        last = False
        while not last:
            jobs = [self._jobs.get()]
            while len(jobs) < MOST and not self._jobs.empty():
                jobs.append(self._jobs.get())
            live = [job for job in jobs if job is not None]
            last = len(live) != len(jobs)
            self._commit_together(live)

    def _commit_together(self, jobs: list[_Job]) -> None:
        try:
            self._commit([job.write for job in jobs])
        except (sqlite3.Error, OverflowError, ValueError, TypeError) as error:
            if len(jobs) == 1:
                _tell(jobs[0], error)
                return
            for job in jobs:  # one bad write must not take the others with it
                self._commit_together([job])
            return
        for job in jobs:
            _tell(job, None)

    def _commit(self, writes: list[Write]) -> None:
        with self._lock:
            self._database.execute("BEGIN")
            try:
                for write in writes:
                    self._database.executemany(write.sql, write.rows)
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise


def _tell(job: _Job, error: Exception | None) -> None:
    with contextlib.suppress(RuntimeError):  # its loop has closed: nobody waits
        job.loop.call_soon_threadsafe(_resolve, job.future, error)


def _resolve(future: "asyncio.Future[None]", error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
