"""Messages that come back: not sent, to be judged again; or sent, reported as failed, and worth another try. And what proves that
one that waits for another try has arrived after all."""

from orchestrator.contracts.decision import Decision
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt
from orchestrator.dispatch.intent import intent_id
from orchestrator.engine.runs import exited
from orchestrator.engine.turn import Turn
from orchestrator.model.planned import Planned, Sent
from orchestrator.model.shown_offers import give_back
from orchestrator.workspace.workspace import Workspace

_REASONS = frozenset(reason.value for reason in Reason)
_NO_PROOF = frozenset(("deferred", "unconfirmed"))


def reason_of(receipt: Receipt, otherwise: Reason) -> Reason:
    """The receipt's reason, where it is one of the list."""
    return Reason(receipt.reason) if receipt.reason in _REASONS else otherwise


def version_of(workspace: Workspace, rule: str | None) -> str | None:
    """Of a suppression rule that a sender's last check names; None where it names none, or one that is gone meanwhile."""
    return next((one.version for one in workspace.policies.suppression if one.name == rule), None)


def come_back(turn: Turn, receipt: Receipt, sent: Sent, planned: Planned | None, until: int) -> None:
    """Planned again, to be judged from the top at `until`. Nothing happens to a message that has settled beyond coming back."""
    if planned is None:
        return
    messages = turn.customer.messages
    messages.sent = [one for one in messages.sent if one is not sent]
    planned.held = True
    if sent.exited:
        turn.customer.changed("msgs")
        turn.effects.decide(turn.customer, exited(turn, planned, sent.intent))
        give_back(messages, sent)
        return
    planned.waiting = False
    planned.chain = None if receipt.checked == "sender" else sent.chain
    planned.tries = max(sent.attempt, receipt.attempt)
    planned.failures += receipt.tried
    planned.reason = receipt.reason
    planned.until = until
    planned.limit_at = None
    messages.planned.append(planned)
    turn.customer.changed("msgs")
    by_policy = receipt.checked == "sender"
    turn.effects.decide(
        turn.customer,
        Decision(
            reason=reason_of(receipt, Reason.PROVIDER_DOWN), effect="H" if by_policy else "R", at=turn.now, customer=turn.customer.id,
            journey=sent.journey, run=planned.run_id, step=sent.step, message=sent.message, channel=sent.channel,
            message_class=sent.message_class, rule=receipt.rule, case=receipt.case, until=planned.until,
            version=planned.facts.version, rule_version=version_of(turn.workspace, receipt.rule),
            checked_at="sender" if by_policy else None, intent=sent.intent,
            values={"attempt": planned.tries, **({"code": receipt.code} if receipt.code else {})},
        ),
    )  # fmt: skip


def worth_another_try(receipt: Receipt, sent: Sent) -> bool:
    """The provider had it, says that it failed, and another try may do better. Where the first may have arrived all the same,
    only a transactional message is tried again."""
    if not receipt.again or not receipt.provider_id or sent.delivered or sent.exited:
        return False
    planned = sent.planned
    if planned is None or planned.returns >= len(receipt.again):
        return False
    return receipt.reason != Reason.OUTCOME_UNKNOWN or sent.message_class == "transactional"


def come_back_late(turn: Turn, receipt: Receipt, sent: Sent) -> None:
    """After a failure that was reported later: the next try says which it replaces, so that no claim stands in its way."""
    planned = sent.planned
    assert planned is not None
    until = turn.now + receipt.again[planned.returns]
    planned.returns += 1
    planned.replaces = receipt.provider_id or ""
    inbound = turn.customer.identity.inbound
    if receipt.reason == Reason.WHATSAPP_WINDOW_CLOSED and inbound.get("whatsapp", 0) <= sent.at:
        inbound.pop("whatsapp", None)  # the provider's clock counts: until they write again it is templates
        turn.customer.changed("ids")
    come_back(turn, receipt, sent, planned, until)


def proved(turn: Turn, receipt: Receipt) -> Sent | None:
    """A message that waits for another try because nobody had heard, when the provider shows that it has it: it goes no more."""
    if receipt.intent is None or receipt.status in _NO_PROOF:
        return None
    messages = turn.customer.messages
    planned = next((one for one in messages.planned if _is_proof(turn, one, receipt)), None)
    if planned is None:
        return None
    message = turn.message_for(planned)
    facts = planned.facts
    sent = Sent(
        intent=receipt.intent, journey=facts.journey, key=facts.key, number=facts.number, step=planned.step, visit=planned.visit,
        message=planned.message, message_class=planned.message_class, channel=receipt.channel, at=turn.now,
        topic=None if message is None else message.topic, attempt=planned.tries,
    )  # fmt: skip
    sent.chain, planned.chain = planned.chain, None
    sent.further = planned.fell_from is not None
    sent.keep(planned)
    messages.planned = [one for one in messages.planned if one is not planned]
    messages.sent.append(sent)
    turn.customer.changed("msgs")
    return sent


def _is_proof(turn: Turn, planned: Planned, receipt: Receipt) -> bool:
    if planned.reason != Reason.OUTCOME_UNKNOWN or not planned.tries or (planned.replaces and planned.replaces == receipt.provider_id):
        return False
    facts = planned.facts
    journey = turn.journey_for(planned)
    step = planned.step if journey is None else journey.origin(planned.step)
    return receipt.intent == intent_id(turn.customer.id, facts.journey, facts.key, facts.number, step, planned.visit, receipt.channel)
