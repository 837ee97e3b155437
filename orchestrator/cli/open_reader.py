"""Whose state a command reads: the deployment's where Kafka and Redis are set, else a data folder's; --data is always a folder."""

from typing import Protocol

from orchestrator.cli.context import Invocation
from orchestrator.contracts.decision import Decision
from orchestrator.distributed.reader import DeploymentReader
from orchestrator.embedded.reader import StoreReader
from orchestrator.model.customer import Customer
from orchestrator.runtime.ids import RandomIds


class Reader(Protocol):
    """Close it after use."""

    def customer(self, customer_id: str) -> Customer | None: ...

    def decisions(self, customer: Customer) -> list[Decision]: ...

    def version(self) -> tuple[str, dict[str, bytes]] | None: ...

    def close(self) -> None: ...


def open_reader(call: Invocation, data: str | None) -> Reader:
    """Raises ConfigurationError, ServiceUnavailable."""
    settings = call.settings()
    if data is None and settings.get("KAFKA") and settings.get("REDIS"):
        return DeploymentReader(settings, RandomIds())
    return StoreReader(call.data(data))
