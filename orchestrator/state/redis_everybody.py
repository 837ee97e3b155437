"""All profiles of a deployment, page by page: every server's keys are gone through once, beside the work that goes on there."""

from collections.abc import AsyncIterator, Mapping

from orchestrator.errors import ServiceUnavailable
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_keys import PartitionKeys, partition_keys
from orchestrator.state.redis_node import Node
from orchestrator.state.redis_topology import NotCovered
from orchestrator.state.store import customers_only

PAGE = 1_000
"""Keys that a server looks at in one step; those of profiles among them are read."""
_ANY_PROFILE = b"{*}:c:*"

MOST, STEPS = 5_000, 10
"""Keys that a server looks at in one step for a partition's page, and steps to a page."""


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


async def customers_of(
    connection: RedisConnection, k: PartitionKeys, partitions: int, after: str, limit: int
) -> tuple[list[str], str | None]:
    """A page of the ids of one partition, from a walk over all keys of the server that has it. There is no index of customers: it
    would take memory for each of them at all times, and a walk takes a server a second for a few million keys, when somebody asks.

    A place in the walk is good for one run of one server: on any other (a failover, a restart, a slot that has moved) the walk begins
    again. Whoever's slot is on its way to another server just then may be missed. Raises ServiceUnavailable."""
    await connection.command("EXISTS", k.meta)  # waits for a server that is away, and finds who has the partition now
    try:
        node = connection.topology.node(connection.topology.slot(k.meta))
        run = await _run_of(connection, node)
        began, _, place = after.partition(":")
        cursor = place.encode() if began == run else b"0"
        found: dict[bytes, None] = {}
        for _ in range(STEPS):
            asked = ("SCAN", cursor, "MATCH", k.profile("") + b"*", "COUNT", min(limit * partitions, MOST))
            (answer,) = await connection.at(node, [asked])
            if isinstance(answer, Exception):
                return [], after
            cursor, keys = answer
            found.update(dict.fromkeys(keys))
            if cursor == b"0" or 2 * len(found) >= limit:
                break
    except (ServiceUnavailable, NotCovered):
        return [], after  # the same page again, once somebody answers
    ids = (key[len(k.profile("")) :].decode("utf-8", "surrogateescape") for key in found)
    return [one for one in ids if not one.startswith("\0")], None if cursor == b"0" else f"{run}:{cursor.decode()}"


async def _run_of(connection: RedisConnection, node: Node) -> str:
    """Names this run of a server. Raises ServiceUnavailable."""
    (answer,) = await connection.at(node, [("INFO", "server")])
    lines = answer.decode().splitlines() if isinstance(answer, bytes) else []
    found = next((line.partition(":")[2] for line in lines if line.startswith("run_id:")), "")
    if not found:
        raise ServiceUnavailable("Redis does not say who it is")
    return str(found)


def _found(names: Mapping[bytes, bytes], values: list[bytes | None]) -> dict[str, bytes]:
    return {name.decode("utf-8", "surrogateescape"): value for name, value in zip(names.values(), values, strict=True) if value is not None}
