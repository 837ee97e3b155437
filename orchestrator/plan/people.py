"""Who stands where: people in the steps of journeys, and messages that are not sent yet."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from orchestrator.model.customer import Customer, DamagedProfile
from orchestrator.model.run import Run
from orchestrator.plan.draws import Draw
from orchestrator.plan.standing import Crowd, Place, Standing


class Unsent(NamedTuple):
    """A message that is due or held. `place`: where its run stands, None where that is over; `version` is the journey's that it goes by.
    `farewell`: it is of an exit's `then`, and does not go with its run."""

    message: str
    journey: str
    version: str
    step: str
    place: Place | None
    farewell: bool


class Text(NamedTuple):
    """A version of all messages that somebody goes on with in a version of a journey (empty: the one in force)."""

    journey: str
    version: str
    content: str


@dataclass(slots=True)
class People:
    """Everybody, counted. `damaged` profiles cannot be read, and nobody knows where those people stand."""

    crowds: dict[str, Crowd] = field(default_factory=dict)
    """By journey."""
    unsent: Counter[Unsent] = field(default_factory=Counter)
    redrawn: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By draw: people who would be on another side, runs that keep theirs."""
    contents: Counter[str] = field(default_factory=Counter)
    """Of all messages, that runs and messages go on with."""
    texts: Counter[frozenset[Text]] = field(default_factory=Counter)
    """How many people go on with exactly these."""
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


def where_people_stand(customers: Iterable[Customer], draws: Sequence[Draw] = ()) -> People:
    """Everybody, each once; who was absorbed or erased has no runs. `draws`: holdouts and splits whose shares change."""
    found = People()
    for customer in customers:
        found.looked_at += 1
        try:
            runs, messages = customer.runs, customer.messages
            _entries = customer.entries if draws else None
        except DamagedProfile:
            found.damaged += 1
            continue
        if runs:
            _note_runs(found, runs)
        if runs or messages.planned or messages.sent:
            _note_messages(found, customer)
        for draw in draws:
            found.redrawn[draw.key] += draw.redrawn(customer)
            found.kept[draw.key] += draw.kept(customer)
    return found


def _note_runs(found: People, runs: Sequence[Run]) -> None:
    by_journey: dict[str, list[tuple[Place, int | None]]] = {}
    for run in runs:
        found.contents[run.content] += 1
        by_journey.setdefault(run.journey, []).append((_place(run), run.due))
    for journey, places in by_journey.items():
        found.crowds.setdefault(journey, Crowd()).add(places)


def _note_messages(found: People, customer: Customer) -> None:
    """A message goes by the version of its run, of one that is over by the version it came due in."""
    inside = {run.id: run for run in customer.runs}
    texts = {Text(run.journey, run.version, run.content) for run in customer.runs}
    planned = customer.messages.planned
    for one in planned:
        run = inside.get(one.run_id)
        facts, place = one.facts, None if run is None else _place(run)
        version = facts.version if place is None else place.version
        found.unsent[Unsent(one.message, facts.journey, version, one.step, place, one.exit_message)] += 1
    for plan in (*planned, *(plan for plan in (sent.plan for sent in customer.messages.sent) if plan is not None)):
        found.contents[plan.facts.content] += 1
        if plan.facts.content:
            run = inside.get(plan.run_id)
            texts.add(Text(plan.facts.journey, plan.facts.version if run is None else run.version, plan.facts.content))
    if texts:
        found.texts[frozenset(texts)] += 1


def _place(run: Run) -> Place:
    return Place(run.version, run.node, run.state)


def counted(number: int, runs: int = 0) -> str:
    """`1 person`, `2 people`, `2 people (3 runs)` where these have more runs."""
    more = f" ({runs} runs)" if runs > number else ""
    return f"{number} {'person' if number == 1 else 'people'}{more}"
