"""Who goes on with an earlier text (`content: pinned`) when another version of the workspace comes into force."""

from collections import Counter
from collections.abc import Iterator

from orchestrator.plan.people import People, Text
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
    for texts, number in people.texts.items() if before is not None else ():
        assert before is not None
        for one in {one for text in texts for one in _kept(before, after, text)}:
            found[one] += number
    return found


def keepers(before: Workspace | None, after: Workspace, people: People) -> Counter[str]:
    """Message to how many people are in a journey that may send it to them as it was, each counted once."""
    found: Counter[str] = Counter()
    for texts, number in people.texts.items() if before is not None else ():
        assert before is not None
        for message in {message for text in texts for _at, message in _kept(before, after, text)}:
            found[message] += number
    return found


def _kept(before: Workspace, after: Workspace, text: Text) -> Iterator[tuple[str, str]]:
    """(version of all messages, message) that a journey may send in an earlier form to somebody who goes on with this."""
    journey = after.journeys.get(text.journey)
    if journey is None or journey.in_flight.runs == "exit" or not keeps_its_text(before, after, text.journey, text.version):
        return
    yield from differing(before, after, text)


def differing(before: Workspace, after: Workspace, text: Text) -> Iterator[tuple[str, str]]:
    """(version of all messages, message) of what its journey may send that is other now than it was then."""
    journey = after.journeys[text.journey]
    goes_by = before.journey_at(text.journey, text.version) if journey.in_flight.runs == "continue" else journey
    at = text.content or before.content
    for message in {step.message for step in sends_of(goes_by or journey)}:
        was, will_be = before.message_at(message, at), after.messages.get(message)
        if was is not None and (will_be is None or was.version != will_be.version):
            yield at, message
