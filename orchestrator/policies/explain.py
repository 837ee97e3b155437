"""Every line's answer for every channel, also behind the first that refuses: what a person asks who wants to know why."""

from orchestrator.contracts.topics import Channel
from orchestrator.policies.lines import LINES
from orchestrator.policies.question import Question
from orchestrator.policies.verdict import Refusal

Answer = tuple[int, str, Refusal | None]
"""Number and name of the line, and its refusal; None where it passes."""


def explain(question: Question) -> dict[Channel, list[Answer]]:
    """Channels in the step's order, lines in theirs."""
    return {channel: [(number, name, line(question, channel)) for number, name, line in LINES] for channel in question.planned.channels}
