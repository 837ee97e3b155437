"""Applied versions of the workspace in Redis: the last one is in force, for every process of the deployment."""

import zlib
from collections.abc import Mapping

import msgspec

from orchestrator.errors import StoreRefused
from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection

HASH = 64
"""Characters of a version's SHA-256, which stand before its files."""
_Stored = tuple[int, dict[str, bytes]]


class RedisVersions:
    """As the embedded store's versions."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    async def in_force(self) -> str | None:
        """The hash of the version in force; 64 bytes are read, so that a role may ask every other second. Raises ServiceUnavailable."""
        found = await self._connection.command("GETRANGE", keys.VERSION, 0, HASH - 1)
        return found.decode() or None

    async def read_last(self) -> tuple[str, dict[str, bytes]] | None:
        """(hash, files) of the version in force; None before the first. Raises ServiceUnavailable; StoreRefused for what is damaged."""
        found = await self._connection.command("GET", keys.VERSION)
        if not found:
            return None
        try:
            _at, files = msgspec.msgpack.decode(zlib.decompress(found[HASH:]), type=_Stored)
            return found[:HASH].decode(), files
        except (zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreRefused(
                f"the applied workspace in {keys.VERSION.decode()} is damaged ({error}): run `concierge apply` again"
            ) from error

    async def apply(self, version: str, files: Mapping[str, bytes], at: int, after: str | None = None) -> bool:
        """Put a version in force; returns when it is on the replicas that were asked for. `at` in milliseconds. With `after` (a version, or
        empty for none) only if that one is in force still, else False. Raises ValueError for what is no SHA-256, ServiceUnavailable."""
        if len(version.encode()) != HASH:
            raise ValueError(f"{version!r} is not the SHA-256 of a version")
        value = version.encode() + zlib.compress(msgspec.msgpack.encode((at, dict(files))))
        arguments = [value] if after is None else [value, after.encode()]
        return bool(await self._connection.script(_SET, [keys.VERSION], arguments, safely=True))

    async def pauses(self) -> frozenset[str]:
        """Journeys that are paused by command. Raises ServiceUnavailable."""
        return frozenset(name.decode() for name in await self._connection.command("HKEYS", keys.PAUSES))

    async def set_pause(self, journey: str, at: int, *, paused: bool) -> bool:
        """Pause a journey or end its pause; returns when it is on the replicas that were asked for. `at` in milliseconds. False where
        that was so before. Raises ServiceUnavailable."""
        was = journey in await self.pauses()
        await self._connection.script(_PAUSE, [keys.PAUSES], [journey, at if paused else ""], safely=True)
        return was is not paused


_PAUSE = b"""
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) end
return 1
"""
_SET = f"""
if ARGV[2] then
  local held = redis.call('GETRANGE', KEYS[1], 0, {HASH - 1})
  if held ~= ARGV[2] and held ~= string.sub(ARGV[1], 1, {HASH}) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
""".encode()
"""A lost answer may make it run twice: the second time it finds its own version in force."""
