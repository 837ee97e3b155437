"""What all partitions share, in Redis: how much of a limit is given out, and the places taken in throttles' queues.

Should Redis repeat a call whose reply was lost, places in a queue are lost, never gained."""

from collections.abc import Mapping, Sequence

from orchestrator.model.queue import SlotRequest
from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection

_GRANT = b"""
local all, held, used, sum = redis.call('HGETALL', KEYS[1]), {}, {}, 0
for i = 1, #all, 2 do held[all[i]] = tonumber(all[i + 1]) end
for i = 4, #ARGV, 2 do
  local number = tonumber(ARGV[i + 1])
  used[ARGV[i]] = number
  if number > (held[ARGV[i]] or 0) then
    held[ARGV[i]] = number
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
for _, number in pairs(held) do sum = sum + number end
local mine = held[ARGV[3]] or 0
local missing = (used[ARGV[3]] or 0) + tonumber(ARGV[2]) - mine
local given = math.max(math.min(missing, tonumber(ARGV[1]) - sum), 0)
if given > 0 then redis.call('HSET', KEYS[1], ARGV[3], string.format('%.0f', mine + given)) end
redis.call('PEXPIRE', KEYS[1], 259200000)
return mine + given
"""
"""`model.grants.grant`. KEYS what each partition holds. ARGV most, wanted, partition, then partition and what it has used. Kept for three days."""
_SLOTS = b"""
local kept = redis.call('HMGET', KEYS[2], 'per', 'most', 'own', 'edition')
local was, before = tonumber(kept[1] or '0'), tonumber(kept[2] or '0')
local own, edition, found = tonumber(kept[3] or '0'), tonumber(kept[4] or '0'), {}

local function begin_anew(at)
  local slots, passed = redis.call('LRANGE', KEYS[1], 0, -1), {}
  for i = 1, #slots do
    local slot, back = tonumber(slots[i]), 0
    if slot > at and was > 0 then back = math.ceil((slot - at) / was) end
    if slot <= at or (back > 0 and #slots - i + back * #slots < own) then
      passed[i] = slot - back * was
    else
      passed[i] = at
    end
  end
  table.sort(passed)
  redis.call('DEL', KEYS[1])
  for i = 1, #passed do redis.call('RPUSH', KEYS[1], string.format('%.0f', passed[i])) end
  own = #passed
end

for i = 1, #ARGV, 5 do
  local at, per, most, asked = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 4])
  if asked > edition then
    begin_anew(at)
    edition, was, before = asked, per, most
  end
  local last = math.max(at, tonumber(redis.call('LINDEX', KEYS[1], -1) or '0'))
  local slot, behind = last, redis.call('LINDEX', KEYS[1], -most)
  if behind then slot = math.max(last, tonumber(behind) + per) end
  if ARGV[i + 3] == '1' and slot > last then
    found[#found + 1] = ''
  else
    if per ~= was or most ~= before then was, before, own = per, most, 0 end
    local text = string.format('%.0f', slot)
    redis.call('RPUSH', KEYS[1], text)
    redis.call('LTRIM', KEYS[1], -most, -1)
    own, found[#found + 1] = own + 1, text
  end
end
redis.call('HSET', KEYS[2], 'per', was, 'most', before, 'own', string.format('%.0f', own), 'edition', edition)
return found
"""
"""`model.queue.take_slot`. KEYS list, what else is known. ARGV instant, per, most, whether only now is wanted and edition, for each."""


class RedisShared:
    """Part of the Redis store."""

    connection: RedisConnection

    async def grant(self, name: str, most: int, want: int, partition: int, used: Mapping[int, int]) -> int:
        spent = [value for pair in sorted(used.items()) for value in pair]
        return int(await self.connection.script(_GRANT, [keys.limit(name)], [most, want, partition, *spent], safely=True))

    async def take_slots(self, name: str, wanted: Sequence[SlotRequest]) -> list[int | None]:
        flat = [value for one in wanted for value in (one.at, one.per, one.most, int(one.only_now), one.edition)]
        found = await self.connection.script(_SLOTS, [keys.slots(name), keys.queue(name)], flat, safely=True)
        return [int(one) if one else None for one in found]
