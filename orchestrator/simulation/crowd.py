"""What is asked of made-up customers: how many, for how long, how busy."""

from dataclasses import dataclass

DAY = 86_400_000
EVENTS_PER_WEEK = 1.0
"""Of one person, on average: a household that is served, not one that plays with an app all day."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """`start` in milliseconds, the first midnight (UTC). The same numbers make the same people and events, one by one: person 7 of a
    hundred is person 7 of a million."""

    customers: int
    days: int
    seed: int
    start: int
    events_per_week: float = EVENTS_PER_WEEK

    @property
    def until(self) -> int:
        """The end, in milliseconds."""
        return self.start + self.days * DAY


def name_of(number: int) -> str:
    """Of the person with this number, counted from 1."""
    return f"p{number}"
