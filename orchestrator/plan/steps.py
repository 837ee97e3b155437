"""Step by step: what is other, and how many people that means."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from orchestrator.plan.fate import Fates, fates
from orchestrator.plan.people import People
from orchestrator.plan.reach import reaching
from orchestrator.plan.standing import Crowd, Place, Standing
from orchestrator.plan.written import Tree, differences, steps_of, word_of
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import EXIT

Mark = Literal["+", "-", "~"]


@dataclass(frozen=True, slots=True)
class StepChange:
    """`+` is new, `-` gone, `~` other. `people` stand in it now, with so many `runs`; of a new one `before` come to it, `past` it are the
    others. `to`: where people of one that is gone go. `first` and `last`: when the next and the last go on by time."""

    mark: Mark
    step: str
    word: str
    what: str
    people: int
    runs: int = 0
    first: int | None = None
    last: int | None = None
    to: str = ""
    before: int = 0
    past: int = 0


def moved(was: Journey, will_be: Journey, people: People) -> Counter[str]:
    """Step of the new version, or `exit`, to the people who are sent there because theirs is gone or its people leave."""
    fate = fates(will_be)

    def goal(place: Place) -> str | None:
        goes = fate(place)
        return goes.to if goes.kind in ("moves", "leaves") else None

    return people.crowd(was.name).by(goal)


def step_changes(was: Journey, will_be: Journey, old: Tree, new: Tree, people: People, fate: Fates) -> tuple[StepChange, ...]:
    """In the order of the new file; then what is gone."""
    before, after = steps_of(old), steps_of(new)
    origin = {new_name: old_name for old_name, new_name in will_be.was.items() if old_name in before}
    crowd = people.crowd(was.name)
    found: list[StepChange] = []
    kept: set[str] = set()
    for name, step in after.items():
        earlier = origin.get(name, name)
        known = before.get(earlier)
        if known is None or word_of(known) != word_of(step):
            ahead = crowd.people(reaching(will_be, name, fate))
            found.append(StepChange("+", name, word_of(step), "", 0, before=ahead, past=people.inside(was.name) - ahead))
            continue
        kept.add(earlier)
        what = ", ".join(([f"was '{earlier}'"] if earlier != name else []) + differences(known, step))
        if what:
            found.append(_other(name, earlier, word_of(step), what, crowd, fate))
    gone = {(name, word_of(step)): None for name, step in before.items() if name not in kept}
    gone |= dict.fromkeys(_gone_earlier(crowd, fate, set(gone)))
    return (*found, *(_gone(name, word, crowd, will_be, fate) for name, word in gone))


def _other(name: str, earlier: str, word: str, what: str, crowd: Crowd, fate: Fates) -> StepChange:
    def here(place: Place) -> bool:
        goes = fate(place)
        return goes.to == name if goes.kind == "stays" else goes.kind in ("keeps", "leaves") and _is(place, earlier, word)

    standing = crowd.standing(here)
    leaves = any(fate(place).kind == "leaves" for place in crowd.spots if here(place))
    return _change("~", name, word, what, standing, EXIT if leaves else "")


def _gone_earlier(crowd: Crowd, fate: Fates, known: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Steps that only earlier versions have, with people who have to go."""
    lost = {(place.step, place.word) for place in crowd.spots if fate(place).kind in ("moves", "stranded")}
    lost |= {(place.step, place.word) for place in crowd.spots if fate(place).kind == "leaves" and not fate(place).whole}
    named = {name for name, _word in known}
    return sorted(one for one in lost if one not in known and not (one[1] == "" and one[0] in named))


def _gone(name: str, word: str, crowd: Crowd, will_be: Journey, fate: Fates) -> StepChange:
    runs = will_be.in_flight.runs

    def here(place: Place) -> bool:
        return _is(place, name, word) and fate(place).kind != "stays" and (fate(place).kind != "keeps" or runs == "continue")

    to = next((fate(place).to for place in crowd.spots if here(place)), will_be.in_flight.removed.get(name, ""))
    return _change("-", name, word, "removed", crowd.standing(here), EXIT if runs == "exit" else "" if runs == "continue" else to)


def _is(place: Place, step: str, word: str) -> bool:
    """Whether somebody there stands in the step of this name and kind."""
    return place.step == step and (not word or place.word in ("", word))


def _change(mark: Mark, step: str, word: str, what: str, standing: Standing, to: str = "") -> StepChange:
    return StepChange(mark, step, word, what, standing.people, standing.runs, standing.first, standing.last, to)
