"""Who goes on with an earlier text (`content: pinned`) when another version of the workspace comes into force."""

from collections import Counter

from orchestrator.plan.people import People
from orchestrator.workspace.indexes import sends_of
from orchestrator.workspace.workspace import Workspace


def keeps_its_text(before: Workspace | None, after: Workspace, name: str, version: str) -> bool:
    """Whether a run of that version of a journey goes on with the messages it began with."""
    journey = after.journeys.get(name)
    if journey is not None and before is not None and journey.in_flight.runs == "continue":
        journey = before.journey_at(name, version)
    return journey is not None and journey.in_flight.content == "pinned"


def earlier_texts(before: Workspace | None, after: Workspace, people: People) -> Counter[tuple[str, str]]:
    """(version of all messages, message) to how many people are in a journey that may send it to them as it was then, not as it will be."""
    found: Counter[tuple[str, str]] = Counter()
    for (name, version, content), number in people.texts.items() if before is not None else ():
        assert before is not None
        journey = after.journeys.get(name)
        if journey is None or journey.in_flight.runs == "exit" or not keeps_its_text(before, after, name, version):
            continue
        goes_by = before.journey_at(name, version) if journey.in_flight.runs == "continue" else journey
        at = content or before.content
        for message in {step.message for step in sends_of(goes_by or journey)}:
            was, will_be = before.message_at(message, at), after.messages.get(message)
            if was is not None and (will_be is None or was.version != will_be.version):
                found[at, message] += number
    return found
