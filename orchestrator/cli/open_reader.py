"""Whose state a command reads: the deployment's where Kafka and Redis are set, else a data folder's; --data is always a folder."""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from orchestrator.cli.context import Invocation, Stop
from orchestrator.contracts.decision import Decision
from orchestrator.distributed.reader import DeploymentReader
from orchestrator.embedded.reader import StoreReader
from orchestrator.model.customer import Customer
from orchestrator.runtime.ids import RandomIds
from orchestrator.workspace.pauses import Pauses


class Reader(Protocol):
    """Close it after use."""

    def customer(self, customer_id: str) -> Customer | None: ...

    def customers(self) -> Iterator[Customer]: ...

    def decisions(self, customer: Customer) -> list[Decision]: ...

    def version(self) -> tuple[str, dict[str, bytes]] | None: ...

    def pauses(self) -> Pauses: ...

    def running(self, journey: str) -> int: ...

    def close(self) -> None: ...


def is_deployed(call: Invocation, data: str | None) -> bool:
    """Does the command speak to Kafka and Redis?"""
    settings = call.settings()
    return data is None and bool(settings.get("KAFKA") and settings.get("REDIS"))


@contextlib.contextmanager
def open_reader(call: Invocation, data: str | None) -> Iterator[Reader]:
    """Raises ConfigurationError, ServiceUnavailable."""
    reader: Reader = DeploymentReader(call.settings(), RandomIds()) if is_deployed(call, data) else StoreReader(call.data(data))
    try:
        yield reader
    finally:
        reader.close()


def known(reader: Reader, customer_id: str) -> Customer:
    """Raises Stop when nobody is called so."""
    found = reader.customer(customer_id)
    if found is None:
        raise Stop(f"nobody is called {customer_id!r} here")
    return found
