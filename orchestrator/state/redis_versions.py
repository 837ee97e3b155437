"""Applied versions of the workspace in Redis: the last one is in force, for every process of the deployment."""

import zlib
from collections.abc import Mapping

import msgspec

from orchestrator.errors import StoreRefused
from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.workspace.pauses import Cause, Pauses

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

    async def pauses(self) -> Pauses:
        """Journeys that are paused by command or by the reputation guard. Raises ServiceUnavailable."""
        commanded, guarded = await self._connection.commands([("HKEYS", keys.PAUSES), ("HKEYS", keys.GUARD)])
        found: dict[str, Cause] = {name[2:].decode(): "guard" for name in guarded if name.startswith(b"p:")}
        return found | {name.decode(): "command" for name in commanded}

    async def set_pause(self, journey: str, at: int, *, paused: bool) -> bool:
        """Pause a journey or end its pause, whoever paused it; returns when it is on the replicas that were asked for. `at` in milliseconds. False where
        that was so before. Raises ServiceUnavailable."""
        by = (await self.pauses()).get(journey)
        was = by is not None if not paused else by == "command"
        await self._connection.script(_PAUSE, [keys.PAUSES], [journey, at if paused else ""], safely=True)
        if not paused:
            await self._connection.script(_GO_ON, [keys.GUARD], [journey, at], safely=True)
        return was is not paused

    async def pause_by_guard(self, journey: str, at: int) -> bool:
        """As `set_pause`, by the reputation guard. Raises ServiceUnavailable."""
        return bool(await self._connection.script(_GUARD, [keys.GUARD], [journey, at], safely=True))

    async def gone_on(self) -> dict[str, int]:
        """Journeys that went on after a pause by the guard, and since when (milliseconds). Raises ServiceUnavailable."""
        found = await self._connection.command("HGETALL", keys.GUARD)
        pairs = found.items() if isinstance(found, dict) else zip(found[::2], found[1::2], strict=True)
        return {name[2:].decode(): int(at) for name, at in pairs if name.startswith(b"s:")}


_PAUSE = b"""
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) end
return 1
"""
_GUARD = b"return redis.call('HSETNX', KEYS[1], 'p:' .. ARGV[1], ARGV[2])"
_GO_ON = b"""
if redis.call('HDEL', KEYS[1], 'p:' .. ARGV[1]) == 1 then redis.call('HSET', KEYS[1], 's:' .. ARGV[1], ARGV[2]) end
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
