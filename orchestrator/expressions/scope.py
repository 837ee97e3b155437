"""What an expression is evaluated in: names, the customer's facts, the instant, the place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class View:
    """Something with fields that are read lazily: `customer`, `event`, `steps` … A field that is not there is missing (None).
    No ABC: whether something is a View is asked at every lookup, and asking an ABC costs more than the lookup."""

    __slots__ = ()

    def get(self, key: str) -> object:
        """The field's value, or None."""
        raise NotImplementedError


class TimedView(View):
    """A view some of whose fields change by time alone."""

    __slots__ = ()

    def noting(self, changes: list[int]) -> "View":
        """The same view, for one scope: into `changes` go the instants (ms) at which what was read changes."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event that was applied. Times in milliseconds since 1970; `sequence` is its place in the customer's inputs."""

    name: str
    timestamp: int
    arrival: int
    sequence: int
    data: Mapping[str, object]
    instants: frozenset[str] = frozenset()
    """Properties that are declared as instants."""


class Facts(Protocol):
    """What functions ask of the customer. Answers that time alone can change come with the instant (ms) of the next change."""

    def past(self, event: str) -> Sequence[PastEvent]:
        """Kept events of this name, oldest first by arrival."""
        ...

    def kept_for(self, event: str) -> int | None:
        """Milliseconds from its `timestamp` on for which one of this name is kept; None for ever."""
        ...

    def total(self, event: str) -> int:
        """All of this name that were ever applied."""
        ...

    def counted(self, event: str, where: str) -> int | None:
        """Those of them for which `where` was true; None where they have not been counted yet."""
        ...

    def in_audience(self, name: str) -> tuple[bool, int | None]: ...

    def has_consent(self, channel: str, topic: str | None) -> bool: ...

    def reachable(self, channel: str, topic: str | None) -> bool: ...

    def engaged(self, channel: str | None, within: int, message: str | None) -> tuple[bool, int | None]: ...

    def messages_sent(self, within: int | None, selectors: Mapping[str, str]) -> tuple[int, int | None]:
        """Selectors: class, topic, channel, journey, message."""
        ...

    def open_issues(self, kind: str | None) -> list[dict[str, object]]: ...


class EmptyFacts:
    """A customer nobody knows anything about."""

    def past(self, event: str) -> Sequence[PastEvent]:  # noqa: ARG002  (the protocol's signature)
        return ()

    def kept_for(self, event: str) -> int | None:  # noqa: ARG002
        return None

    def total(self, event: str) -> int:  # noqa: ARG002
        return 0

    def counted(self, event: str, where: str) -> int | None:  # noqa: ARG002
        return 0

    def in_audience(self, name: str) -> tuple[bool, int | None]:
        return name == "everyone", None

    def has_consent(self, channel: str, topic: str | None) -> bool:  # noqa: ARG002
        return False

    def reachable(self, channel: str, topic: str | None) -> bool:  # noqa: ARG002
        return False

    def engaged(self, channel: str | None, within: int, message: str | None) -> tuple[bool, int | None]:  # noqa: ARG002
        return False, None

    def messages_sent(self, within: int | None, selectors: Mapping[str, str]) -> tuple[int, int | None]:  # noqa: ARG002
        return 0, None

    def open_issues(self, kind: str | None) -> list[dict[str, object]]:  # noqa: ARG002
        return []


Place = tuple[str, str]
"""A file, and where in it."""


class Scope:
    """`changes` collects the instants (ms) at which what was evaluated could next change by time alone; `warnings` counts
    comparisons and arithmetic that met missing values or unlike types, and `warned` does so by place, where somebody wants to know:
    an expression's own, else `place`. `zone` may be given as a question, asked when it matters."""

    __slots__ = ("_zone", "changes", "currency", "facts", "locale", "names", "now", "place", "warned", "warnings")

    def __init__(
        self, names: Mapping[str, object], facts: Facts, now: datetime, zone: ZoneInfo | Callable[[], ZoneInfo],
        locale: str = "en", currency: str = "GBP", changes: list[int] | None = None, warned: dict[Place, int] | None = None,
    ) -> None:  # fmt: skip
        self.names = names
        self.facts = facts
        self.now = now
        self._zone = zone
        self.locale = locale
        self.currency = currency
        self.changes: list[int] = [] if changes is None else changes
        self.warnings = 0
        self.warned = warned
        self.place: Place | None = None

    @property
    def zone(self) -> ZoneInfo:
        found = self._zone
        if not isinstance(found, ZoneInfo):
            found = self._zone = found()
        return found

    def with_names(self, names: Mapping[str, object], locale: str | None = None) -> "Scope":
        """The same place and instant with these names instead; what changes is collected together."""
        found = Scope(names, self.facts, self.now, self._zone, locale or self.locale, self.currency, self.changes, self.warned)
        found.place = self.place
        return found

    def warn(self, place: Place | None, number: int) -> None:
        """So many warnings came of what stands there."""
        place = place or self.place
        if self.warned is not None and place is not None:
            self.warned[place] = self.warned.get(place, 0) + number

    @property
    def now_ms(self) -> int:
        return round(self.now.timestamp() * 1000)


def next_change(scope: Scope) -> int | None:
    """The next instant at which a condition just evaluated in this scope can change. Because `and`, `or` and `if` read no
    further than they must, the least of what was read is exact."""
    return min(scope.changes, default=None)
