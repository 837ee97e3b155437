"""Putting the question to policies: what is known of the person's channels, consent and windows for one message."""

from functools import partial

from orchestrator.contracts.topics import Channel
from orchestrator.engine.turn import Turn
from orchestrator.journeys.names import facts_names, run_names
from orchestrator.model.planned import Planned
from orchestrator.policies.question import Question, Reach
from orchestrator.profiles.address import address_hash, address_of
from orchestrator.profiles.consent_state import state
from orchestrator.profiles.zone import zones_of
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.message import Message
from orchestrator.workspace.step import SendStep

WHATSAPP_WINDOW = 24 * 3_600_000 - 5 * 60_000
"""A customer's message opens free-form text for 24 hours; less a margin, since the provider judges when it arrives there."""


def names_of(turn: Turn, planned: Planned, journey: Journey) -> dict[str, object]:
    """The names in scope of a planned message: its run as it is now, or as it was when the message came due."""
    run = next((run for run in turn.customer.runs if run.id == planned.run_id), None)
    if run is not None and not planned.exit_message:
        return run_names(run, journey, turn.frame)
    return facts_names(planned.facts, journey, turn.frame)


def ask(turn: Turn, planned: Planned, journey: Journey, message: Message, step: SendStep, *, at_release: bool) -> Question:
    """The question for all channels of the step."""
    names = names_of(turn, planned, journey)
    names["message"] = {
        "name": message.name, "class": planned.message_class, "topic": message.topic, "priority": planned.priority,
        "journey": journey.name, "step": step.node,
    }  # fmt: skip
    inbound = turn.customer.identity.inbound.get("whatsapp")
    return Question(
        planned=planned,
        message=message,
        journey=journey,
        message_class=planned.message_class,
        frame=turn.frame,
        reach=Reaches(turn, message),
        consent={
            channel: state(turn.customer.consents, channel, message.topic) if message.topic else "none" for channel in planned.channels
        },
        window_open=inbound is not None and turn.now - inbound < WHATSAPP_WINDOW,
        template=turn.around.renderer.has_template(message, turn.frame),
        at_release=at_release,
        names=names,
        send_time=step.send_time,
        zones=partial(zones_of, turn.customer, turn.workspace),
    )


class Reaches(dict[Channel, Reach]):
    """Asked channel by channel: reading a phone number costs more than all other lines together."""

    def __init__(self, turn: Turn, message: Message) -> None:
        super().__init__()
        self._turn = turn
        self._message = message

    def __missing__(self, channel: Channel) -> Reach:
        found = self[channel] = reach(self._turn, channel, self._message)
        return found


def reach(turn: Turn, channel: Channel, message: Message) -> Reach:
    """Address, suppression and sender of one channel."""
    found = address_of(turn.customer, channel, turn.workspace)
    configured = channel in turn.workspace.senders.get(message.sender, {})
    if found is None:
        return Reach(configured=configured)
    hashed = address_hash(turn.workspace.name, channel, found.text)
    return Reach(address=found.text, suppressed=turn.customer.consents.suppressed.get(hashed), country=found.country, configured=configured)
