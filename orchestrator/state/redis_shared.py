"""What all partitions share, in Redis: how much of a limit is given out, and the places taken in throttles' queues.

Should Redis repeat a call whose reply was lost, places in a queue are lost, never gained."""

from collections.abc import Mapping, Sequence

from orchestrator.model.queue import EACH, EARLIER, GRACE, Slot, SlotRequest
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
_SLOTS = f"""
local kept = redis.call('HMGET', KEYS[2], 'per', 'most', 'own', 'issued', 'edition', 'first', 'number', 'begin_per', 'begin_most')
for i = 1, 9 do kept[i] = tonumber(kept[i] or '0') end
local was, before, own, issued, edition, first, number, begin_per, begin_most = unpack(kept)
local found = {{}}

local function earlier()
  local packed = redis.call('HGET', KEYS[2], 'earlier')
  return packed and cmsgpack.unpack(packed) or {{}}
end

local function text(value) return string.format('%.0f', value) end

local function following(slots, at, per, most)
  local last = math.max(at, slots[#slots] or at)
  local behind = slots[#slots - most + 1]
  return behind and math.max(last, behind + per) or last
end

local function begin_anew(at, per, most)
  local stretches, slots, waiting = earlier(), {{}}, 0
  stretches[#stretches + 1] = {{was, own, redis.call('LRANGE', KEYS[1], 0, -1)}}
  for n, stretch in ipairs(stretches) do
    local many = #stretch[3]
    for i = many, 1, -1 do
      local slot, ahead = tonumber(stretch[3][i]), many - i
      if ahead >= stretch[2] then
        if n == 1 then slots[#slots + 1] = math.min(slot, at) end
      else
        local back, known = math.ceil(math.max(slot - at, 0) / stretch[1]), math.ceil((stretch[2] - ahead) / many)
        waiting = waiting + math.min(back, known)
        if back < known then slots[#slots + 1] = slot - back * stretch[1] end
      end
    end
  end
  table.sort(slots)
  local start, many = at + {GRACE} + {EACH} * waiting, #slots
  redis.call('HDEL', KEYS[2], 'earlier')
  redis.call('DEL', KEYS[3])
  local begin = {{}}
  for i = 1, math.min(waiting, most) do
    begin[i] = following(slots, start, per, most)
    slots[#slots + 1] = begin[i]
    redis.call('RPUSH', KEYS[3], text(begin[i]))
  end
  for rank = math.max(most, waiting - most), waiting - 1 do
    slots[#slots + 1] = begin[rank % most + 1] + math.floor(rank / most) * per
  end
  redis.call('DEL', KEYS[1])
  for i = math.max(#slots - most, 0) + 1, #slots do redis.call('RPUSH', KEYS[1], text(slots[i])) end
  was, before, own, first, number, begin_per, begin_most = per, most, many + waiting, issued - waiting, waiting, per, most
end

for i = 1, #ARGV, 7 do
  local at, per, most = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local asked, place = tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5])
  if asked > edition then
    begin_anew(at, per, most)
    edition = asked
  end
  local rank = place - first - 1
  if place > 0 and (asked ~= edition or rank >= number) then
    found[#found + 1] = ARGV[i + 6] .. ' ' .. ARGV[i + 5]
  elseif place > 0 and rank >= 0 then
    local slot = tonumber(redis.call('LINDEX', KEYS[3], rank % begin_most)) + math.floor(rank / begin_most) * begin_per
    found[#found + 1] = text(slot) .. ' ' .. ARGV[i + 5]
  else
    local last = math.max(at, tonumber(redis.call('LINDEX', KEYS[1], -1) or '0'))
    local slot, behind = last, redis.call('LINDEX', KEYS[1], -most)
    if behind then slot = math.max(last, tonumber(behind) + per) end
    if ARGV[i + 3] == '1' and slot > last then
      found[#found + 1] = ''
    else
      if per ~= was or most ~= before then
        if own > 0 and tonumber(redis.call('LINDEX', KEYS[1], -1)) > at then
          local stretches, slots = earlier(), redis.call('LRANGE', KEYS[1], 0, -1)
          for n = 1, #slots do slots[n] = tonumber(slots[n]) end
          stretches[#stretches + 1] = {{was, own, slots}}
          if #stretches > {EARLIER} then table.remove(stretches, 1) end
          redis.call('HSET', KEYS[2], 'earlier', cmsgpack.pack(stretches))
        end
        was, before, own = per, most, 0
      end
      redis.call('RPUSH', KEYS[1], text(slot))
      redis.call('LTRIM', KEYS[1], -most, -1)
      own, issued = own + 1, issued + 1
      found[#found + 1] = text(slot) .. ' ' .. text(issued)
    end
  end
end
redis.call('HSET', KEYS[2], 'per', text(was), 'most', text(before), 'own', text(own), 'issued', text(issued), 'edition', text(edition),
  'first', text(first), 'number', text(number), 'begin_per', text(begin_per), 'begin_most', text(begin_most))
return found
""".encode()
"""`model.queue.take_slot`. KEYS slots, what else is known, the first places that were given anew. ARGV instant, per, most, whether only now is
wanted, edition, place and its instant, for each."""


class RedisShared:
    """Part of the Redis store."""

    connection: RedisConnection

    async def grant(self, name: str, most: int, want: int, partition: int, used: Mapping[int, int]) -> int:
        spent = [value for pair in sorted(used.items()) for value in pair]
        return int(await self.connection.script(_GRANT, [keys.limit(name)], [most, want, partition, *spent], safely=True))

    async def take_slots(self, name: str, wanted: Sequence[SlotRequest]) -> list[Slot | None]:
        flat = [value for one in wanted for value in (one.at, one.per, one.most, int(one.only_now), one.edition, one.place, one.since)]
        found = await self.connection.script(_SLOTS, [keys.slots(name), keys.queue(name), keys.places_anew(name)], flat, safely=True)
        return [Slot(*map(int, one.split())) if one else None for one in found]
