"""What all partitions share, in Redis: how much of a limit is given out, and the places taken in throttles' queues.

Should Redis repeat a call whose reply was lost, places are lost, never gained."""

from collections.abc import Sequence

from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection

_GRANT = b"""
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
local given = math.max(math.min(tonumber(ARGV[2]), tonumber(ARGV[1]) - held), 0)
if given > 0 then redis.call('SET', KEYS[1], string.format('%.0f', held + given), 'PX', 259200000) end
return given
"""
"""KEYS counter. ARGV most, wanted. Kept for three days."""
_SLOTS = b"""
local per, most, found = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for i = 3, #ARGV, 2 do
  local last = math.max(tonumber(ARGV[i]), tonumber(redis.call('LINDEX', KEYS[1], -1) or '0'))
  local slot, before = last, redis.call('LINDEX', KEYS[1], -most)
  if before then slot = math.max(last, tonumber(before) + per) end
  if ARGV[i + 1] == '1' and slot > last then
    found[#found + 1] = ''
  else
    local text = string.format('%.0f', slot)
    redis.call('RPUSH', KEYS[1], text)
    redis.call('LTRIM', KEYS[1], -most, -1)
    found[#found + 1] = text
  end
end
return found
"""
"""KEYS list. ARGV per, most, then instant and whether only now is wanted, for each."""


class RedisShared:
    """Part of the Redis store."""

    connection: RedisConnection

    async def grant(self, name: str, most: int, want: int) -> int:
        return int(await self.connection.script(_GRANT, [keys.limit(name)], [most, want], safely=True))

    async def take_slots(self, name: str, per: int, most: int, wanted: Sequence[tuple[int, bool]]) -> list[int | None]:
        flat = [value for at, only_now in wanted for value in (at, int(only_now))]
        found = await self.connection.script(_SLOTS, [keys.slots(name)], [per, most, *flat], safely=True)
        return [int(one) if one else None for one in found]
