"""What stands in the way of a version because of the people in flight."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestrator.plan.fate import fates
from orchestrator.plan.people import People, counted
from orchestrator.plan.unsent import still_falling
from orchestrator.workspace.indexes import sends_of
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.unnamed_step import in_words, speaks_of
from orchestrator.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why `apply` does not do it: a lint code, what is wrong, what to do."""

    code: str
    what: str
    fix: str


def refusals(was: Journey, will_be: Journey | None, people: People) -> list[Refusal]:
    """J047: a journey with people in it is deleted, or becomes a draft, which nobody is in. J040: a step with people in it, also one of an earlier version, is gone and nothing
    says where they go. J013: an id is for ever one step."""
    if will_be is None or will_be.status == "draft":
        inside = people.inside(was.name)
        if not inside or (will_be is not None and will_be.in_flight.runs == "exit"):
            return []
        what, fix = (
            ("is deleted", "status: draining first") if will_be is None else ("becomes a draft", "status: paused, or draining first")
        )
        return [Refusal("J047", f"journey '{was.name}' {what} with {counted(inside)} in it", f"{fix}, or --exit-runs")]
    fate = fates(will_be)
    stranded = people.crowd(was.name).by(lambda place: place.step if fate(place).kind == "stranded" else None)
    return [*_taken(was, will_be, people), *(_gone(step, number, will_be) for step, number in sorted(stranded.items()))]


def _taken(was: Journey, will_be: Journey, people: People) -> list[Refusal]:
    """J013: a step takes the id of another that is gone. What the other sent to people inside would be taken for what this one is to send."""
    if not people.inside(was.name) or will_be.in_flight.runs != "migrate":
        return []
    both = [(old, new) for old, new in will_be.was.items() if old in was.steps and new in was.steps and not old.startswith("#")]
    return [
        Refusal("J013", f"{will_be.name}: '{old}' is renamed '{new}', which was another step's id until now", f"another id than '{new}'")
        for old, new in both
    ]


def _gone(step: str, people: int, will_be: Journey) -> Refusal:
    now, rest = will_be.was.get(step, step), f"{counted(people)} {'stands' if people == 1 else 'stand'} in it"
    what = f"is gone, {rest}" if now not in will_be.steps else f"is another kind of step now, {rest}"
    first = f"take '{step}' out of the `was` of '{now}', and " if now != step else ""
    fix = f"{first}in_flight: {{removed: {{{speaks_of(step) or step}: <a later step, or exit>}}}}, or --exit-runs"
    return Refusal("J040", f"{will_be.name}: {in_words(step)} {what}", fix)


def not_sent_yet(removed: Iterable[str], people: People, cancelled: Mapping[str, int]) -> list[Refusal]:
    """J049: a message is removed while some are due or held. `cancelled` ones never need it."""
    needed = {name: people.waiting(name) - cancelled.get(name, 0) for name in sorted(removed)}
    return [
        Refusal(
            "J049", f"message '{name}' is removed, and {number} of it {'is' if number == 1 else 'are'} not sent yet",
            f"keep it until {'it is' if number == 1 else 'they are'}",
        )
        for name, number in needed.items() if number > 0
    ]  # fmt: skip


def may_still_fall(removed: Iterable[str], after: Workspace, people: People) -> list[Refusal]:
    """J049: a message is removed while some that are sent may have to go on to their next channel."""
    found = {name: still_falling(name, after.journeys, people) for name in sorted(removed)}
    return [
        Refusal(
            "J049", f"message '{name}' is removed, and {number} of it {'is' if number == 1 else 'are'} sent, but may go on to another channel",
            "keep it until the fallback is over, or remove the step that sent it",
        )
        for name, number in found.items() if number
    ]  # fmt: skip


def still_sent(before: Workspace | None, after: Workspace, people: People) -> list[Refusal]:
    """J049: people go on in a version whose message is removed."""
    senders: Counter[tuple[str, str]] = Counter()
    for name, crowd in people.crowds.items() if before is not None else ():
        assert before is not None
        will_be = after.journeys.get(name)
        if will_be is None or will_be.in_flight.runs != "continue":
            continue
        versions = {place.version for place in crowd.spots} - {will_be.version}
        wanted = {version: _gone_messages(before.journey_at(name, version), after) for version in versions}
        for places, number in crowd.sets.items():
            for message in {message for place in places for message in wanted.get(place.version, ())}:
                senders[message, name] += number
    return [
        Refusal(
            "J049", f"message '{message}' is removed, and {counted(number)} {'goes' if number == 1 else 'go'} on in a version of {name} that sends it",
            "keep it until they are through, or in_flight: migrate",
        )
        for (message, name), number in sorted(senders.items())
    ]  # fmt: skip


def _gone_messages(journey: Journey | None, after: Workspace) -> frozenset[str]:
    sent = () if journey is None else sends_of(journey)
    return frozenset(step.message for step in sent) - after.messages.keys()
