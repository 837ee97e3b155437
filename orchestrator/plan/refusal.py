"""What stands in the way of a version because of the people in flight."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.plan.people import People, counted
from orchestrator.plan.steps import moved_to
from orchestrator.workspace.indexes import sends_of
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why `apply` does not do it: a lint code, what is wrong, what to do."""

    code: str
    what: str
    fix: str


def refusals(was: Journey, will_be: Journey | None, people: People) -> list[Refusal]:
    """J047: a journey with people in it is deleted. J040: a step with people in it is gone and nothing says where they go."""
    if will_be is None:
        inside = people.inside(was.name)
        if not inside:
            return []
        return [Refusal("J047", f"journey '{was.name}' is deleted with {counted(inside)} in it", "status: draining first, or --exit-runs")]
    if will_be.in_flight.runs in ("exit", "continue"):
        return []
    return [
        Refusal("J040", f"{was.name}: step '{step}' is gone, {counted(standing.people)} {'stands' if standing.people == 1 else 'stand'} in it", f"in_flight: {{removed: {{{step}: <a later step, or exit>}}}}, or --exit-runs")
        for step, standing in sorted(people.steps.get(was.name, {}).items())
        if standing.people and step in was.steps and moved_to(was, will_be, step) is None
    ]  # fmt: skip


def not_sent_yet(removed: Iterable[str], people: People) -> list[Refusal]:
    """J049: a message is removed while some are due or held."""
    return [
        Refusal("J049", f"message '{name}' is removed, and {people.messages[name]} of it are not sent yet", "keep it until they are")
        for name in sorted(removed)
        if people.messages[name]
    ]


def still_sent(before: Workspace | None, after: Workspace, people: People) -> list[Refusal]:
    """J049: people go on in a version whose message is removed."""
    senders: Counter[tuple[str, str]] = Counter()
    for (name, version), number in people.versions.items() if before is not None else ():
        assert before is not None
        will_be, was = after.journeys.get(name), before.journey_at(name, version)
        if was is None or will_be is None or will_be.version == was.version or will_be.in_flight.runs != "continue":
            continue
        for message in {step.message for step in sends_of(was)} - after.messages.keys():
            senders[message, name] += number
    return [
        Refusal(
            "J049", f"message '{message}' is removed, and {counted(number)} {'goes' if number == 1 else 'go'} on in a version of {name} that sends it",
            "keep it until they are through, or in_flight: migrate",
        )
        for (message, name), number in sorted(senders.items())
    ]  # fmt: skip
