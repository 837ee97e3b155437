"""A provider's own records: what it knows of a message whose outcome nobody heard. A closed union of findings.

An inquiry is a pure generator: it yields requests, is sent their answers and returns its finding, so that the comparing can be
tested without a network and the waiting is done in one place (`lookup.py`).
"""

from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass

from orchestrator.contracts.message import OutboundMessage
from workers.retry_after import retry_after
from workers.transport import Answer, Request

SKEW = 30_000
"""Milliseconds the provider's clock may be behind ours: what it dates a little before our try may be of that try."""


@dataclass(frozen=True, slots=True)
class Sought:
    """The message, the instant its try began and now (milliseconds); `taken`: the provider's ids that belong to other intents."""

    message: OutboundMessage
    since: int
    now: int
    taken: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The provider has it, under this id."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider's records can be read, and it is not in them."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The records could not be read, or show something that may or may not be it.

    `lasting`: this account's records cannot be asked at all, so there is no point in asking for the next message.
    `retry_after`: milliseconds until they may be asked again, where the provider says so.
    """

    detail: str
    lasting: bool = False
    retry_after: int | None = None


Finding = Found | Absent | CannotTell
Inquiry = Generator[Request, Answer, Finding]
Records = Callable[[Sought], Inquiry]


def unreadable(answer: Answer, now: int) -> CannotTell:
    """Of an answer that is no page of records. `now` in milliseconds."""
    detail = f"records: HTTP {answer.status}"
    if answer.status == 429:
        return CannotTell(detail, retry_after=retry_after(answer.headers, now))
    return CannotTell(detail, lasting=answer.status in (400, 401, 403, 404, 405, 410))
