"""What comes of journeys' messages, counted in Redis by all processes together."""

from collections import defaultdict
from collections.abc import Mapping

from orchestrator.policies.reputation import Counted, Figures, count
from orchestrator.state import redis_keys as keys
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_versions import RedisVersions


class RedisReputation:
    """Implements `ReputationLedger`: a hash of `start kind journey` to a number."""

    def __init__(self, connection: RedisConnection, versions: RedisVersions) -> None:
        self._connection, self._versions = connection, versions

    async def add(self, counted: Counted) -> None:
        await self._connection.commands([
            ("HINCRBY", keys.REPUTATION, f"{start} {kind} {journey}", number)
            for journey, buckets in counted.items() for start, figures in buckets.items()
            for kind, number in figures._asdict().items() if number
        ])  # fmt: skip

    async def read(self) -> tuple[Counted, Mapping[str, int]]:
        found: defaultdict[str, dict[int, Figures]] = defaultdict(dict)
        for name, number in (await self._all()).items():
            start, kind, journey = name.split(" ", 2)
            count(found[journey], int(start), Figures(**{kind: number}))
        return found, await self._versions.gone_on()

    async def forget(self, before: int) -> None:
        old = [name for name in await self._all() if int(name.split(" ", 1)[0]) < before]
        if old:
            await self._connection.command("HDEL", keys.REPUTATION, *old)

    async def pause(self, journey: str, at: int) -> bool:
        return await self._versions.pause_by_guard(journey, at)

    async def _all(self) -> dict[str, int]:
        found = await self._connection.command("HGETALL", keys.REPUTATION)
        pairs = found.items() if isinstance(found, dict) else zip(found[::2], found[1::2], strict=True)
        return {name.decode(): int(number) for name, number in pairs}
