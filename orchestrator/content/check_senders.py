"""A message that a journey sends on an event it was not written for: one problem that names the journey, not one at every word."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from orchestrator.content.uses import journeys_of
from orchestrator.workspace.content_problem import ContentProblem
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.message import Message
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace


def check_senders(
    problems: Iterable[ContentProblem], message: Message, workspace: Workspace, words: Vocabularies
) -> Iterator[ContentProblem]:
    """The problems, with one E004 for each journey in the place of the M005 of what its entry does not declare."""
    senders = {one.name: (one, words.fields(one.entry.speaks_of)) for one in journeys_of(message, workspace)}
    found: dict[str, list[ContentProblem]] = {}
    for problem in problems:
        own = problem.code == "M005" and not problem.layout and not problem.file
        field = problem.near.split(".")[1] if own and problem.near.startswith("entry.") else ""
        lacking = [name for name, (_one, fields) in senders.items() if field and fields is not None and field not in fields]
        for name in lacking:
            found.setdefault(name, []).append(problem)
        if not lacking:
            yield problem
    yield from (_stranger(senders[name][0], said) for name, said in found.items())


def _stranger(journey: Journey, said: list[ContentProblem]) -> ContentProblem:
    names = ", ".join(f"`{one}`" for one in dict.fromkeys(problem.near for problem in said))
    return replace(
        said[0], code="E004", what=f"{names}: journey '{journey.name}' sends this and has none", why=f"it enters by {' and '.join(journey.entry.speaks_of)}",
        fix='send another message there, or write for both: | default("…"), or an {% if %}',
    )  # fmt: skip
