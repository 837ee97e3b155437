"""STOP and START: what a person said on a channel."""

from orchestrator.contracts.topics import Channel
from orchestrator.model.sections import Consents


def stop(consents: Consents, channel: Channel, at: int) -> None:
    """STOP on a channel; one that is older than a START that is known stops nothing."""
    if at >= consents.started.get(channel, -1):
        consents.stopped[channel] = max(consents.stopped.get(channel, 0), at)


def start(consents: Consents, channel: Channel, at: int) -> None:
    """START lifts exactly the stop of its channel. At one and the same instant the stop stands."""
    consents.started[channel] = max(consents.started.get(channel, 0), at)
    if at > consents.stopped.get(channel, at):
        del consents.stopped[channel]
