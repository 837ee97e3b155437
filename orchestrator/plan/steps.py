"""Step by step: what is other, and how many people that means."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

from orchestrator.plan.fate import Fates, fates
from orchestrator.plan.people import People
from orchestrator.plan.places import places
from orchestrator.plan.reach import names_in, reaching
from orchestrator.plan.standing import Crowd, Place, Standing
from orchestrator.plan.unsent import kept_keys, still_to_go
from orchestrator.plan.written import Tree, differences, read_steps, word_of
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import EXIT

Mark = Literal["+", "-", "~"]


@dataclass(frozen=True, slots=True)
class StepChange:
    """`+` is new, `-` gone, `~` other. `people` stand in it now, with so many `runs`; of a new one `before` come to it, `past` it are the
    others. `to`: where people of one that is gone go. `retimed` of them get another instant. `first` and `last`: when the next and the last (of these, where there
    are any) go on by time. `held`: messages of a send that are due or held, which go out as they were planned in what `as_planned` names. `leaving`: others
    who stand in it and leave."""

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
    retimed: int = 0
    held: int = 0
    as_planned: tuple[str, ...] = ()
    leaving: int = 0


class _Held(TypedDict):
    held: int
    as_planned: tuple[str, ...]


def moved(was: Journey, will_be: Journey, people: People) -> Counter[str]:
    """Step of the new version, or `exit`, to the people who are sent there because theirs is gone or its people leave."""
    fate = fates(will_be)

    def goal(place: Place) -> str | None:
        goes = fate(place)
        return goes.to if goes.kind in ("moves", "leaves") else None

    return people.crowd(was.name).by(goal)


def step_changes(was: Journey, will_be: Journey, old: Tree, new: Tree, people: People, fate: Fates) -> tuple[StepChange, ...]:
    """In the order of the new file; then what is gone."""
    (before, old_lists), (after, new_lists) = read_steps(old), read_steps(new)
    origin = {name: next((old for old, now in will_be.was.items() if now == name and old in before), name) for name in after}
    names, elsewhere = names_in(after, will_be), places(old_lists, new_lists, {name: old for name, old in origin.items() if _same(before.get(old), after[name])})  # fmt: skip
    crowd = people.crowd(was.name)
    found: list[StepChange] = []
    kept: set[str] = set()
    for name, step in after.items():
        earlier = origin[name]
        known = before.get(earlier)
        if known is None or not _same(known, step):
            ahead = crowd.people(reaching(will_be, names[name], fate))
            found.append(StepChange("+", name, word_of(step), "", 0, before=ahead, past=people.inside(was.name) - ahead))
            continue
        kept.add(earlier)
        renamed = [f"was '{earlier}'"] if earlier != name else []
        change = _other(name, earlier, word_of(step), ", ".join(renamed + elsewhere.get(name, []) + differences(known, step)), crowd, fate)
        if change.what or change.retimed:
            found.append(replace(change, **_as_planned(was.name, earlier, known, step, will_be, people, fate)))
    gone = {(name, word_of(step)): None for name, step in before.items() if name not in kept}
    gone |= dict.fromkeys(_gone_earlier(crowd, fate, set(gone)))
    return (*found, *(_gone(name, word, crowd, will_be, fate) for name, word in gone))


def _same(old: Tree | None, new: Tree) -> bool:
    return old is not None and word_of(old) == word_of(new)


def _other(name: str, earlier: str, word: str, what: str, crowd: Crowd, fate: Fates) -> StepChange:
    def here(place: Place) -> bool:
        goes = fate(place)
        return goes.to == name if goes.kind == "stays" else goes.kind in ("keeps", "leaves") and _is(place, earlier, word)

    def goes_on(place: Place) -> bool:
        return here(place) and fate(place).kind != "leaves"

    standing, goes, retimed = crowd.standing(here), crowd.standing(goes_on), crowd.standing(lambda place: place.retimed and goes_on(place))
    if not goes.people or goes.people == standing.people:
        change = _change("~", name, word, what, standing, EXIT if standing.people and not goes.people else "")
    else:
        change = replace(_change("~", name, word, what, goes), leaving=crowd.people(here) - goes.people)
    return replace(change, retimed=retimed.people, first=retimed.first, last=retimed.last) if retimed.people else change


def _as_planned(name: str, earlier: str, old: Tree, new: Tree, will_be: Journey, people: People, fate: Fates) -> _Held:
    keys = kept_keys(old, new) if "send" in new and will_be.in_flight.runs != "continue" else ()
    held = still_to_go(name, earlier, will_be, people, fate) if keys else 0
    return {"held": held, "as_planned": keys if held else ()}


def _gone_earlier(crowd: Crowd, fate: Fates, known: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Steps that only earlier versions have, with people who have to go."""
    lost = {(place.step, place.word) for place in crowd.spots if fate(place).kind in ("moves", "stranded") and not fate(place).whole}
    lost |= {(place.step, place.word) for place in crowd.spots if fate(place).kind == "leaves" and not fate(place).whole and not place.over}
    named = {name for name, _word in known}
    return sorted(one for one in lost if one not in known and not (one[1] == "" and one[0] in named))


def _gone(name: str, word: str, crowd: Crowd, will_be: Journey, fate: Fates) -> StepChange:
    runs = will_be.in_flight.runs

    def here(place: Place) -> bool:
        return _is(place, name, word) and fate(place).kind != "stays" and (fate(place).kind != "keeps" or runs == "continue")

    to = next(
        (fate(place).to for place in sorted(crowd.spots, key=lambda place: place.over) if here(place)),
        will_be.in_flight.removed.get(name, ""),
    )
    return _change("-", name, word, "removed", crowd.standing(here), EXIT if runs == "exit" else "" if runs == "continue" else to)


def _is(place: Place, step: str, word: str) -> bool:
    """Whether somebody there stands in the step of this name and kind."""
    return place.step == step and (not word or place.word in ("", word))


def _change(mark: Mark, step: str, word: str, what: str, standing: Standing, to: str = "") -> StepChange:
    return StepChange(mark, step, word, what, standing.people, standing.runs, standing.first, standing.last, to)
