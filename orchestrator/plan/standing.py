"""Where people of a journey stand, told apart as far as a version can make a difference to them."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from orchestrator.model.run import RunState

Over = Literal["", "max_age", "version_exit"]
_WORDS: dict[RunState, str] = {
    "sending": "send", "delay": "delay", "wait": "wait_until", "digest": "digest", "throttle": "throttle", "window": "time_window",
    "call": "webhook",
}  # fmt: skip


class Place(NamedTuple):
    """The journey's version that a run goes by, the step it stands in and what it does there. `retimed`: another version would give it
    another instant. `over`: how it would end it at once, by its `max_age` or its `active`."""

    version: str
    step: str
    state: RunState = "ready"
    retimed: bool = False
    over: Over = ""

    @property
    def word(self) -> str:
        """The word of the step it stands in; empty where it has not begun it."""
        return _WORDS.get(self.state, "")


@dataclass(frozen=True, slots=True)
class Standing:
    """Some of those in a journey: `people`, each counted once, and their `runs`. `first` and `last`: when the next and the last of these go on
    by time (milliseconds), None where only an event moves them."""

    people: int = 0
    runs: int = 0
    first: int | None = None
    last: int | None = None


@dataclass(slots=True)
class Spot:
    """Runs at one place."""

    runs: int = 0
    first: int | None = None
    last: int | None = None

    def add(self, due: int | None) -> None:
        """One more."""
        self.runs += 1
        if due is not None:
            self.first = due if self.first is None else min(self.first, due)
            self.last = due if self.last is None else max(self.last, due)


@dataclass(slots=True)
class Crowd:
    """All who are in one journey: `spots` by place, and how many people stand in exactly that `sets` of places."""

    spots: dict[Place, Spot] = field(default_factory=dict)
    sets: Counter[frozenset[Place]] = field(default_factory=Counter)

    def add(self, runs: Iterable[tuple[Place, int | None]]) -> None:
        """One person's runs: place, and when it goes on by time."""
        places = set()
        for place, due in runs:
            places.add(place)
            self.spots.setdefault(place, Spot()).add(due)
        self.sets[frozenset(places)] += 1

    def people(self, chosen: Callable[[Place], bool]) -> int:
        """Who stands in one of these places, or in several."""
        return sum(number for places, number in self.sets.items() if any(chosen(place) for place in places))

    def by(self, key: Callable[[Place], str | None]) -> Counter[str]:
        """Key to the people who have a run at a place of this key; None: not counted."""
        found: Counter[str] = Counter()
        for places, number in self.sets.items():
            for value in {key(place) for place in places} - {None}:
                found[str(value)] += number
        return found

    def standing(self, chosen: Callable[[Place], bool] = lambda _place: True) -> Standing:
        """In these places together."""
        spots = [spot for place, spot in self.spots.items() if chosen(place)]
        due = [at for spot in spots for at in (spot.first, spot.last) if at is not None]
        return Standing(self.people(chosen), sum(spot.runs for spot in spots), min(due, default=None), max(due, default=None))
