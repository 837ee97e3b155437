"""The reputation guard's levels: from which share of complaints or hard bounces on a journey is paused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Measure = Literal["complaints", "bounces"]
Window = Literal["1h", "24h"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
WINDOWS: Mapping[Window, int] = {"1h": 3_600_000, "24h": 86_400_000}
"""Milliseconds."""
Guard = Mapping[tuple[Measure, Window], float]
"""Shares (0 to 1) that were written; where none is, the built-in one counts."""


@dataclass(frozen=True, slots=True)
class Level:
    """Pause at this share, with at least so many sends and so many complaints or bounces: fewer say nothing."""

    share: float
    sends: int
    events: int


BUILT_IN: Mapping[tuple[Measure, Window], Level] = {
    ("complaints", "1h"): Level(0.01, 200, 5), ("complaints", "24h"): Level(0.003, 1000, 10),
    ("bounces", "1h"): Level(0.10, 200, 20), ("bounces", "24h"): Level(0.05, 1000, 50),
}  # fmt: skip


def strictest(*guards: Guard) -> Guard:
    """The lowest share of each line."""
    found: dict[tuple[Measure, Window], float] = {}
    for guard in guards:
        for line, share in guard.items():
            found[line] = min(share, found.get(line, share))
    return found
