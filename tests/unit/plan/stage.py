"""A deployment in a few lines: files in force, people inside; each version is planned and carried over as `concierge apply` does it."""

from collections import Counter
from collections.abc import Mapping

from orchestrator.content.check import check_message
from orchestrator.engine.batch import Outcome
from orchestrator.plan.draws import draws
from orchestrator.plan.later import Later
from orchestrator.plan.people import People, where_people_stand
from orchestrator.plan.plan import Plan, make_plan
from orchestrator.workspace.earlier import Wanted, carried, own
from orchestrator.workspace.entrances import entrances
from orchestrator.workspace.load import load_files
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import files
from tests.worlds import T0, Engine

HELD = "topics: {news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}}\nsuppression: [{rule: gold, when: customer.tier == 'gold', classes: [service], then: hold}]\n"
"""Policies that hold every message to somebody whose tier is gold."""


def load(given: Mapping[str, bytes]) -> Workspace:
    found = load_files(given, {}, check_message, tests=False)
    assert found.workspace is not None, found.findings
    return found.workspace


class Stage:
    """The journey `try_it`, entered by `Basket Changed`; `more` replaces files of config by name."""

    def __init__(self, journey: str, messages: Mapping[str, str] | None = None, **more: str) -> None:
        self.more = more
        self.files = files({"try_it": journey}, messages, **more)
        self.engine = Engine(load(self.files))
        self.at = T0

    def enter(self, at: int, *people: str, basket: str = "b1", **traits: object) -> None:
        self.wait(at)
        new = [who for who in people if who not in self.engine.customers]
        known = [self.engine.identify(who, at, email=f"{who}@example.com", phone="+447911123456", **traits) for who in new]
        self.engine.apply([*known, *(self.engine.event(who, at, "Basket Changed", basket=basket) for who in people)], until=at)

    def wait(self, until: int) -> None:
        self.at = until
        self.engine.apply([], until=until)

    def next(self, journey: str, messages: Mapping[str, str] | None = None, **more: str) -> dict[str, bytes]:
        return files({"try_it": journey} if journey else {}, messages, **{**self.more, **more})

    def look(self, after: Workspace) -> People:
        changing = draws(after.name, load(self.files).journeys, after.journeys)
        return where_people_stand(
            self.engine.customers.values(),
            changing,
            Later(after, self.at, entrances(load(self.files)) != entrances(after), load(self.files)),
        )

    def plan(self, given: dict[str, bytes], *, exit_runs: bool = False) -> Plan:
        after = load(given)
        return make_plan((load(self.files), own(self.files)), (after, given), self.look(after), exit_runs=exit_runs)

    def switch(self, given: dict[str, bytes]) -> Outcome:
        after = load(given)
        people = where_people_stand(self.engine.customers.values())
        self.files = carried((load(self.files), self.files), after, given, Wanted(people.may_be_in, people.may_be_sent))
        return self.engine.switch(load(self.files), self.at)

    def standing(self) -> Counter[str]:
        return Counter(run.node for customer in self.engine.customers.values() for run in customer.runs)

    def versions(self) -> Counter[str]:
        return Counter(run.version[:6] for customer in self.engine.customers.values() for run in customer.runs)
