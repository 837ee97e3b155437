"""What a simulation has counted, by plain keys: parts of it add up to the whole in any grouping."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Most:
    """The most messages one person got in a day or week (`when`: 2026-03-02, 2026-W10), and who for example."""

    number: int = 0
    customer: str = ""
    when: str = ""

    def or_more(self, other: "Most") -> "Most":
        """The greater; of equals the first in time, then by name."""
        return min(self, other, key=lambda one: (-one.number, one.when, len(one.customer), one.customer))


@dataclass(frozen=True, slots=True)
class Tally:
    """Keys of the counts:

    - `refused`: why an event was not taken
    - `messages`: (journey, step, message, channel); `hours`: (channel, local hour); `minutes`: (channel, minutes since 1970)
    - `parts`: (channel, country of the number), counting segments of texts, else messages
    - `decisions`: (effect, reason, rule, journey, step) of everything but a message handed over
    - `started`, `goals`: (journey,); `ended`: (journey, how, label)
    - `together`: (journey, journey), people who were on both at once; `people`: people by how many messages they got
    """

    customers: int = 0
    events: int = 0
    overlapping: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    messages: Mapping[tuple[str, str, str, str], int] = field(default_factory=dict)
    hours: Mapping[tuple[str, int], int] = field(default_factory=dict)
    minutes: Mapping[tuple[str, int], int] = field(default_factory=dict)
    parts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    decisions: Mapping[tuple[str, str, str, str, str], int] = field(default_factory=dict)
    started: Mapping[str, int] = field(default_factory=dict)
    ended: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    goals: Mapping[str, int] = field(default_factory=dict)
    together: Mapping[tuple[str, str], int] = field(default_factory=dict)
    people: Mapping[int, int] = field(default_factory=dict)
    day: Most = Most()
    week: Most = Most()

    def plus(self, other: "Tally") -> "Tally":
        """Both together; equal however the parts are grouped."""
        found: dict[str, object] = {}
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, int):
                found[one.name] = mine + theirs
            elif isinstance(mine, Most):
                found[one.name] = mine.or_more(theirs)
            else:
                found[one.name] = added(mine, theirs)
        return Tally(**found)  # type: ignore[arg-type]  # the same fields


def added(one: Mapping[Key, int], other: Mapping[Key, int]) -> Mapping[Key, int]:
    """Counts of both."""
    found = Counter(one)
    found.update(other)
    return dict(found)
