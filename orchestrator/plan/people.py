"""Who stands where: people in the steps of journeys, and messages that are not sent yet."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from orchestrator.contracts.reason import Reason
from orchestrator.model.customer import Customer, DamagedProfile
from orchestrator.model.planned import Messages
from orchestrator.model.run import Run
from orchestrator.plan.draws import Draw
from orchestrator.plan.entering import Entering
from orchestrator.plan.later import Later
from orchestrator.plan.queued import Queued, places_anew
from orchestrator.plan.standing import Crowd, Place, Standing
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import END, EXIT

Stands = tuple[Run, Place, int | None]
"""Where a run stands, and when it goes on by time."""


class Unsent(NamedTuple):
    """A message that is due or held. `place`: where its run stands, None where that is over; `version` is the journey's that it goes by.
    `farewell`: it is of an exit's `then`, and does not go with its run. `limited`: it waits for the next day of its journey's limit."""

    message: str
    journey: str
    version: str
    step: str
    place: Place | None
    farewell: bool
    limited: bool = False


class Text(NamedTuple):
    """A version of all messages that somebody goes on with in a version of a journey (empty: the one in force)."""

    journey: str
    version: str
    content: str


class Falling(NamedTuple):
    """A message that is sent and may still go on to its next channel, and the step that sent it."""

    message: str
    journey: str
    step: str


@dataclass(slots=True)
class People:
    """Everybody, counted. `damaged` profiles cannot be read, and nobody knows where those people stand."""

    crowds: dict[str, Crowd] = field(default_factory=dict)
    """By journey."""
    unsent: Counter[Unsent] = field(default_factory=Counter)
    falling: Counter[Falling] = field(default_factory=Counter)
    redrawn: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By draw: people who would be on another side, runs that keep theirs."""
    contents: Counter[str] = field(default_factory=Counter)
    """Of all messages, that runs and messages go on with."""
    texts: Counter[frozenset[Text]] = field(default_factory=Counter)
    """How many people go on with exactly these."""
    entering: Counter[Entering] = field(default_factory=Counter)
    """How many enter at once by an audience."""
    looked_at: int = 0
    damaged: int = 0

    def crowd(self, journey: str) -> Crowd:
        """All who are in a journey."""
        return self.crowds.get(journey) or Crowd()

    def inside(self, journey: str) -> int:
        """People in a journey."""
        return self.crowd(journey).sets.total()

    def may_be_in(self, journey: str, version: str) -> bool:
        """Whether somebody goes by that version, as far as all profiles can be read."""
        return self.damaged > 0 or any(place.version == version for place in self.crowd(journey).spots)

    def may_be_sent(self, content: str) -> bool:
        """Whether somebody goes on with that version of all messages, as far as all profiles can be read."""
        return self.damaged > 0 or self.contents[content] > 0

    def at(self, journey: str, step: str) -> Standing:
        """In a step of this name, in any version."""
        return self.crowd(journey).standing(lambda place: place.step == step)

    def drawn(self, journey: Journey) -> tuple[Counter[str], Counter[str]]:
        """Step of a version to the people in it, also by an earlier name; and those who stand in steps that this version does not have."""
        here = self.crowd(journey.name).by(lambda place: journey.was.get(place.step, place.step))
        gone = {name: number for name, number in here.items() if name not in journey.steps and name not in (END, EXIT)}
        return here, Counter(dict(sorted(gone.items())))

    def versions(self) -> dict[tuple[str, str], int]:
        """(journey, version) to the people who go by it."""
        return {
            (name, version): number
            for name, crowd in sorted(self.crowds.items())
            for version, number in sorted(crowd.by(lambda place: place.version).items())
        }

    def waiting(self, message: str) -> int:
        """How many of a message are due or held."""
        return sum(number for one, number in self.unsent.items() if one.message == message)


def where_people_stand(customers: Iterable[Customer], draws: Sequence[Draw] = (), later: Later | None = None) -> People:
    """Everybody, each once; who was absorbed or erased has no runs. `draws`: holdouts and splits whose shares change. `later`: what gives
    people who wait another instant."""
    found = People()
    waiting: list[Queued] = []
    put_off: list[tuple[str, list[Stands], Messages]] = []
    for customer in customers:
        found.looked_at += 1
        try:
            runs, messages = customer.runs, customer.messages
            _entries = customer.entries if draws else None
            standing = [(run, *_place(customer, run, later)) for run in runs]
            queued = [] if later is None else [one for run in runs if (one := later.queued(customer, run)) is not None]
            enters = () if later is None else later.entering(customer)
        except DamagedProfile:
            found.damaged += 1
            continue
        found.entering.update(enters)
        for draw in draws:
            found.redrawn[draw.key] += draw.redrawn(customer)
            found.kept[draw.key] += draw.kept(customer)
        if queued:
            waiting += queued
            put_off.append((customer.id, standing, messages))
        else:
            _note(found, standing, messages)
    anew = places_anew(waiting, 0 if later is None else later.now)
    for name, standing, messages in put_off:
        _note(found, [_placed(*one, anew.get((name, one[0].id))) for one in standing], messages)
    return found


def _placed(run: Run, place: Place, due: int | None, anew: int | None) -> Stands:
    """With its new place in a queue, where it has one."""
    return (run, place, due) if anew is None else (run, place._replace(retimed=anew != run.due), anew)


def _note(found: People, standing: Sequence[Stands], messages: Messages) -> None:
    _note_runs(found, standing)
    if standing or messages.planned or messages.sent:
        _note_messages(found, messages, {run.id: (run, place) for run, place, _due in standing})


def _note_runs(found: People, standing: Iterable[Stands]) -> None:
    by_journey: dict[str, list[tuple[Place, int | None]]] = {}
    for run, place, due in standing:
        found.contents[run.content] += 1
        by_journey.setdefault(run.journey, []).append((place, due))
    for journey, places in by_journey.items():
        found.crowds.setdefault(journey, Crowd()).add(places)


def _note_messages(found: People, messages: Messages, inside: Mapping[str, tuple[Run, Place]]) -> None:
    """A message goes by the version of its run, of one that is over by the version it came due in."""
    texts = {Text(run.journey, run.version, run.content) for run, _place in inside.values()}
    plans = [one for one in (sent.plan for sent in messages.sent) if one is not None]
    for one in messages.planned:
        facts, place = one.facts, inside[one.run_id][1] if one.run_id in inside else None
        version = facts.version if place is None else place.version
        limited = one.reason == Reason.JOURNEY_LIMIT.value
        found.unsent[Unsent(one.message, facts.journey, version, one.step, place, one.exit_message, limited)] += 1
    found.falling.update(Falling(one.message, one.journey, one.step) for one in messages.sent if one.chain is not None)
    for one in (*messages.planned, *plans):
        facts = one.facts
        found.contents[facts.content] += 1
        if facts.content:
            texts.add(Text(facts.journey, inside[one.run_id][0].version if one.run_id in inside else facts.version, facts.content))
    if texts:
        found.texts[frozenset(texts)] += 1


def _place(customer: Customer, run: Run, later: Later | None) -> tuple[Place, int | None]:
    """Where it stands, and when it goes on by time."""
    if later is None:
        return Place(run.version, run.node, run.state), run.due
    due = later.due(customer, run)
    return Place(run.version, run.node, run.state, due != run.due, later.over(run)), due


def counted(number: int, runs: int = 0) -> str:
    """`1 person`, `2 people`, `2 people (3 runs)` where these have more runs."""
    more = f" ({runs} runs)" if runs > number else ""
    return f"{number} {'person' if number == 1 else 'people'}{more}"
