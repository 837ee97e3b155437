"""What every role needs: Kafka's address, the store, the version of the workspace in force."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.contracts.link_token import Signer
from orchestrator.errors import ConfigurationError
from orchestrator.runtime.ids import Ids
from orchestrator.runtime.kafka_address import KafkaAddress, read_kafka_address
from orchestrator.runtime.settings import Settings
from orchestrator.state.redis_store import RedisStore, open_redis
from orchestrator.state.redis_versions import RedisVersions
from orchestrator.workspace.load import load_in_force
from orchestrator.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Connections:
    """Made by `connect`; close the store after use."""

    kafka: KafkaAddress
    store: RedisStore
    versions: RedisVersions


def addresses(settings: Settings) -> tuple[KafkaAddress, str]:
    """Kafka and the Redis URL. Raises ConfigurationError when one is not set."""
    kafka, redis = read_kafka_address(settings), settings.get("REDIS")
    if kafka is None or not redis:
        missing = " and ".join(name for name, one in (("CONCIERGE_KAFKA", kafka), ("CONCIERGE_REDIS", redis)) if not one)
        raise ConfigurationError(f"the distributed runtime needs {missing}; without services `concierge up` runs everything in one process")
    return kafka, redis


async def connect(settings: Settings, ids: Ids) -> Connections:
    """Raises ConfigurationError, ServiceUnavailable."""
    kafka, redis = addresses(settings)
    store = await open_redis(redis, kafka.partitions, ids.token(), cluster=settings.redis_is_cluster(), replicas=settings.redis_replicas())
    return Connections(kafka, store, RedisVersions(store.connection))


async def workspace_in_force(versions: RedisVersions, environment: Mapping[str, str]) -> Workspace:
    """Raises ConfigurationError when nothing was applied yet, or this program cannot read it."""
    last = await versions.read_last()
    if last is None:
        raise ConfigurationError("no workspace has been applied to this store yet: run `concierge apply` in the workspace first")
    loaded = load_in_force(last[1], environment)
    if loaded.workspace is None:
        errors = "\n".join(f"{f.file}:{f.line} {f.code} {f.what}" for f in loaded.findings if f.severity == "error")
        raise ConfigurationError(f"the version in force was applied by another program version and cannot be read by this one:\n{errors}")
    return loaded.workspace


def signer_of(settings: Settings) -> Signer:
    """Raises ConfigurationError without CONCIERGE_SIGNING_KEY: every role of a deployment signs with the same."""
    key = settings.get("SIGNING_KEY")
    if not key:
        raise ConfigurationError(
            "CONCIERGE_SIGNING_KEY is not set: unsubscribe links are signed with it, the same in every role (`openssl rand -hex 32`)"
        )
    previous = settings.get("SIGNING_KEY_PREVIOUS")
    return Signer(*[one.encode() for one in (key, previous) if one])


def public_url(settings: Settings) -> str:
    """Raises ConfigurationError: no role but the gateway could guess it."""
    url = settings.get("PUBLIC_URL")
    if not url:
        raise ConfigurationError("CONCIERGE_PUBLIC_URL is not set: the gateway's address as customers and providers reach it, https://…")
    return url.rstrip("/")
