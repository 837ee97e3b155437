"""One Redis server: a few connections of redis-py to it; commands go out together and their answers come back in order.

redis-py's own clients resend what may have been applied, compute the slot of every key, and pack arguments in Python: here a command
is sent once, packed by hiredis (a third of the CPU), and what its failure means is decided in one place, `redis_connection`.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from hiredis import pack_command
from redis.asyncio import ConnectionPool
from redis.exceptions import ResponseError

MOST = 50
"""Connections to one server."""
Command = tuple[str | bytes | int, ...]


class Node:
    """`timeout` in seconds, for a whole exchange. `host` and `port` replace those of the URL, whose other parts stand."""

    def __init__(self, url: str, timeout: float, host: str | None = None, port: int | None = None) -> None:
        """Raises ValueError for a URL that redis-py does not know."""
        # the timeout is ours: one for the exchange, not one for each write and read
        made = ConnectionPool.from_url(url, protocol=2, socket_timeout=None, socket_connect_timeout=timeout)
        options: dict[str, Any] = dict(made.connection_kwargs)
        if host is not None:
            options |= {"host": host, "port": port}
        self._factory: Any = ConnectionPool(connection_class=made.connection_class, **options)
        self._timeout = timeout
        self._free: list[Any] = []
        self._room = asyncio.Semaphore(MOST)
        self._closed = False
        self.host = str(options.get("host", "localhost"))
        self.port = int(options.get("port", 6379) or 6379)
        self.address = str(options["path"]) if "path" in options else f"{self.host}:{self.port}"

    async def ask(self, commands: Sequence[Command], within: float | None = None) -> list[Any]:
        """The answers, `within` so many seconds; a refusal is among them, as its ResponseError. Raises redis-py's ConnectionError, OSError or TimeoutError
        where it is not known what became of them."""
        packed = [pack_command(cast("tuple[str | int | float | bytes | memoryview[int]]", command)) for command in commands]
        async with self._room:
            connection = self._free.pop() if self._free else self._factory.make_connection()
            try:
                async with asyncio.timeout(within or self._timeout):
                    await connection.send_packed_command(packed)
                    answers = [await _answer(connection) for _ in commands]
            except BaseException:
                # what it still owes would be taken for the next call's answers
                await connection.disconnect(nowait=True)
                raise
            if self._closed:
                await connection.disconnect()
            else:
                self._free.append(connection)
            return answers

    async def drop(self) -> None:
        """Close the connections nobody uses: the server behind them may be gone."""
        free, self._free = self._free, []
        for connection in free:
            await connection.disconnect(nowait=True)

    async def close(self) -> None:
        self._closed = True
        free, self._free = self._free, []
        for connection in free:
            await connection.disconnect()


async def _answer(connection: Any) -> Any:
    try:
        return await connection.read_response(disconnect_on_error=False)
    except ResponseError as refusal:
        return refusal
