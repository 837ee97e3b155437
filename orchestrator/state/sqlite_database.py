"""One SQLite database with one writer thread. Writes that wait together are committed together, each undone alone if it fails."""

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from orchestrator.errors import ConfigurationError, ServiceUnavailable

T = TypeVar("T")
Job = tuple[Callable[[sqlite3.Connection], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]
Answer = tuple[Job, Any, BaseException | None]
GROUP = 500
"""Writes committed together at most."""
LATE, PAUSE = 0.005, 0.0002
"""Seconds: how often a loop looks whether the writer gets on, and how long it stands still for a writer that does not."""
ROWS = 400
"""Rows per statement: below SQLite's bound on parameters."""
_PRAGMAS = (
    "PRAGMA page_size=8192", "PRAGMA auto_vacuum=INCREMENTAL", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-16384", "PRAGMA journal_size_limit=67108864", "PRAGMA wal_autocheckpoint=4000", "PRAGMA temp_store=MEMORY",
)  # fmt: skip


class Locked(ConfigurationError):  # noqa: N818  (the state of a folder)
    """Another process has the data folder open for writing."""


def _lock(folder: Path) -> int:
    """An advisory lock that dies with the process. Raises Locked with the owner's pid."""
    import fcntl

    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        raise Locked(f"{folder} is in use by process {owner}: stop it, or talk to it over HTTP") from None
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle


class SqliteDatabase:
    """`folder` None keeps everything in memory. Reads run at once on a connection of their own; writes await their commit."""

    def __init__(self, folder: Path | None, name: str = "concierge.db", *, read_only: bool = False) -> None:
        """Raises Locked, ConfigurationError (the file is no database)."""
        self._lock: int | None = None
        self._read_only = read_only
        if folder is not None and not read_only:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(folder)
        self._uri = "file::memory:" if folder is None else (folder / name).absolute().as_uri() + ("?mode=ro" if read_only else "")
        try:
            self._writer = self._connect()
            self._reader = self._writer if read_only or folder is None else self._connect()
        except sqlite3.DatabaseError as error:
            self._unlock()
            raise ConfigurationError(f"{folder}: cannot open the store: {error}") from error
        # in memory there is one connection: a reader waits for the transaction in progress
        self._turn = threading.RLock() if folder is None else contextlib.nullcontext()
        self._open = not read_only
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._queued = self._answered = 0
        self._counting = threading.Lock()
        self._giving_way: set[asyncio.AbstractEventLoop] = set()
        self._after: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._work, name="sqlite-writer", daemon=True)
        if not read_only:
            self._thread.start()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False, isolation_level=None, timeout=30)
        if not self._read_only:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        return connection

    def setup(self, script: str) -> None:
        """Run a script of CREATE … IF NOT EXISTS before the first write; nothing on a database that is only read."""
        if not self._read_only:
            self._writer.executescript(script)

    def on_commit(self, call: Callable[[], None]) -> None:
        """Call this in the writer thread after each commit."""
        self._after.append(call)

    def read(self, sql: str, parameters: tuple[object, ...] | list[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of what is committed, at once."""
        return self.look(lambda connection: connection.execute(sql, parameters).fetchall())

    def look(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """As `read`, for more than one statement."""
        with self._turn:
            return question(self._reader)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in the writer thread inside a transaction; durable when this returns. What it raises undoes it alone.

        A caller that is cancelled meanwhile does not undo it. Raises ServiceUnavailable when the database is closed or only read.
        """
        return await asyncio.shield(self._queue(work))

    def submit(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """As `write`, without waiting for it."""
        self._queue(work)

    def _queue(self, work: Callable[[sqlite3.Connection], T]) -> "asyncio.Future[T]":
        if not self._open:
            raise ServiceUnavailable("the data folder is only read here, or already closed: nothing can be written")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._counting:
            self._queued += 1
        self._jobs.put((work, future, loop))
        if loop not in self._giving_way:
            self._giving_way.add(loop)
            loop.call_later(LATE, self._give_way, loop, self._answered)
        return future

    def _give_way(self, loop: asyncio.AbstractEventLoop, before: int) -> None:
        """Stand still for a moment in the loop's thread when no write was finished since the last look.

        A loop that is busy with short callbacks takes the interpreter's lock back faster than a waiting thread wakes up:
        without this a commit beside such a loop can wait for tens of seconds.
        """
        if self._answered >= self._queued:
            self._giving_way.discard(loop)
            return
        if self._answered == before:
            time.sleep(PAUSE)
        loop.call_later(LATE, self._give_way, loop, self._answered)

    def _work(self) -> None:
        while True:
            jobs = [self._jobs.get()]
            while len(jobs) < GROUP:
                try:
                    jobs.append(self._jobs.get_nowait())
                except queue.Empty:
                    break
            live = [job for job in jobs if job is not None]
            if live:
                with self._turn:
                    answers = self._commit(live)
                self._report(answers)
            if len(live) != len(jobs):
                return

    def _commit(self, jobs: list[Job]) -> list[Answer]:
        answers: list[Answer] = []
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for job in jobs:
                answers.append(self._one(job))  # noqa: PERF401  (what was answered before a failure must be there)
            self._writer.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001  (every waiting caller must hear of it)
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")
            answers = [(job, None, error) for job in jobs]
        return answers

    def _report(self, answers: list[Answer]) -> None:
        for call in self._after:
            call()
        self._answered += len(answers)
        for (_work, future, loop), value, failure in answers:
            with contextlib.suppress(RuntimeError):  # the caller's loop is closed
                loop.call_soon_threadsafe(_resolve, future, value, failure)

    def _one(self, job: Job) -> Answer:
        self._writer.execute("SAVEPOINT one")
        try:
            value = job[0](self._writer)
        except Exception as error:  # noqa: BLE001  (handed to the caller)
            self._writer.execute("ROLLBACK TO one")
            self._writer.execute("RELEASE one")
            return job, None, error
        self._writer.execute("RELEASE one")
        return job, value, None

    def close(self) -> None:
        """Finish what is waiting, then close. Idempotent."""
        self._open = False
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join(timeout=30)
        with contextlib.suppress(sqlite3.Error):
            self._reader.close()
            self._writer.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _resolve(future: "asyncio.Future[Any]", value: object, failure: BaseException | None) -> None:
    if future.done():
        return
    if failure is not None:
        future.set_exception(failure)
    else:
        future.set_result(value)


def in_rows(width: int, rows: int) -> str:
    """`(?,?),(?,?)`: one statement for many rows, since each statement gives up the interpreter's lock."""
    return ",".join(["(" + ",".join("?" * width) + ")"] * rows)
