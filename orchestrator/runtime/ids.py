"""Where fresh random ids come from. Elsewhere an id is an argument, so that tests and replays give the same bytes."""

import secrets
import uuid
from typing import Protocol


class Ids(Protocol):
    """A source of ids."""

    def token(self) -> str:
        """64 random bits as 16 hex digits: an owner's token."""
        ...

    def message_id(self) -> str:
        """For an event that came without one."""
        ...


class RandomIds:
    """From the operating system's random source."""

    def token(self) -> str:
        return secrets.token_hex(8)

    def message_id(self) -> str:
        return str(uuid.uuid4())  # noqa: TID251  (this is the source of ids)


class CountedIds:
    """1, 2, 3 …: tests and the simulator."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._count = 0

    def _next(self) -> int:
        self._count += 1
        return self._count

    def token(self) -> str:
        return f"{self._next():016x}"

    def message_id(self) -> str:
        return f"{self._prefix}{self._next()}"
