"""The channels after the one a message went out on: begun at its commit, ended when nothing can come of them."""

from typing import Literal

from orchestrator.engine.turn import Turn
from orchestrator.model.planned import Chain, Messages, Sent
from orchestrator.policies.question import Question
from orchestrator.workspace.step import Fallback, SendStep


def start_chain(turn: Turn, sent: Sent, question: Question, step: SendStep) -> None:
    """At its commit. A try more of the same message on the same channel goes on with the chain of the first."""
    if step.fallback is None:
        return
    planned = question.planned
    left = planned.channels[planned.channels.index(sent.channel) + 1 :]
    if not left:
        return
    before, planned.chain = planned.chain, None
    if before is None or before.of != sent.channel:
        before = Chain(turn.now + step.fallback.after, sent.channel, left, "undeliverable" in step.fallback.on, _by_time(step.fallback))
    elif before.until < turn.now:
        return
    sent.chain = before
    if before.by_time:
        messages = turn.customer.messages
        messages.falls_at = before.until if messages.falls_at is None else min(messages.falls_at, before.until)


def _by_time(fallback: Fallback) -> Literal["", "delivered", "seen"]:
    """What is seen was delivered: where both are asked for, seen is what counts."""
    return "seen" if "unseen" in fallback.on else "delivered" if "expired" in fallback.on else ""


def end_chain(turn: Turn, sent: Sent) -> None:
    """No other channel follows this message."""
    chain = sent.chain
    sent.end_chain()
    turn.customer.changed("msgs")
    if chain is not None and chain.by_time:
        look_again(turn.customer.messages)


def look_again(messages: Messages) -> None:
    """Find out when the first message is given up."""
    chains = [*(one.chain for one in messages.planned), *(one.chain for one in messages.sent)]
    messages.falls_at = min((chain.until for chain in chains if chain is not None and chain.by_time), default=None)
