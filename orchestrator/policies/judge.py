"""The decision: one planned message, all its channels, one verdict. A pure function of the question."""

from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.policies.lines import LINES
from orchestrator.policies.question import Question
from orchestrator.policies.verdict import Drop, Hold, Pass, Refusal, Verdict


def judge(question: Question) -> Verdict:
    """The first channel, in the step's order, that no line refuses; a hold is waited for unless the step says `if_held: next`."""
    refusals: dict[Channel, Refusal] = {}
    first_hold: Channel | None = None
    for channel in question.planned.channels:
        refusal = judge_channel(question, channel)
        if refusal is None:
            return Pass(channel, refusals)
        if refusal.hold:
            if question.planned.if_held == "wait":
                return Hold(channel, refusal, refusals)
            first_hold = first_hold or channel
        refusals[channel] = refusal
    if first_hold is not None:
        return Hold(first_hold, refusals[first_hold], {c: r for c, r in refusals.items() if c != first_hold})
    reasons = {refusal.reason for refusal in refusals.values()}
    if len(reasons) == 1:
        return Drop(next(iter(refusals.values())), refusals)
    return Drop(Refusal("channel_choice", Reason.NO_REACHABLE_CHANNEL), refusals)


def judge_channel(question: Question, channel: Channel) -> Refusal | None:
    """The answer of the first line that refuses this channel."""
    for _number, _name, line in LINES:
        refusal = line(question, channel)
        if refusal is not None:
            return refusal
    return None
