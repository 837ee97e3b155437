"""Where the gateway puts what it accepts, and whom it asks about customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import Channel
from orchestrator.errors import ConciergeError


class Overloaded(ConciergeError):  # noqa: N818  (maps to 429)
    """Too much is waiting: come back after so many seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too much is waiting; try again in {retry_after} s")
        self.retry_after = retry_after


class Publisher(Protocol):
    """Durable when `publish` returns. Raises Overloaded, ServiceUnavailable."""

    async def publish(self, records: Sequence[Record]) -> None: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """A topic as one person has it. By channel: `granted`, whether messages of it may be sent; `since`, the instant (ms) of the
    statement that says so, where there is one."""

    topic: str
    title: str
    granted: Mapping[Channel, bool]
    since: Mapping[Channel, int]


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a page is for, and in whose name: `colour` is `#rrggbb`. `whole_channel`: an unsubscribe link leaves everything on its channel."""

    locale: str
    timezone: str
    brand: str
    colour: str
    choices: Sequence[Choice]
    whole_channel: bool = False


class Directory(Protocol):
    """Who is meant by a webhook."""

    async def owners(self, intents: Sequence[str]) -> Mapping[str, str]:
        """The customer of each intent that was claimed."""
        ...

    async def confirm(self, found: Mapping[str, str | None]) -> None:
        """The provider says that it has these intents; the value is its own id."""
        ...

    async def written_to(self, channel: Channel, address: str) -> Sequence[str]:
        """Customers we have written to at an address, the latest first."""
        ...

    async def suppress(self, channel: Channel, address: str, kind: str) -> None:
        """An address is `dead`, or its owner `complained`; whoever's it is."""
        ...

    async def person(self, customer: str) -> Person:
        """For the pages behind a link."""
        ...
