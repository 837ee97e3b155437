"""Writes down what happens on a stage, and counts it at the end."""

import zlib
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from itertools import combinations

import msgspec

from orchestrator.contracts.message import OutboundMessage, TextContent
from orchestrator.engine.batch import Outcome
from orchestrator.profiles.address import read_phone
from orchestrator.profiles.zone import zone_of
from orchestrator.simulation.tally import Most, Tally
from orchestrator.workspace.workspace import Workspace


class Sent(msgspec.Struct, frozen=True):
    """One message that went out: its instant in milliseconds, the recipient's local day (ordinal), and a checksum of the content."""

    at: int
    day: int
    journey: str
    step: str
    channel: str
    message: str
    text: int


Withheld = Counter[tuple[str, str, str, str]]
"""(journey, step, effect, reason) of what one person did not get, or got later."""


class Notebook:
    """Of one stage. With `lines`, what was withheld from whom is kept too, so that two notebooks can be compared."""

    def __init__(self, workspace: Workspace, *, lines: bool = False) -> None:
        self.sent_to: dict[str, list[Sent]] = {}
        self.withheld: dict[str, Withheld] = {}
        self.dead: list[tuple[int, str, str]] = []
        """(offset, reason, sentence) of inputs that are dead letters."""
        self._workspace = workspace
        self._lines = lines
        self._hours: Counter[tuple[str, int]] = Counter()
        self._minutes: Counter[tuple[str, int]] = Counter()
        self._parts: Counter[tuple[str, str]] = Counter()
        self._messages: Counter[tuple[str, str, str, str]] = Counter()
        self._decisions: Counter[tuple[str, str, str, str, str]] = Counter()
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._ended: Counter[tuple[str, str, str]] = Counter()
        self._together: dict[str, set[tuple[str, str]]] = {}

    def applied(self, at: int, outcome: Outcome) -> None:  # noqa: ARG002  (the protocol's signature)
        """Decisions, endings, and who is on several journeys now."""
        for decision in outcome.decisions:
            if decision.effect == "S":
                continue
            journey, step, reason = decision.journey or "", decision.step or "", decision.reason.value
            self._decisions[decision.effect, reason, decision.rule or "", journey, step] += 1
            if self._lines:
                self.withheld.setdefault(decision.customer, Counter())[journey, step, decision.effect, reason] += 1
        for ending in outcome.endings:
            self._ended[ending.journey, ending.how, ending.label or ""] += 1
        self._counts.update({labels: number for labels, number in outcome.counts.items() if labels[0] in _COUNTED})
        self.dead += [(letter.offset, letter.reason.value, letter.error) for letter in outcome.dead_letters]
        for customer in outcome.customers.values():
            if customer.has_read_runs and len(customer.runs) > 1:
                names = sorted({run.journey for run in customer.runs})
                if len(names) > 1:
                    self._together.setdefault(customer.id, set()).update(combinations(names, 2))

    def sent(self, at: int, message: OutboundMessage, outcome: Outcome) -> None:
        """One message more."""
        zone = zone_of(outcome.customers[message.customer], self._workspace)
        local = datetime.fromtimestamp(at / 1000, zone)
        content = message.content
        journey, step = message.journey or "", message.step or ""
        text = zlib.crc32(msgspec.json.encode(content)) if self._lines else 0
        one = Sent(at, local.toordinal(), journey, step, message.channel, message.message, text)
        self.sent_to.setdefault(message.customer, []).append(one)
        self._messages[journey, step, message.message, message.channel] += 1
        self._hours[message.channel, local.hour] += 1
        self._minutes[message.channel, at // 60_000] += 1
        number = None if message.channel == "email" else read_phone(message.to, self._workspace.country)
        parts = max(content.segments, 1) if isinstance(content, TextContent) else 1
        self._parts[message.channel, (number.country or "") if number is not None else ""] += parts

    def join(self, absorbed: Mapping[str, str]) -> None:
        """These ids turned out to be those people's: what they got, these got."""
        for one, user in absorbed.items():
            if one in self.sent_to:
                sent = [*self.sent_to.get(user, ()), *self.sent_to.pop(one)]
                self.sent_to[user] = sorted(sent, key=lambda message: message.at)
            if one in self.withheld:
                self.withheld.setdefault(user, Counter()).update(self.withheld.pop(one))
            if one in self._together:
                self._together.setdefault(user, set()).update(self._together.pop(one))

    def renamed(self, names: Mapping[tuple[str, str], tuple[str, str]]) -> "Notebook":
        """What each person got and did not get, by other names of steps. (journey, step) to the same."""
        found = Notebook(self._workspace, lines=True)
        for customer, sent in self.sent_to.items():
            found.sent_to[customer] = [
                msgspec.structs.replace(one, step=names.get((one.journey, one.step), ("", one.step))[1]) for one in sent
            ]
        for customer, withheld in self.withheld.items():
            mine = found.withheld.setdefault(customer, Counter())
            for (journey, step, *rest), number in withheld.items():
                mine[journey, names.get((journey, step), ("", step))[1], rest[0], rest[1]] += number
        return found

    def tally(self, customers: int, events: int) -> Tally:
        """Everything counted."""
        together: Counter[tuple[str, str]] = Counter()
        for pairs in self._together.values():
            together.update(pairs)
        people = Counter(len(sent) for sent in self.sent_to.values())
        people[0] += customers - len(self.sent_to)
        day = week = Most()
        for customer, sent in self.sent_to.items():
            day = day.or_more(_most(customer, [date.fromordinal(one.day).isoformat() for one in sent]))
            week = week.or_more(_most(customer, [_week(one.day) for one in sent]))
        return Tally(
            customers=customers, events=events, overlapping=len(self._together), refused=Counter(reason for _, reason, _ in self.dead),
            messages=self._messages, hours=self._hours, minutes=self._minutes, parts=self._parts, decisions=self._decisions,
            started=self._of("runs_started"), ended=self._ended, goals=self._of("goals"), together=together,
            people={number: count for number, count in people.items() if count}, day=day, week=week,
        )  # fmt: skip

    def _of(self, name: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for labels, number in self._counts.items():
            if labels[0] == name:
                found[labels[1]] += number
        return found


_COUNTED = frozenset(("runs_started", "goals"))


def _week(day: int) -> str:
    year, week, _ = date.fromordinal(day).isocalendar()
    return f"{year}-W{week:02d}"


def _most(customer: str, when: list[str]) -> Most:
    name, number = min(Counter(when).items(), key=lambda one: (-one[1], one[0]))
    return Most(number, customer, name)
