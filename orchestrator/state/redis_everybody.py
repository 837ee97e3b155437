"""All profiles of a deployment, page by page: every server's keys are gone through once, beside the work that goes on there."""

from collections.abc import AsyncIterator, Mapping

from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_keys import partition_keys
from orchestrator.state.store import customers_only

PAGE = 1_000
"""Keys that a server looks at in one step; those of profiles among them are read."""
_ANY_PROFILE = b"{*}:c:*"


async def everybody(connection: RedisConnection, partitions: int) -> AsyncIterator[dict[str, bytes]]:
    """Whoever's slot moves to another server meanwhile may be missed or come twice. Raises ServiceUnavailable."""
    prefixes = {partition_keys(partition, partitions).profile("") for partition in range(partitions)}
    await connection.each([("PING",)])  # so that the servers are known
    for node in connection.topology.nodes():
        cursor: bytes | int = 0
        while cursor != b"0":
            ((cursor, keys),) = await connection.at(node, [("SCAN", cursor, "MATCH", _ANY_PROFILE, "COUNT", PAGE)])
            ours = {key: key.partition(b":c:") for key in dict.fromkeys(keys)}
            names = {key: parts[2] for key, parts in ours.items() if parts[0] + parts[1] in prefixes}
            if names:
                values = await connection.get_many(list(names))
                yield customers_only(_found(names, values))


def _found(names: Mapping[bytes, bytes], values: list[bytes | None]) -> dict[str, bytes]:
    return {name.decode("utf-8", "surrogateescape"): value for name, value in zip(names.values(), values, strict=True) if value is not None}
