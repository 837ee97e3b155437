"""Who stands where: people in the steps of journeys, and messages that are not sent yet."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from orchestrator.model.customer import Customer, DamagedProfile
from orchestrator.plan.draws import Draw


@dataclass(slots=True)
class Standing:
    """People in one step. `first` and `last`: when the next and the last of them go on by time (milliseconds), None where only an event
    moves them."""

    people: int = 0
    first: int | None = None
    last: int | None = None

    def add(self, due: int | None) -> None:
        """One more."""
        self.people += 1
        if due is not None:
            self.first = due if self.first is None else min(self.first, due)
            self.last = due if self.last is None else max(self.last, due)


@dataclass(slots=True)
class People:
    """Journey to step to who stands there; journey and step, and message, to messages that are due or held. `damaged` profiles cannot
    be read, and nobody knows where those people stand."""

    steps: dict[str, dict[str, Standing]] = field(default_factory=dict)
    planned: Counter[tuple[str, str]] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    waiting: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Journey, the step its run stands in, the step it is of: messages that are due or held and would go if the run ended."""
    redrawn: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By draw: people who would be on another side, runs that keep theirs."""
    versions: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Of journeys, that runs go by."""
    contents: Counter[str] = field(default_factory=Counter)
    """Of all messages, that runs and messages go on with."""
    unsent: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Messages that are due or held: message, journey, the journey's version."""
    texts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """People by journey, its version and the version of all messages they go on with there (empty: the one in force)."""
    looked_at: int = 0
    damaged: int = 0

    def inside(self, journey: str) -> int:
        """People in a journey."""
        return sum(one.people for one in self.steps.get(journey, {}).values())

    def may_be_in(self, journey: str, version: str) -> bool:
        """Whether somebody goes by that version, as far as all profiles can be read."""
        return self.damaged > 0 or self.versions[journey, version] > 0

    def may_be_sent(self, content: str) -> bool:
        """Whether somebody goes on with that version of all messages, as far as all profiles can be read."""
        return self.damaged > 0 or self.contents[content] > 0

    def at(self, journey: str, step: str) -> Standing:
        """Of one step."""
        return self.steps.get(journey, {}).get(step, Standing())


def where_people_stand(customers: Iterable[Customer], draws: Sequence[Draw] = ()) -> People:
    """Everybody, each once; who was absorbed or erased has no runs. `draws`: holdouts and splits whose shares change."""
    found = People()
    for customer in customers:
        found.looked_at += 1
        try:
            runs, planned, sent = customer.runs, customer.messages.planned, customer.messages.sent
            _entries = customer.entries if draws else None
        except DamagedProfile:
            found.damaged += 1
            continue
        for run in runs:
            found.versions[run.journey, run.version] += 1
            found.contents[run.content] += 1
            found.steps.setdefault(run.journey, {}).setdefault(run.node, Standing()).add(run.due)
        for one in planned:
            found.planned[one.facts.journey, one.step] += 1
            found.messages[one.message] += 1
            found.unsent[one.message, one.facts.journey, one.facts.version] += 1
        texts = {(run.journey, run.version, run.content) for run in runs}
        for facts in (*(one.facts for one in planned), *(plan.facts for plan in (out.plan for out in sent) if plan is not None)):
            found.contents[facts.content] += 1
            if facts.content:
                texts.add((facts.journey, facts.version, facts.content))
        found.texts.update(texts)
        if planned:
            places = {run.id: run.node for run in runs}
            found.waiting.update(
                (one.facts.journey, places[one.run_id], one.step) for one in planned if one.run_id in places and not one.exit_message
            )
        for draw in draws:
            found.redrawn[draw.key] += draw.redrawn(customer)
            found.kept[draw.key] += draw.kept(customer)
    return found


def counted(number: int) -> str:
    """`1 person`, `2 people`."""
    return f"{number} {'person' if number == 1 else 'people'}"
