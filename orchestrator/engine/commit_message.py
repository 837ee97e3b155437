"""A message passed every line and is rendered: it is on its way from here, and counts."""

from collections.abc import Mapping

from orchestrator.content.render import Rendered
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.message import VERSION, WITH_OFFER, CarriedOffer, OutboundMessage, SenderAddress
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel, lane_of
from orchestrator.dispatch.intent import intent_id
from orchestrator.engine.chain import start_chain
from orchestrator.engine.offers import WithOffer
from orchestrator.engine.turn import Turn
from orchestrator.model.planned import Planned, Sent
from orchestrator.model.shown_offers import count
from orchestrator.policies.question import Question
from orchestrator.policies.quiet_hours import quiet_from
from orchestrator.policies.suppression import rules_for
from orchestrator.policies.verdict import Refusal
from orchestrator.workspace.step import SendStep

KEPT = 50
"""Sent messages kept per customer, newest; older ones have left every window that asks for them. Beside them those (as many at most)
that another channel may follow."""
LATE = 36 * 3_600_000
"""Milliseconds after its commit when no report that it failed brings a message back any more."""


def commit_message(
    turn: Turn, question: Question, step: SendStep, channel: Channel, rendered: Rendered,
    passed_over: Mapping[Channel, Refusal], carried: WithOffer | None, *, at_release: bool,
) -> str:  # fmt: skip
    """Put it on its lane, remember it, and say so. Returns its intent. `rendered` is without, `carried` with its offer."""
    planned, message, journey = question.planned, question.message, question.journey
    facts, customer = planned.facts, turn.customer
    intent = intent_id(customer.id, facts.journey, facts.key, facts.number, question.journey.origin(planned.step), planned.visit, channel)
    sender = turn.workspace.senders[message.sender][channel]
    address = question.reach[channel].address
    assert address is not None
    attempt = planned.tries + 1
    offer = None if carried is None else carried.carried
    if offer is not None:
        count(customer.messages, planned, offer.name, turn.now, max(one.per for one in turn.workspace.offers.values()))
    turn.effects.send(
        OutboundMessage(
            v=VERSION if offer is None else WITH_OFFER, offer=offer, intent=intent, attempt=attempt, failures=planned.failures, replaces=planned.replaces, partition=turn.around.partition, customer=customer.id, channel=channel,
            lane=lane_of(planned.message_class), message_class=planned.message_class, topic=message.topic, to=address,
            sender=SenderAddress(address=sender.address, name=sender.name, reply_to=sender.reply_to), content=(rendered if carried is None else carried.rendered).content,
            journey=journey.name, version=facts.version, key=facts.key, number=facts.number, step=planned.step,
            visit=planned.visit, message=message.name, variant=rendered.variant or "", locale=rendered.locale,
            rules=rules_for(message, journey, planned.message_class, channel, turn.frame),
            not_after=planned.expires_at, committed_at=turn.now, caused_at=planned.caused_at,
            quiet_from=quiet_from(question, channel),
        )
    )  # fmt: skip
    beside = goes_beside_another(turn, planned)
    again = planned.fell_from is not None or beside
    sent = Sent(
        intent=intent, journey=facts.journey, key=facts.key, number=facts.number, step=planned.step, visit=planned.visit,
        message=message.name, message_class=planned.message_class, channel=channel, at=turn.now, topic=message.topic,
        attempt=attempt, variant=rendered.variant, further=again,
        offer=None if offer is None else offer.name, offered_at=0 if offer is None else planned.offered_at,
    )  # fmt: skip
    start_chain(turn, sent, question, step)
    sent.keep(planned)
    for older in customer.messages.sent:
        if older.kept and older.settled:
            if older.at <= turn.now - LATE:
                older.keep(None)
            if older.final and older.chain is not None and not older.chain.by_time and older.chain.until < turn.now:
                older.end_chain()
    customer.messages.sent.append(sent)
    if len(customer.messages.sent) > KEPT:
        open_still = [one for one in customer.messages.sent[:-KEPT] if one.chain is not None]
        customer.messages.sent = open_still[-KEPT:] + customer.messages.sent[-KEPT:]
    customer.changed("msgs")
    run = next((run for run in customer.runs if run.id == planned.run_id), None)
    reason = Reason.ALLOWED if planned.fell_from is None else Reason.FELL_BACK
    # the step is known by the first channel of several at once
    if run is not None and not beside and planned.step in run.steps and run.steps[planned.step].count == planned.visit:
        record = run.steps[planned.step]
        record.sent, record.reason, record.status, record.channel = True, reason.value, "queued", channel
        record.variant = rendered.variant
        customer.changed("runs")
    turn.effects.decide(
        customer,
        Decision(
            reason=reason, effect="S", at=turn.now, customer=customer.id, journey=facts.journey, version=facts.version,
            run=planned.run_id, step=planned.step, message=message.name, channel=channel, message_class=planned.message_class,
            checked_at="release" if at_release else "plan", intent=intent,
            channels={name: refusal.reason.value for name, refusal in passed_over.items()}, values=_values(planned, rendered, offer),
        ),
    )  # fmt: skip
    return intent


def goes_beside_another(turn: Turn, planned: Planned) -> bool:
    """One of several at once (`choose: all`), of which another went out before it, or has come back for another try since."""
    if not planned.together:
        return False
    facts, messages = planned.facts, turn.customer.messages
    visit = (facts.journey, facts.key, facts.number, planned.step, planned.visit)
    if any((one.journey, one.key, one.number, one.step, one.visit) == visit for one in messages.sent):
        return True
    return any(
        one.tries and (one.facts.journey, one.facts.key, one.facts.number, one.step, one.visit) == visit
        for one in messages.planned
        if one is not planned
    )


def _values(planned: Planned, rendered: Rendered, offer: CarriedOffer | None) -> dict[str, object]:
    found: dict[str, object] = {} if planned.fell_from is None else {"fell_from": planned.fell_from}
    if rendered.variant is not None:
        found["variant"] = rendered.variant
    if offer is not None:
        found["offer"] = offer.name
    if rendered.fallback_blocks:
        found["fallback_blocks"] = list(rendered.fallback_blocks)
    return found
