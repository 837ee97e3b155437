"""The reputation guard: a journey that too many complain about, or whose mail bounces, stops before mailbox providers stop everybody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from orchestrator.workspace.guard import BUILT_IN, WINDOWS, Guard, Measure, Window
from orchestrator.workspace.journey import Journey

BUCKET = 300_000
"""Milliseconds: sends and what comes of them are counted in fives of minutes, so a window is up to five minutes longer than its name."""
LONGEST = max(WINDOWS.values())
WARN_AT = 0.5
"""Of a level's share, and of its number of complaints or bounces."""


class Figures(NamedTuple):
    """Of one journey: what providers took, complaints, hard bounces."""

    sends: int = 0
    complaints: int = 0
    bounces: int = 0

    def plus(self, other: "Figures") -> "Figures":
        """Together."""
        return Figures(self.sends + other.sends, self.complaints + other.complaints, self.bounces + other.bounces)


Counted = Mapping[str, Mapping[int, Figures]]
"""Journey to the start of a bucket to what was counted in it."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A line that counts: `share` of `sends` in the window, against the level at which a journey is paused."""

    measure: Measure
    window: Window
    events: int
    sends: int
    level: float

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.events / self.sends

    @property
    def over(self) -> bool:
        """Reached or above; else it is a warning."""
        return self.share >= self.level and self.events >= BUILT_IN[self.measure, self.window].events

    @property
    def text(self) -> str:
        """For people."""
        return f"{self.events} {self.measure} of {self.sends} sent in {self.window}, {self.share:.2%}; it is paused at {self.level:.2%}"


def bucket_of(at: int) -> int:
    """Where an instant (milliseconds) is counted."""
    return at - at % BUCKET


def count(buckets: dict[int, Figures], start: int, figures: Figures) -> None:
    """Add to the bucket that begins at `start`."""
    buckets[start] = buckets.get(start, Figures()).plus(figures)


def in_window(buckets: Mapping[int, Figures], window: Window, now: int, since: int = 0) -> Figures:
    """What was counted in the window that ends at `now`. `since`: the end of the journey's last pause by the guard; nothing before it counts."""
    begins = max(now - WINDOWS[window] - BUCKET, since - 1)
    found = Figures()
    for start, figures in buckets.items():
        if begins < start <= now:
            found = found.plus(figures)
    return found


def reached(windows: Mapping[Window, Figures], guard: Guard) -> list[Reached]:
    """Lines at which a journey is paused, or about which to warn, the worst first."""
    found: list[Reached] = []
    for (measure, window), level in BUILT_IN.items():
        figures = windows.get(window, Figures())
        events = figures.complaints if measure == "complaints" else figures.bounces
        share = min(level.share, guard.get((measure, window), level.share))
        if figures.sends >= level.sends and events >= level.events * WARN_AT and events / figures.sends >= share * WARN_AT:
            found.append(Reached(measure, window, events, figures.sends, share))
    return sorted(found, key=lambda one: (not one.over, -(one.share / one.level) if one.level else 0.0))


def figures_of(counts: Mapping[tuple[str, ...], int]) -> dict[str, Figures]:
    """By journey, of what a batch counted."""
    found: dict[str, Figures] = {}
    for labels, number in counts.items():
        if labels[0] == "reputation":
            found[labels[1]] = found.get(labels[1], Figures()).plus(Figures(**{labels[2]: number}))
    return found


def judged(counted: Counted, since: Mapping[str, int], journeys: Mapping[str, Journey], now: int) -> dict[str, list[Reached]]:
    """Journeys with a line that is reached, or near it. Those that stand still are not judged."""
    found: dict[str, list[Reached]] = {}
    for name, buckets in sorted(counted.items()):
        journey = journeys.get(name)
        if journey is None or journey.status not in ("live", "draining"):
            continue
        lines = reached({window: in_window(buckets, window, now, since.get(name, 0)) for window in WINDOWS}, journey.guard)
        if lines:
            found[name] = lines
    return found


def to_pause(found: Mapping[str, list[Reached]], journeys: Mapping[str, Journey]) -> list[str]:
    """Journeys whose worst line is reached; one of transactional messages is never paused, only warned about."""
    return [name for name, lines in found.items() if lines[0].over and not journeys[name].transactional]
