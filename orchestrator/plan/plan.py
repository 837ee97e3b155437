"""What would change with another version of the workspace, and for whom. Pure: two versions and where people stand give a plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.expressions.durations import write_duration
from orchestrator.plan.draws import draws, shown
from orchestrator.plan.people import People
from orchestrator.plan.pinned import earlier_texts, keeps_its_text
from orchestrator.plan.refusal import Refusal, not_sent_yet, refusals, still_sent
from orchestrator.plan.steps import StepChange, moved_to, step_changes
from orchestrator.plan.written import Tree, differences, read_tree
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import EXIT
from orchestrator.workspace.workspace import Workspace

JOURNEYS, MESSAGES = "config/journeys/", "templates/messages/"
_STEPS_ASIDE = frozenset(("steps", "title", "description", "owner", "tags", "note"))


@dataclass(frozen=True, slots=True)
class DrawChange:
    """A holdout (`step` empty) or a split whose shares change. `people` have been in the journey and would be on another side at a later
    entry or visit (None: every run draws for itself); `kept` runs go on with the arm they have."""

    step: str
    before: str
    after: str
    people: int | None
    kept: int


@dataclass(frozen=True, slots=True)
class JourneyChange:
    """`before` and `after` are versions, empty where there is no such journey; `header` says what is other before the steps. `cancelled`:
    messages that are due or held and go with the runs that end, or with the step that is gone (`journey_exited`)."""

    name: str
    status: str
    before: str
    after: str
    people: int
    in_flight: str
    header: tuple[str, ...] = ()
    steps: tuple[StepChange, ...] = ()
    draws: tuple[DrawChange, ...] = ()
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class MessageChange:
    """`waiting`: messages of this name that are due or held; of these `pinned` keep the text they have, the others will use the new one.
    `keep`: people in journeys that send it, wherever they stand, who go on with the text they began with."""

    name: str
    changes: tuple[str, ...]
    waiting: int
    pinned: int = 0
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """`base` and `next` are the versions of the whole workspace; `base` empty before the first apply."""

    base: str
    next: str
    journeys: tuple[JourneyChange, ...] = ()
    messages: tuple[MessageChange, ...] = ()
    others: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    people: int = 0
    damaged: int = 0

    @property
    def empty(self) -> bool:
        """Nothing would change."""
        return self.base == self.next


Version = tuple[Workspace, Mapping[str, bytes]]


def make_plan(old: Version | None, new: Version, people: People, *, exit_runs: bool = False) -> Plan:
    """`exit_runs`: people whose step or journey is gone leave (`version_exit`) instead of standing in the way."""
    before: Mapping[str, Journey] = {} if old is None else old[0].journeys
    old_files: Mapping[str, bytes] = {} if old is None else old[1]
    workspace, files = new
    journeys: list[JourneyChange] = []
    refused: list[Refusal] = []
    for name in sorted({*before, *workspace.journeys}):
        was, will_be = before.get(name), workspace.journeys.get(name)
        if was is not None and will_be is not None and was.version == will_be.version:
            continue
        trees = read_tree(old_files, JOURNEYS, name), read_tree(files, JOURNEYS, name)
        journeys.append(_journey(name, was, will_be, *trees, people, _draws(workspace.name, was, will_be, people), exit_runs=exit_runs))
        if was is not None and not exit_runs:
            refused += refusals(was, will_be, people)
    messages = _messages((None if old is None else old[0], old_files), (workspace, files), people)
    gone = {change.name for change in messages if change.changes == ("removed",)}
    refused += [*not_sent_yet(gone, people), *still_sent(None if old is None else old[0], workspace, people)]
    return Plan(
        "" if old is None else old[0].version, workspace.version, tuple(journeys), tuple(messages), _others(old_files, files),
        _history(None if old is None else old[0], workspace), tuple(refused), people.looked_at, people.damaged,
    )  # fmt: skip


def _draws(workspace: str, was: Journey | None, will_be: Journey | None, people: People) -> tuple[DrawChange, ...]:
    if was is None or will_be is None:
        return ()
    return tuple(
        DrawChange(one.step[1], shown(one.before), shown(one.after), None if one.by_run else people.redrawn[one.key], people.kept[one.key])
        for one in draws(workspace, {was.name: was}, {was.name: will_be})
    )


def _cancelled(was: Journey | None, will_be: Journey | None, people: People, *, exit_runs: bool) -> int:
    """Messages of runs that end, and of steps that are gone."""
    if was is None:
        return 0
    found = 0
    for (journey, node, step), number in people.waiting.items():
        if journey != was.name:
            continue
        if will_be is None or will_be.in_flight.runs == "exit":
            found += number
        elif node in was.steps:
            to = moved_to(was, will_be, node)
            ends = to == EXIT or (to is None and exit_runs)
            found += number if ends or (step == node and to != will_be.was.get(node, node)) else 0
    return found


def _journey(
    name: str, was: Journey | None, will_be: Journey | None, old: Tree, new: Tree, people: People, drawn: tuple[DrawChange, ...], *,
    exit_runs: bool,
) -> JourneyChange:  # fmt: skip
    header = () if was is None or will_be is None else tuple(differences(_header(old), _header(new)))
    in_flight = "" if will_be is None else f"{will_be.in_flight.runs}, waits: {will_be.in_flight.waits}"
    steps = () if was is None or will_be is None else step_changes(was, will_be, old, new, people)
    status = will_be.status if will_be is not None else "removed"
    return JourneyChange(
        name, status, "" if was is None else was.version[:6], "" if will_be is None else will_be.version[:6], people.inside(name), in_flight, header, steps,
        drawn, _cancelled(was, will_be, people, exit_runs=exit_runs),
    )  # fmt: skip


def _header(tree: Tree) -> Tree:
    return {key: value for key, value in tree.items() if key not in _STEPS_ASIDE and not key.startswith("x_")}


def _messages(
    before: tuple[Workspace | None, Mapping[str, bytes]], after: tuple[Workspace, Mapping[str, bytes]], people: People
) -> list[MessageChange]:
    (was_in_force, old), (workspace, new) = before, after

    def names(files: Mapping[str, bytes]) -> set[str]:
        return {path.rsplit("/", 1)[-1].removesuffix(".yaml") for path in files if path.startswith(MESSAGES) and path.endswith(".yaml")}

    kept = earlier_texts(was_in_force, workspace, people)
    found: list[MessageChange] = []
    for name in sorted(names(old) | names(new)):
        was, will_be = read_tree(old, MESSAGES, name), read_tree(new, MESSAGES, name)
        if was == will_be:
            continue
        changes = ("added",) if not was else ("removed",) if not will_be else tuple(differences(was, will_be))
        pinned = sum(
            number for (message, journey, version), number in people.unsent.items()
            if message == name and keeps_its_text(was_in_force, workspace, journey, version)
        )  # fmt: skip
        keep = sum(number for message, number in kept.items() if message[1] == name)
        found.append(MessageChange(name, changes, people.messages[name], pinned, keep))
    return found


def _others(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[str, ...]:
    """Files that are neither journeys nor messages nor tests."""
    found = []
    for path in sorted({*old, *new}):
        if path.startswith((JOURNEYS, MESSAGES)) or path.endswith(".test.yaml") or old.get(path) == new.get(path):
            continue
        found.append(f"{path} {'added' if path not in old else 'removed' if path not in new else 'changed'}")
    return tuple(found)


def _history(old: Workspace | None, new: Workspace) -> tuple[str, ...]:
    """Pasts that nobody asked for until now start empty; those that are asked for longer start with what is kept."""
    if old is None:
        return ()
    found = [f"'{event}' is new: its past starts empty at apply" for event in sorted(new.history) if event not in old.history]
    for event, wanted in sorted(new.history.items()):
        kept = old.history.get(event)
        if event in old.history and wanted is not None and (kept is None or wanted > kept):
            had = "nothing but how often" if kept is None else write_duration(kept)
            found.append(f"'{event}' is asked for {write_duration(wanted)}, {had} is kept: it starts with that at apply")
    return tuple(found)
