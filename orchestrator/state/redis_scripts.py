"""The Lua scripts. Every key is declared; nothing is rolled back, so a mark is set first and the cursors are written last."""

TAKE_OVER = b"""
local m = redis.call('HMGET', KEYS[1], 'schema', 'torn', 'store')
if m[2] then return {-3} end
if not m[3] and ARGV[4] == '1' then return {-5} end
if m[1] and tonumber(m[1]) > tonumber(ARGV[1]) then return {-2, m[1]} end
if m[3] and m[3] ~= ARGV[3] then return {-4, m[3]} end
redis.call('HSET', KEYS[1], 'own', ARGV[2], 'schema', ARGV[1], 'store', ARGV[3])
redis.call('HSETNX', KEYS[1], 'ver', 0)
redis.call('HDEL', KEYS[1], 'last')
return {1, redis.call('HGETALL', KEYS[1])}
"""
"""KEYS m. ARGV schema, token, store id, 1 where there must be something. 1: ours; -2 newer schema; -3 torn; -4 another store;
-5 nothing."""

COMMIT = b"""
local m = redis.call('HMGET', KEYS[1], 'own', 'ver', 'torn', 'last')
if m[3] then return {-3} end
if m[1] == ARGV[1] and m[4] == ARGV[3] and tonumber(m[2]) == tonumber(ARGV[2]) + 1 then return {1, tonumber(m[2])} end
if m[1] ~= ARGV[1] or m[2] ~= ARGV[2] then return {0, m[1] or '', m[2] or ''} end
redis.call('HSET', KEYS[1], 'torn', 1)
local i, k = 4, 4
local function n() local v = tonumber(ARGV[i]); i = i + 1; return v end
local function bulk(cmd, key)
  local last = n() + i - 1
  for j = i, last, 4000 do redis.call(cmd, key, unpack(ARGV, j, math.min(j + 3999, last))) end
  i = last + 1
end
bulk('ZREM', KEYS[2]); bulk('ZADD', KEYS[2]); bulk('HSET', KEYS[3])
for _ = 1, n() do redis.call('SET', KEYS[k], ARGV[i]); k = k + 1; i = i + 1 end
for _ = 1, n() do redis.call('UNLINK', KEYS[k]); k = k + 1 end
for _ = 1, n() do
  if redis.call('RPUSH', KEYS[k], ARGV[i]) > 6 then redis.call('LPOP', KEYS[k]) end
  redis.call('EXPIRE', KEYS[k], 34560000); k = k + 1; i = i + 1
end
local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
redis.call('HSET', KEYS[1], 'last', ARGV[3])
bulk('HSET', KEYS[1])
redis.call('HDEL', KEYS[1], 'torn')
return {1, redis.call('HINCRBY', KEYS[1], 'ver', 1), seq}
"""
"""KEYS m t o | set.. | unlink.. | hist..
ARGV token version digest | n zrem.. | n zadd.. | n outbox.. | n set.. | n(unlink) | n hist.. | n cursors..
1: done (now, or by the same bytes before); 0: a conflict; -3: torn."""

CLAIM = b"""
local store = redis.call('HGET', KEYS[1], 'store') or ''
local held = redis.call('MGET', unpack(KEYS, 2))
local ours = ARGV[1] == '' or ARGV[1] == store
local seq = ours and redis.call('HINCRBY', KEYS[1], 'seq', #KEYS) - #KEYS or 0
local found, k = {store}, 1
for j = 3, #ARGV, 3 do
  local guard, claim = held[k] or '', held[k + 1] or ''
  if ours and ARGV[j + 2] ~= '' and guard == ARGV[j] and claim == ARGV[j + 1] then
    local number = string.format('%.0f', seq + k)
    redis.call('SET', KEYS[k + 2], number .. '|' .. ARGV[j + 2], 'EX', ARGV[2])
    found[#found + 1] = number
  else
    found[#found + 1] = {guard, claim}
  end
  k = k + 2
end
return found
"""
"""KEYS m | guard claim .. ARGV store id (empty: whichever), seconds to live | guard and claim as they are believed to be, the new claim
without its number or nothing: only look ..
The id of the store, then for each the number it got, or guard and claim as they are."""

REPLACE = b"""
local held = redis.call('MGET', unpack(KEYS))
local found = {}
for k = 1, #KEYS do
  local claim = held[k] or ''
  if ARGV[2 * k] ~= '' and claim == ARGV[2 * k - 1] then
    redis.call('SET', KEYS[k], ARGV[2 * k], 'KEEPTTL')
    found[k] = 1
  else
    found[k] = claim
  end
end
return found
"""
"""KEYS claim .. ARGV as it is believed to be, new or nothing: only look .. For each 1, or what it is."""

WRITTEN_TO = b"""
local function note(key, at, member, most, life)
  if redis.call('ZADD', key, at, member) == 1 then redis.call('ZREMRANGEBYRANK', key, 0, -1 - tonumber(most)) end
  redis.call('EXPIRE', key, life)
end
local j = 5
for k = 1, #KEYS, 2 do
  note(KEYS[k], ARGV[j], ARGV[j + 1], ARGV[1], ARGV[2])
  note(KEYS[k + 1], ARGV[j], ARGV[j + 2], ARGV[3], ARGV[4])
  j = j + 3
end
return 1
"""
"""KEYS people texts .. ARGV people kept, seconds, texts kept, seconds | instant, customer, text .."""

SUPPRESS = b"""
local rank = {erased = 1, complained = 2, dead = 3}
for k = 1, #KEYS do
  local held = redis.call('GET', KEYS[k])
  if ARGV[k] == 'granted' then
    if held == 'erased' then redis.call('DEL', KEYS[k]) end
  elseif not held or (rank[ARGV[k]] or 0) > (rank[held] or 0) then
    redis.call('SET', KEYS[k], ARGV[k])
  end
end
return 1
"""
"""KEYS sup .. ARGV kind ..: the strictest stands; `granted` takes `erased` away."""
