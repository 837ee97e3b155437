"""Fixtures everybody uses: the worked example, loaded once; the providers' contracts, where they are."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from orchestrator.content.check import check_message
from orchestrator.workspace.load import load_workspace
from orchestrator.workspace.workspace import Workspace
from tests.services import kafka_server
from tests.services import redis_server as redis_service
from tests.services.kafka_server import KafkaServer
from tests.services.redis_cluster import RedisCluster
from tests.services.redis_server import RedisServer

ROOT = Path(__file__).parents[1]

# how fast a busy machine is says nothing about the code
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", parent=settings.get_profile("unhurried"), max_examples=12)
"""For `make check`; `make test` looks longer."""
settings.register_profile("thorough", parent=settings.get_profile("unhurried"), max_examples=5_000)
"""Fifty times as long as `make test`: `pytest --hypothesis-profile thorough tests/unit/lives`."""
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def example() -> Workspace:
    """The repository's own workspace."""
    loaded = load_workspace(ROOT, {}, check_message)
    assert loaded.workspace is not None, [f"{f.file}:{f.line} {f.code} {f.what}" for f in loaded.findings]
    return loaded.workspace


@pytest.fixture(scope="session")
def provider_contracts() -> Path:
    """The providers' descriptions and vectors: third-party data that is read where it lies."""
    folder = Path(os.environ.get("PROVIDER_CONTRACTS", ROOT.parent / "shared" / "contracts" / "providers"))
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no provider contracts in {folder}; set PROVIDER_CONTRACTS")
        pytest.skip(f"no provider contracts in {folder} (PROVIDER_CONTRACTS)")
    return folder


def wanted(why_not: str | None) -> None:
    """A service; `why_not`: why it cannot be started here, None when it can. A skip on a laptop, a failure where the results count."""
    if why_not is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(why_not)
    pytest.skip(why_not)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """Apache Kafka, started for the session; tests keep to topics with a prefix of their own."""
    wanted(kafka_server.why_not())
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    server.format()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Redis, started for the session."""
    wanted(redis_service.why_not())
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """A Redis Cluster of three masters, started for the session."""
    yield from _cluster(tmp_path_factory.mktemp("redis-cluster"), replicas=False)


@pytest.fixture(scope="session")
def replicated_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """A Redis Cluster of three masters, each with a replica, started for the session."""
    yield from _cluster(tmp_path_factory.mktemp("replicated-redis"), replicas=True)


def _cluster(folder: Path, *, replicas: bool) -> Iterator[RedisCluster]:
    wanted(redis_service.why_not())
    cluster = RedisCluster(folder, replicas=replicas)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
