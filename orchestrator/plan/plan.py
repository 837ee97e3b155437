"""What would change with another version of the workspace, and for whom. Pure: two versions and where people stand give a plan."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from orchestrator.expressions.durations import write_duration
from orchestrator.plan.broadcast import last_entry
from orchestrator.plan.draws import draws, shown
from orchestrator.plan.entering import Enters
from orchestrator.plan.fate import Fates, fates
from orchestrator.plan.messages import MESSAGES, MessageChange, message_changes
from orchestrator.plan.people import People
from orchestrator.plan.pinned import newer
from orchestrator.plan.refusal import Refusal, may_still_fall, not_sent_yet, refusals, still_sent
from orchestrator.plan.standing import Crowd
from orchestrator.plan.steps import StepChange, step_changes
from orchestrator.plan.unsent import cancelled, dropped_by_limit, falls_no_more
from orchestrator.plan.written import Tree, differences, read_tree
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.unnamed_step import speaks_of
from orchestrator.workspace.workspace import Workspace

JOURNEYS = "config/journeys/"
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
    messages that are due or held and are never sent: their run ends, or their step is gone (`journey_exited`). `leaving` people end at the apply
    instant (`version_exit`), and those who are `too_old` (`max_age`); `earlier` come over from versions before the one in force. `runs`: how many these people have. `idle`: what `removed`
    names although it is here as it was, so that it sends nobody anywhere. `newer`: people who have kept the text they began with and now get the
    one in force. `once`: when the last people enter by a `once` that is new (ms). `forgotten`: steps whose oldest name is not in their `was` any
    more, and what to write. `falls_no_more`: messages that are sent and go on to no other channel, because the step that sent them is gone.
    `dropped`: messages that wait for the next day of the limit, which drops them now where it is still reached."""

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
    runs: int = 0
    leaving: int = 0
    earlier: int = 0
    idle: tuple[str, ...] = ()
    newer: int = 0
    once: int | None = None
    too_old: int = 0
    forgotten: tuple[str, ...] = ()
    falls_no_more: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """`base` and `next` are the versions of the whole workspace; `base` empty before the first apply. `entering`: by what audience, and how
    many people, journeys have an entry to judge at once."""

    base: str
    next: str
    journeys: tuple[JourneyChange, ...] = ()
    messages: tuple[MessageChange, ...] = ()
    others: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    people: int = 0
    damaged: int = 0
    entering: tuple[Enters, ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing would change."""
        return self.base == self.next


Version = tuple[Workspace, Mapping[str, bytes]]


def make_plan(old: Version | None, new: Version, people: People, *, exit_runs: bool = False) -> Plan:
    """`exit_runs`: people whose step or journey is gone leave (`version_exit`) instead of standing in the way."""
    before: Mapping[str, Journey] = {} if old is None else old[0].journeys
    in_force, old_files = (None, {}) if old is None else old
    workspace, files = new
    journeys: list[JourneyChange] = []
    refused: list[Refusal] = []
    cancels: Counter[str] = Counter()
    for name in sorted({*before, *workspace.journeys}):
        was, will_be = before.get(name), workspace.journeys.get(name)
        if was is not None and will_be is not None and (was.version, was.max_age) == (will_be.version, will_be.max_age):
            continue
        fate = fates(will_be, exit_runs=exit_runs)
        gone = cancelled(name, will_be, people, fate)
        trees = read_tree(old_files, JOURNEYS, name), read_tree(files, JOURNEYS, name)
        drawn = _draws(workspace.name, was, will_be, people)
        journeys.append(
            replace(
                _journey(name, was, will_be, *trees, people, fate),
                draws=drawn,
                cancelled=gone.total(),
                falls_no_more=falls_no_more(name, will_be, people),
                dropped=dropped_by_limit(name, was, will_be, people, fate),
                newer=newer(in_force, workspace, people, name),
                once=last_entry(was, will_be, workspace),
            )
        )
        cancels += gone
        if was is not None and not exit_runs:
            refused += refusals(was, will_be, people)
    messages = message_changes((in_force, old_files), (workspace, files), people, cancels)
    removed = [one.name for one in messages if one.removed]
    refused += [
        *not_sent_yet(removed, people, cancels),
        *may_still_fall(removed, workspace, people),
        *still_sent(in_force, workspace, people),
    ]
    return Plan(
        "" if in_force is None else in_force.version, workspace.version, tuple(journeys), tuple(messages), _others(old_files, files, {one.name for one in journeys}),
        _history(in_force, workspace), tuple(refused), people.looked_at, people.damaged,
        tuple(Enters(*one, number) for one, number in sorted(people.entering.items())),
    )  # fmt: skip


def _draws(workspace: str, was: Journey | None, will_be: Journey | None, people: People) -> tuple[DrawChange, ...]:
    if was is None or will_be is None:
        return ()
    return tuple(
        DrawChange(one.step[1], shown(one.before), shown(one.after), None if one.by_run else people.redrawn[one.key], people.kept[one.key])
        for one in draws(workspace, {was.name: was}, {was.name: will_be})
    )


def _journey(name: str, was: Journey | None, will_be: Journey | None, old: Tree, new: Tree, people: People, fate: Fates) -> JourneyChange:
    crowd = people.crowd(name)
    standing = crowd.standing()
    header = () if was is None or will_be is None else (*differences(_header(old), _header(new)), *_by_default(was, will_be, new))
    in_flight = "" if will_be is None else f"{will_be.in_flight.runs}, waits: {will_be.in_flight.waits}"
    return JourneyChange(
        name, "removed" if will_be is None else will_be.status, "" if was is None else was.version[:6], "" if will_be is None else will_be.version[:6],
        standing.people, in_flight, header, () if was is None or will_be is None else step_changes(was, will_be, old, new, people, fate),
        runs=standing.runs, leaving=crowd.people(lambda place: fate(place).by_version), too_old=crowd.people(lambda place: fate(place).too_old),
        earlier=0 if was is None else crowd.people(lambda place: place.version != was.version and fate(place).kind in ("stays", "moves")),
        idle=() if was is None or will_be is None else _idle(was, will_be, crowd, fate),
        forgotten=() if was is None or will_be is None else tuple(_forgotten(was, will_be)),
    )  # fmt: skip


def _by_default(was: Journey, will_be: Journey, new: Tree) -> list[str]:
    """The greatest age of those journeys that name none is the workspace's."""
    if was.max_age == will_be.max_age or "max_age" in new:
        return []
    return [f"max_age {write_duration(was.max_age)} → {write_duration(will_be.max_age)} (concierge.yaml)"]


def _idle(was: Journey, will_be: Journey, crowd: Crowd, fate: Fates) -> tuple[str, ...]:
    sent = {speaks_of(place.step) or place.step for place in crowd.spots if fate(place).kind in ("moves", "leaves") and not place.over}
    same = {name for name, step in will_be.steps.items() if type(was.steps.get(name)) in (type(step), type(None))}
    return tuple(name for name in will_be.in_flight.removed if name in same - sent)


def _forgotten(was: Journey, will_be: Journey) -> Iterator[str]:
    taken = {now for name, now in will_be.was.items() if name in was.steps and now in was.steps}
    for old, step in was.steps.items():
        new = will_be.was.get(old, old)
        if old.startswith("#") or old in taken or type(will_be.steps.get(new)) is not type(step) or will_be.origin(new) == was.origin(old):
            continue
        names = [name for name, now in was.was.items() if now == old]
        yield f"'{new}' began as '{was.origin(old)}': was: [{', '.join(names if new == old else [*names, old])}], or what is drawn and counted by it begins anew"


def _header(tree: Tree) -> Tree:
    return {key: value for key, value in tree.items() if key not in _STEPS_ASIDE and not key.startswith("x_")}


def _others(old: Mapping[str, bytes], new: Mapping[str, bytes], journeys: Collection[str]) -> tuple[str, ...]:
    """Files that are neither messages nor `journeys`, which are told by themselves; of another journey what is other, which nothing runs by."""
    found = []
    for path in sorted({*old, *new}):
        if old.get(path) == new.get(path):
            continue
        folder = next((folder for folder in (JOURNEYS, MESSAGES) if path.startswith(folder)), "")
        name = path.rsplit("/", 1)[-1].removesuffix(".yaml")
        if not folder or name.endswith(".test"):
            found.append(f"{path} {'added' if path not in old else 'removed' if path not in new else 'changed'}")
        elif folder == JOURNEYS and name not in journeys:
            told = differences(read_tree(old, folder, name), read_tree(new, folder, name))
            found += [f"{path}: {', '.join(told[:3])}{' …' if len(told) > 3 else ''}; it runs as before"] if told else []
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
