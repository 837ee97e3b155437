"""A provider's rate shared by all workers of a deployment: one token bucket in Redis, by Redis's own clock.

A worker reserves what it is about to send, and is told how much of it may leave now. What it does not get it asks for again later.
Should Redis repeat a reservation whose reply was lost, tokens are lost, never gained: a rate is kept, at worst not used up.
"""

from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection

_TAKE = b"""
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local rate, wanted, least = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local most = math.max(rate, 1)
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(held[1]), tonumber(held[2])
if not tokens then tokens, at = most, now end
if at > now then at = now end
tokens = math.min(tokens + (now - at) * rate / 1000, most)
least = math.min(least, wanted, most)
local given, wait = 0, 0
if tokens >= least then given = math.min(math.floor(tokens), wanted) else wait = math.ceil((least - tokens) / rate * 1000) end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens - given), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(most / rate * 1000) + 60000)
return {given, wait}
"""
"""KEYS bucket. ARGV messages a second, messages wanted, least that is worth a chunk. How many may leave, else milliseconds to wait."""


class RedisRates:
    """Buckets by name: of a provider and its sender, say `sms:twilio:+4930123456`."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    async def take(self, bucket: str, rate: float, wanted: int, least: int = 1) -> tuple[int, int]:
        """(messages that may leave now, 0), or (0, milliseconds until it is worth asking again). `rate` in messages a second, above 0;
        bursts of at most a second's worth. `least`: fewer are not given, as a chunk costs a round trip whatever its size.
        Raises ValueError, ServiceUnavailable."""
        if not rate > 0 or wanted < 1:
            raise ValueError(f"a rate and a number above 0 are needed, not {rate} and {wanted}")
        given, wait = await self._connection.script(_TAKE, [keys.rate(bucket)], [repr(float(rate)), wanted, least])
        return int(given), int(wait)
