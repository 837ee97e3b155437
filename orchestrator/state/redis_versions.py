"""Applied versions of the workspace in Redis: the last one is in force, for every process of the deployment."""

import zlib
from collections.abc import Mapping

import msgspec

from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection

HASH = 64
"""Characters of a version's SHA-256, which stand before its files."""


class RedisVersions:
    """As the embedded store's versions."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    async def in_force(self) -> str | None:
        """The hash of the version in force; cheap."""
        found = await self._connection.command("GETRANGE", keys.VERSION, 0, HASH - 1)
        return found.decode() or None

    async def read_last(self) -> tuple[str, dict[str, bytes]] | None:
        """(hash, files) of the version in force; None before the first."""
        found = await self._connection.command("GET", keys.VERSION)
        if not found:
            return None
        _at, files = msgspec.msgpack.decode(zlib.decompress(found[HASH:]), type=tuple[int, dict[str, bytes]])
        return found[:HASH].decode(), files

    async def apply(self, version: str, files: Mapping[str, bytes], at: int) -> None:
        """Put a version in force. `at` in milliseconds."""
        await self._connection.command("SET", keys.VERSION, version.encode() + zlib.compress(msgspec.msgpack.encode((at, dict(files)))))
