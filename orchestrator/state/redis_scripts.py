"""The Lua scripts. Every key is declared; nothing is rolled back, so a mark is set first and the cursors are written last."""

TAKE_OVER = b"""
local m = redis.call('HMGET', KEYS[1], 'schema', 'torn', 'store')
if m[2] then return {-3} end
if m[1] and tonumber(m[1]) > tonumber(ARGV[1]) then return {-2, m[1]} end
if m[3] and m[3] ~= ARGV[3] then return {-4, m[3]} end
redis.call('HSET', KEYS[1], 'own', ARGV[2], 'schema', ARGV[1], 'store', ARGV[3])
redis.call('HSETNX', KEYS[1], 'ver', 0)
redis.call('HDEL', KEYS[1], 'last')
return {1, redis.call('HGETALL', KEYS[1])}
"""
"""KEYS m. ARGV schema, token, store id. 1: ours; -2 newer schema; -3 torn; -4 another store."""

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
if redis.call('HGET', KEYS[1], 'store') ~= ARGV[1] and ARGV[1] ~= '' then return {-1} end
local found, k = {}, 2
for j = 3, #ARGV, 3 do
  local guard, claim = redis.call('GET', KEYS[k]) or '', redis.call('GET', KEYS[k + 1]) or ''
  if guard == ARGV[j] and claim == ARGV[j + 1] then
    local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
    redis.call('SET', KEYS[k + 1], ARGV[j + 2] .. seq, 'EX', ARGV[2])
    found[#found + 1] = seq
  else
    found[#found + 1] = 0
  end
  k = k + 2
end
return found
"""
"""KEYS m | guard claim .. ARGV store id, seconds to live | guard as it was read, claim as it was read, new claim without its number ..
For each the number it got, 0 where guard or claim have changed meanwhile; -1: another store."""

REPLACE = b"""
local found = {}
for k = 1, #KEYS do
  if redis.call('GET', KEYS[k]) == ARGV[2 * k - 1] then
    redis.call('SET', KEYS[k], ARGV[2 * k], 'KEEPTTL')
    found[k] = 1
  else
    found[k] = 0
  end
end
return found
"""
"""KEYS claim .. ARGV as it was read, new ..: for each whether it still was so."""

SUPPRESS = b"""
local rank = {erased = 1, complained = 2, dead = 3}
local held = redis.call('GET', KEYS[1])
if not held or (rank[ARGV[1]] or 0) > (rank[held] or 0) then redis.call('SET', KEYS[1], ARGV[1]) end
return 1
"""
"""KEYS sup. ARGV kind: the strictest stands."""
