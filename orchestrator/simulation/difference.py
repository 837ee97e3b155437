"""What changes for whom between two versions: the same people and events, two notebooks."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from orchestrator.simulation.notebook import Notebook, Sent, Withheld
from orchestrator.simulation.tally import added
from orchestrator.workspace.workspace import Workspace

What = Literal["more", "less", "time", "channel", "text", "reason"]
EXAMPLES = 3
Change = tuple[What, str, str, str]
"""(what, journey, step, in which way)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`people` are those for whom anything changes; `changes` counts them by change; `examples` has the first few of each, with a
    sentence."""

    people: int = 0
    changes: Mapping[Change, int] = field(default_factory=dict)
    examples: Mapping[Change, Sequence[tuple[str, str]]] = field(default_factory=dict)

    def plus(self, other: "Difference") -> "Difference":
        """Of two groups of people."""
        examples = {
            change: sorted((*self.examples.get(change, ()), *other.examples.get(change, ())), key=_by_name)[:EXAMPLES]
            for change in {*self.examples, *other.examples}
        }
        return Difference(self.people + other.people, added(self.changes, other.changes), examples)


Step = tuple[str, str]
"""(journey, step)."""


def renamed(before: Workspace, after: Workspace) -> dict[Step, Step]:
    """Steps of `before` that are called otherwise in `after`, by `was` in one of the two files."""
    found: dict[Step, Step] = {}
    for name, journey in after.journeys.items():
        earlier = before.journeys.get(name)
        if earlier is None:
            continue
        back = {new: old for old, new in earlier.was.items() if old in journey.steps and new not in journey.steps}
        found |= {(name, old): (name, new) for old, new in (back | dict(journey.was)).items() if old in earlier.steps}
    return found


def difference(before: Notebook, after: Notebook, names: Mapping[Step, Step] | None = None) -> Difference:
    """Person by person. `names`: steps of the first that have another name in the second."""
    if names:
        before = before.renamed(names)
    people = 0
    changes: Counter[Change] = Counter()
    examples: dict[Change, list[tuple[str, str]]] = defaultdict(list)
    for customer in {*before.sent_to, *after.sent_to, *before.withheld, *after.withheld}:
        found = dict(_changes(customer, before, after))
        people += bool(found)
        for change, sentence in found.items():
            changes[change] += 1
            examples[change].append((customer, sentence))
    return Difference(people, changes, {change: sorted(some, key=_by_name)[:EXAMPLES] for change, some in examples.items()})


def _by_name(example: tuple[str, str]) -> tuple[int, str]:
    return len(example[0]), example[0]


def _changes(customer: str, before: Notebook, after: Notebook) -> Iterator[tuple[Change, str]]:
    old, new = _by_step(before.sent_to.get(customer, ())), _by_step(after.sent_to.get(customer, ()))
    was, now = before.withheld.get(customer, Counter()), after.withheld.get(customer, Counter())
    moved: set[tuple[str, str]] = set()
    for place in sorted({*old, *new}):
        for change, sentence in _messages(place, old.get(place, []), new.get(place, []), was, now):
            moved |= {place, (place[0], "")}
            yield change, sentence
    if was == now:
        return
    for place in sorted({(journey, step) for journey, step, _, _ in (*was, *now)} - moved):
        gone, come = _reasons(was - now, place), _reasons(now - was, place)
        if gone or come:
            yield ("reason", *place, f"{_words(gone)} → {_words(come)}"), ""


def _by_step(sent: Sequence[Sent]) -> dict[tuple[str, str], list[Sent]]:
    found: dict[tuple[str, str], list[Sent]] = {}
    for one in sent:
        found.setdefault((one.journey, one.step), []).append(one)
    return found


def _messages(
    place: tuple[str, str], old: Sequence[Sent], new: Sequence[Sent], was: Withheld, now: Withheld
) -> Iterator[tuple[Change, str]]:
    """The first of a step against the first, the second against the second."""
    for one, other in zip(old, new, strict=False):
        if one.at != other.at:
            yield ("time", *place, "later" if other.at > one.at else "earlier"), f"{_instant(one.at)} → {_instant(other.at)}"
        if one.channel != other.channel:
            yield ("channel", *place, f"{one.channel} → {other.channel}"), f"at {_instant(other.at)}"
        elif one.message != other.message:
            yield ("text", *place, f"{one.message} → {other.message}"), f"at {_instant(other.at)}"
        elif one.text != other.text:
            yield ("text", *place, one.message), f"at {_instant(other.at)}"
    if len(old) > len(new):
        yield ("less", *place, _why(now - was, place)), f"was {_sent(old[len(new)])}"
    elif len(new) > len(old):
        yield ("more", *place, _why(was - now, place)), _sent(new[len(old)])


def _why(reasons: Withheld, place: tuple[str, str]) -> str:
    """Why the other version does not send it: what it says of the step, else of the entry. Empty where it says nothing."""
    found = _reasons(reasons, place) or _reasons(reasons, (place[0], ""))
    return _words(found) if found else ""


def _reasons(reasons: Withheld, place: tuple[str, str]) -> list[str]:
    return sorted({f"{_EFFECTS.get(effect, effect)} {reason}" for (journey, step, effect, reason) in reasons if (journey, step) == place})


_EFFECTS = {"H": "held", "D": "not sent", "E": "not entered", "R": "tried again", "F": "failed", "i": "note"}


def _words(reasons: Sequence[str]) -> str:
    return ", ".join(reasons) or "nothing"


def _sent(one: Sent) -> str:
    return f"{one.message} by {one.channel} at {_instant(one.at)}"


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
