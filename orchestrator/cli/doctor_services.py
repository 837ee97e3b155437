"""What doctor asks of a deployment: Kafka's topics, Redis and what it may lose, the version in force."""

import asyncio
from collections.abc import Iterator

from orchestrator.cli.doctor_store import Check
from orchestrator.distributed.connections import addresses
from orchestrator.errors import ConciergeError, ConfigurationError
from orchestrator.kafka_access import check_access
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.runtime.settings import Settings
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_health import check_redis
from orchestrator.state.redis_versions import RedisVersions
from orchestrator.workspace.workspace import Workspace
from workers.kafka_topics import check_topics

PATIENCE = 5.0
"""Seconds a service has to answer."""


def check_services(settings: Settings, workspace: Workspace | None) -> Iterator[Check]:
    """`workspace` as its files are now; None when they have errors."""
    try:
        kafka, redis = addresses(settings)
    except ConfigurationError as error:
        yield Check("services", False, str(error))
        return
    yield from _kafka(kafka, workspace)
    try:
        yield from asyncio.run(_redis(redis, workspace, settings.redis_replicas(), cluster=settings.redis_is_cluster()))
    except (ConciergeError, ConfigurationError) as error:
        yield Check("redis", False, str(error))
    for name in ("PUBLIC_URL", "SIGNING_KEY", "WRITE_KEYS"):
        if not settings.get(name):
            yield Check(name.lower().replace("_", " "), False, f"CONCIERGE_{name} is not set: roles need it")


def _kafka(address: KafkaAddress, workspace: Workspace | None) -> Iterator[Check]:
    sources = [] if workspace is None else sorted(workspace.source_topics)
    try:
        asyncio.run(check_access(address))
        found = check_topics(address, sources)
    except (ConciergeError, ConfigurationError) as error:
        yield Check("kafka", False, str(error))
        return
    for one in found:
        if one.problem:
            yield Check("kafka", False, f"topic {one.name}: {one.problem}")
    if not any(one.problem for one in found):
        yield Check("kafka", True, f"{len(found)} topics, {address.partitions} partitions each")
    for note in sorted({one.note for one in found if one.note}):
        names = [one.name for one in found if one.note == note]
        yield Check("kafka", True, f"{note} ({len(names)} topics, such as {names[0]})", note=True)


async def _redis(url: str, workspace: Workspace | None, replicas: int, *, cluster: bool) -> list[Check]:
    connection = RedisConnection(url, cluster=cluster, patience=PATIENCE)
    try:
        faults = await check_redis(connection, replicas)
        force = await RedisVersions(connection).in_force()
    finally:
        await connection.close()
    found = [Check("redis", not one.refused, one.text, note=not one.refused) for one in faults]
    found = found or [Check("redis", True, "answers, keeps what it is told, evicts nothing")]
    if force is None:
        return [*found, Check("version", True, "none in force yet: `concierge apply`", note=True)]
    differs = workspace is not None and workspace.version != force
    return [*found, Check("version", True, f"{force[:8]} in force" + ("; the files here differ from it" if differs else ""), note=differs)]
