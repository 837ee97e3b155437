"""Control groups and splits whose shares change: who would be on another side at a later entry or visit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from orchestrator.model.bucket import bucket
from orchestrator.model.customer import Customer
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import SplitStep

Shares = tuple[tuple[str, float], ...]
"""Names of the sides, and how much of [0, 1) each takes, laid end to end."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One holdout or split of a journey, before and after. `name` is what its bucket is drawn by; `step` the split's name in the version
    in force and in the next one. `by_run`: every run draws for itself. `held_out`: the share of people who come to no split, before or after."""

    workspace: str
    kind: Literal["holdout", "split"]
    journey: str
    name: str
    before: Shares
    after: Shares
    step: tuple[str, str] = ("", "")
    by_run: bool = False
    held_out: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """Journey, and the split's name in the next version; empty for the holdout."""
        return self.journey, self.step[1]

    def redrawn(self, customer: Customer) -> bool:
        """Somebody who has been in the journey, and would be on another side. Nobody can say it of runs that are still to come."""
        if self.by_run or self.journey not in customer.entries.counts:
            return False
        if self.held_out and bucket(self.workspace, "holdout", self.journey, customer.id) < self.held_out:
            return False
        place = bucket(self.workspace, self.kind, self.name, customer.id)
        return side(self.before, place) != side(self.after, place)

    def kept(self, customer: Customer) -> int:
        """Runs that go on with the arm they have."""
        arms = {name for name, _share in self.after}
        records = (run.steps.get(self.step[0]) for run in customer.runs if run.journey == self.journey and self.step[0])
        return sum(record is not None and record.path in arms for record in records)


def side(shares: Shares, place: float) -> str:
    """The one that this place of [0, 1) falls to."""
    end = 0.0
    for name, share in shares:
        end += share
        if place < end:
            return name
    return next((name for name, share in reversed(shares) if share), "")


def draws(name: str, before: Mapping[str, Journey], after: Mapping[str, Journey]) -> tuple[Draw, ...]:
    """All that change between two versions of the workspace of this name."""
    return tuple(one for journey, was in before.items() if journey in after for one in _of(name, was, after[journey]))


def _of(workspace: str, was: Journey, will_be: Journey) -> Iterator[Draw]:
    if was.holdout != will_be.holdout:
        yield Draw(workspace, "holdout", was.name, was.name, _groups(was), _groups(will_be))
    for step, old in was.steps.items():
        named = will_be.was.get(step, step)
        new = will_be.steps.get(named)
        if not isinstance(old, SplitStep) or not isinstance(new, SplitStep):
            continue
        before, after = _arms(old), _arms(new)
        if before != after:
            name = f"{was.name}/{new.origin}"
            by_run, held_out = "run" in (old.sticky, new.sticky), max(was.holdout, will_be.holdout)
            yield Draw(workspace, "split", was.name, name, before, after, (step, named), by_run, held_out)


def _groups(journey: Journey) -> Shares:
    return (("held out", journey.holdout), ("in", 1 - journey.holdout))


def _arms(step: SplitStep) -> Shares:
    return tuple((arm.name, arm.share) for arm in step.arms)


def shown(shares: Sequence[tuple[str, float]]) -> str:
    """`short 50%, long 50%`."""
    return ", ".join(f"{name} {share:.2%}".replace(".00%", "%") for name, share in shares)
