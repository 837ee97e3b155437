"""Step by step: what is other, and how many people that means."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from orchestrator.plan.people import People, Standing
from orchestrator.plan.written import Tree, differences, steps_of, word_of
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.journey_graph import successors
from orchestrator.workspace.step import EXIT

Mark = Literal["+", "-", "~"]


@dataclass(frozen=True, slots=True)
class StepChange:
    """`+` is new, `-` gone, `~` other. `people` stand in it now; of a new one `before` come to it, `past` it are the others. `to`: where
    people of one that is gone go. `first` and `last`: when the next and the last go on by time."""

    mark: Mark
    step: str
    word: str
    what: str
    people: int
    first: int | None = None
    last: int | None = None
    to: str = ""
    before: int = 0
    past: int = 0


def moved_to(was: Journey, will_be: Journey, step: str) -> str | None:
    """Where people who stand in a step of the old version stand in the new one: the same step, by its name or its `was`; else what
    `removed` says. None where nothing says it."""
    name = will_be.was.get(step, step)
    found = will_be.steps.get(name)
    if found is not None and type(found) is type(was.steps[step]):
        return name
    return will_be.in_flight.removed.get(step)


def moved(was: Journey, will_be: Journey, people: People) -> Counter[str]:
    """Step of the new version, or `exit`, to the people who are sent there because theirs is gone or its people leave."""
    found: Counter[str] = Counter()
    for step, standing in people.steps.get(was.name, {}).items():
        if will_be.in_flight.runs == "exit":
            found[EXIT] += standing.people
        elif step in was.steps and (to := moved_to(was, will_be, step)) not in (None, will_be.was.get(step, step)):
            found[str(to)] += standing.people
    return found


def step_changes(was: Journey, will_be: Journey, old: Tree, new: Tree, people: People) -> tuple[StepChange, ...]:
    """In the order of the new file; then what is gone."""
    before, after = steps_of(old), steps_of(new)
    origin = {new_name: old_name for old_name, new_name in will_be.was.items() if old_name in before}
    found: list[StepChange] = []
    for name, step in after.items():
        earlier = origin.get(name, name)
        known = before.get(earlier)
        if known is None or word_of(known) != word_of(step):
            ahead, past = _ahead(was, will_be, name, people)
            found.append(StepChange("+", name, word_of(step), "", 0, before=ahead, past=past))
            continue
        what = ", ".join(([f"was '{earlier}'"] if earlier != name else []) + differences(known, step))
        if what:
            found.append(_change("~", name, word_of(step), what, people.at(was.name, earlier)))
    kept = {origin.get(name, name) for name, step in after.items() if word_of(before.get(origin.get(name, name), {})) == word_of(step)}
    for name, step in before.items():
        if name in kept:
            continue
        standing = people.at(was.name, name)
        leaves = will_be.in_flight.runs == "exit"
        to = EXIT if leaves else "" if will_be.in_flight.runs == "continue" else will_be.in_flight.removed.get(name, "")
        found.append(_change("-", name, word_of(step), "removed", standing, to))
    return tuple(found)


def _change(mark: Mark, step: str, word: str, what: str, standing: Standing, to: str = "") -> StepChange:
    return StepChange(mark, step, word, what, standing.people, standing.first, standing.last, to)


def _ahead(was: Journey, will_be: Journey, step: str, people: People) -> tuple[int, int]:
    """(people who may still come to a new step, people who will not)."""
    ahead = past = 0
    for name, standing in people.steps.get(was.name, {}).items():
        at = moved_to(was, will_be, name) if name in was.steps else None
        if at is not None and at in will_be.steps and will_be.in_flight.runs == "migrate" and _comes_to(will_be, at, step):
            ahead += standing.people
        else:
            past += standing.people
    return ahead, past


def _comes_to(journey: Journey, start: str, step: str) -> bool:
    seen: set[str] = set()
    waiting = list(successors(journey.steps[start]))
    while waiting:
        name = waiting.pop()
        if name == step:
            return True
        if name not in seen and name in journey.steps:
            seen.add(name)
            waiting.extend(successors(journey.steps[name]))
    return False
