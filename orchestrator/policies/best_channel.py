"""`choose: best`: the channels of a send in the order in which this customer reads them."""

from collections.abc import Sequence

from orchestrator.contracts.topics import Channel
from orchestrator.model.planned import Sent

WINDOW = 90 * 86_400_000
"""Milliseconds back from now in which messages count."""


def best_first(channels: Sequence[Channel], sent: Sequence[Sent], now: int) -> list[Channel]:
    """By (messages a person engaged with + 1) / (delivered + 2), higher first; ties keep the written order."""
    lately = [one for one in sent if one.at > now - WINDOW]

    def score(channel: Channel) -> float:
        there = [one for one in lately if one.channel == channel]
        return (sum(one.seen for one in there) + 1) / (sum(one.delivered for one in there) + 2)

    return sorted(channels, key=score, reverse=True)
