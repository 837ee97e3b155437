"""A real Redis for tests: one server with a folder of its own, killed, frozen and started again; or six that make a cluster."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil

from tests.integration.running import free_port


def program() -> str | None:
    """REDIS_SERVER, or redis-server on the path."""
    return os.environ.get("REDIS_SERVER") or shutil.which("redis-server")


def version() -> str:
    """As the program says; empty without one."""
    found = program()
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout if found else ""
    return told.partition("v=")[2].partition(" ")[0]


def why_not() -> str | None:
    """Why Redis cannot be started here; None when it can."""
    return None if program() else "redis-server not found: install it, or name one with REDIS_SERVER"


class RedisServer:
    """`address` is host:port. Durable as in production: the log is written through at every command."""

    def __init__(self, folder: Path, *, cluster: bool = False, port: int | None = None) -> None:
        self._folder = folder
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"redis://{self.address}/0"
        self._cluster = cluster
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait: bool = True, log: bool = True) -> None:
        """Returns when it answers. `log`: from its log; else from a snapshot that stands in its folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        found = program()
        assert found is not None
        extra = (
            ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000"] if self._cluster else []
        )
        with (self._folder / "server.log").open("ab") as said:
            self._process = subprocess.Popen(
                [
                    found, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder), "--save", "", "--appendonly", "yes" if log else "no",
                    "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--protected-mode", "no", "--enable-debug-command", "yes", *extra,
                ],
                stdout=said, stderr=said,
            )  # fmt: skip
        until = time.monotonic() + 20
        while wait and time.monotonic() < until:
            if self.call(b"PING") == b"+PONG\r\n":
                return
            time.sleep(0.01)
        if wait:
            raise RuntimeError(f"Redis did not start; see {self._folder / 'server.log'}")

    def call(self, line: bytes) -> bytes:
        """An inline command's raw answer; empty when it does not answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as one:
                one.sendall(line + b"\r\n")
                return one.recv(65_536)
        except OSError:
            return b""

    def cli(self, *words: str) -> str:
        """An answer as redis-cli prints it."""
        return subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, timeout=20, check=False).stdout

    def kill(self) -> None:
        """kill -9, of a child that rewrites the log too: it would go on writing into the folder."""
        children = psutil.Process(self.pid).children() if self._process is not None and self._process.poll() is None else []
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def log_size(self) -> int:
        """Bytes of the append-only file."""
        return self._log().stat().st_size

    def cut_log(self, size: int) -> int:
        """While it is down: only the first so many bytes stay, as after a disk that lied; returns how many are gone."""
        gone = self.log_size() - size
        os.truncate(self._log(), size)
        return gone

    def _log(self) -> Path:
        return max((self._folder / "appendonlydir").glob("*.incr.aof"), key=lambda one: one.stat().st_mtime)

    def wipe(self) -> None:
        """Everything gone, as after an operator's FLUSHALL."""
        assert self.call(b"FLUSHALL").startswith(b"+OK")

    def snapshot(self, path: Path) -> None:
        """All of it as it is now, as a file."""
        subprocess.run(["redis-cli", "-p", str(self.port), "--rdb", str(path)], check=True, capture_output=True, timeout=60)

    def restore(self, path: Path) -> None:
        """Started again from a snapshot, and durable from then on."""
        self.kill()
        shutil.rmtree(self._folder / "appendonlydir")
        shutil.copy(path, self._folder / "dump.rdb")
        self.start(log=False)
        assert self.call(b"CONFIG SET appendonly yes") == b"+OK\r\n"
        until = time.monotonic() + 60
        while "aof_rewrite_in_progress:1" in (found := self.cli("INFO", "persistence")) or "aof_rewrite_scheduled:1" in found:
            assert time.monotonic() < until
            time.sleep(0.05)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
