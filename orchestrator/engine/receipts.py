"""One receipt: what became of a message, in the customer's view, in its run, and as an event journeys can wait for."""

from hashlib import blake2b

from orchestrator.contracts.decision import Decision
from orchestrator.contracts.message import LeftOut
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt, Status
from orchestrator.engine.come_back import come_back, come_back_late, proved, reason_of, version_of, worth_another_try
from orchestrator.engine.events import journeys_see
from orchestrator.engine.fallback import heard
from orchestrator.engine.turn import Turn
from orchestrator.model.event import CustomerEvent
from orchestrator.model.planned import Sent
from orchestrator.model.shown_offers import give_back
from orchestrator.profiles.past import keep_event
from orchestrator.profiles.receipts import apply_to_profile

REMEMBERED, WIDTH = 200, 8
"""Ids of receipts kept per customer, newest: a repeated webhook does nothing."""

RANK: dict[str, int] = {
    "queued": 0, "deferred": 1, "unconfirmed": 2, "accepted": 3, "sent": 4, "delivered": 5, "opened": 6, "read": 6,
    "clicked": 7, "replied": 8, "unsubscribed": 8, "complained": 9, "failed": 10, "rejected": 10, "bounced": 11,
}  # fmt: skip
"""Providers' words may come in any order; a later rank is not undone by an earlier one."""

EVENTS: dict[Status, str] = {
    "accepted": "Message Sent", "delivered": "Message Delivered", "opened": "Message Opened", "read": "Message Read",
    "clicked": "Message Clicked", "replied": "Message Replied", "bounced": "Message Bounced", "failed": "Message Failed",
    "rejected": "Message Failed", "complained": "Message Complained",
}  # fmt: skip
FINAL: frozenset[Status] = frozenset(("bounced", "failed", "rejected", "unconfirmed"))
NOT_TAKEN: frozenset[Status] = frozenset(("rejected", "unconfirmed", "deferred"))
ENGAGED: frozenset[Status] = frozenset(("opened", "read", "clicked", "replied"))


def apply_receipt(turn: Turn, receipt: Receipt) -> None:
    """Repeats and receipts of unknown messages change nothing but what belongs to the address."""
    messages = turn.customer.messages
    mark = blake2b(receipt.id.encode("utf-8", "surrogatepass"), digest_size=WIDTH).digest()
    if holds(messages.receipts, mark):
        turn.effects.count("receipts_repeated", receipt.status)
        return
    messages.receipts = (messages.receipts + mark)[-REMEMBERED * WIDTH :]
    turn.customer.changed("msgs")
    turn.customer.identity.sequence += 1
    turn.customer.changed("ids")
    turn.effects.suppress.extend(apply_to_profile(turn.customer, receipt, turn.workspace))
    sent = _message_of(turn, receipt) or proved(turn, receipt)
    if sent is not None:
        if receipt.provider_id and receipt.provider_id == sent.replaces:
            return  # a late word about a try that failed and has been repeated
        if receipt.status == "deferred":
            if not sent.settled:
                come_back(turn, receipt, sent, sent.planned, max(receipt.retry_at or 0, turn.now))
            return
        if worth_another_try(receipt, sent):
            come_back_late(turn, receipt, sent)
            return
        _note(turn, receipt, sent)
    _as_event(turn, receipt, sent)


def holds(marks: bytes, mark: bytes) -> bool:
    """Is it one of these, side by side? What is found between two of them is none."""
    at = marks.find(mark)
    while at % WIDTH and at >= 0:
        at = marks.find(mark, at + 1)
    return at >= 0


def _message_of(turn: Turn, receipt: Receipt) -> Sent | None:
    """By intent; a reply without one belongs to the last message on that channel within seven days."""
    sent = turn.customer.messages.sent
    if receipt.intent is not None:
        return next((one for one in reversed(sent) if one.intent == receipt.intent), None)
    if receipt.status == "replied":
        week = turn.now - 7 * 86_400_000
        return next((one for one in reversed(sent) if one.channel == receipt.channel and one.at > week), None)
    return None


def _note(turn: Turn, receipt: Receipt, sent: Sent) -> None:
    """Status, engagement and failure, on the message and on the step of its run if that is still going."""
    _count(turn, receipt, sent)
    if RANK[receipt.status] > RANK[sent.status] or (sent.status == "unconfirmed" and receipt.status == "accepted"):
        sent.status = receipt.status
    if receipt.status != "unconfirmed":
        sent.settled = True
    if receipt.offer is not None and sent.offer:
        _left_out(turn, receipt.offer, sent)
    version = _version(sent) if receipt.status in FINAL else None
    if receipt.status not in ("unconfirmed", "accepted", "sent") or (sent.settled and sent.channel == "email"):
        sent.keep(None)  # a text may still come back: networks report hours later
    sent.delivered = sent.delivered or receipt.status == "delivered" or receipt.status in ENGAGED
    if receipt.status in ENGAGED and receipt.human:
        sent.seen, sent.seen_at = True, receipt.at
    if receipt.status in FINAL:
        _failed(turn, receipt, sent, version)
    if sent.chain is not None:
        heard(turn, receipt, sent)
    if sent.given_back:
        give_back(turn.customer.messages, sent)
    run = next((r for r in turn.customer.runs if (r.journey, r.key, r.number) == (sent.journey, sent.key, sent.number)), None)
    record = None if run is None else run.steps.get(sent.step)
    if record is None:
        return
    latest = record.channel in (None, sent.channel)  # what the step is known by is the channel it went out on last
    if latest:
        record.status = sent.status
    record.delivered = record.delivered or sent.delivered
    record.seen = record.seen or sent.seen
    if receipt.human:
        record.clicked = record.clicked or receipt.status == "clicked"
        record.replied = record.replied or receipt.status == "replied"
    if receipt.status in FINAL and latest:
        record.reason = sent.reason
        record.sent = receipt.status == "unconfirmed"
    turn.customer.changed("runs")


def _count(turn: Turn, receipt: Receipt, sent: Sent) -> None:
    """For the reputation guard: what a provider took, each complaint, each address that is dead."""
    if not sent.settled and receipt.status not in NOT_TAKEN:
        turn.effects.count("reputation", sent.journey, "sends")
    if receipt.status == "complained" and sent.status != "complained":
        turn.effects.count("reputation", sent.journey, "complaints")
    if receipt.status == "bounced" and receipt.address_dead and sent.status != "bounced":
        turn.effects.count("reputation", sent.journey, "bounces")


def _left_out(turn: Turn, offer: LeftOut, sent: Sent) -> None:
    """The last check kept its offer back: it was not shown."""
    turn.effects.decide(
        turn.customer,
        Decision(
            reason=Reason(offer.reason), effect="i", part="offer", at=turn.now, customer=turn.customer.id, journey=sent.journey,
            run=f"{sent.journey}/{sent.key}/{sent.number}", step=sent.step, message=sent.message, channel=sent.channel,
            message_class=sent.message_class, rule=offer.rule, case=offer.case, intent=sent.intent,
            rule_version=version_of(turn.workspace, offer.rule), checked_at="sender", values={"offer": sent.offer},
        ),
    )  # fmt: skip
    give_back(turn.customer.messages, sent)
    sent.offer, sent.offered_at = None, 0


def _version(sent: Sent) -> str | None:
    planned = sent.plan
    return None if planned is None else planned.facts.version


def _failed(turn: Turn, receipt: Receipt, sent: Sent, version: str | None) -> None:
    """Why it did not arrive. What the last check stopped is a drop; all else is a failed delivery. `version`: the journey's, while
    it is known."""
    by_policy = receipt.checked == "sender"
    defaults = {"bounced": Reason.UNDELIVERABLE, "failed": Reason.UNDELIVERABLE, "unconfirmed": Reason.OUTCOME_UNKNOWN}
    reason = reason_of(receipt, defaults.get(receipt.status, Reason.PROVIDER_REJECTED))
    if receipt.again and reason in (Reason.RATE_LIMITED, Reason.PROVIDER_DOWN):
        reason = Reason.RETRIES_EXHAUSTED
    sent.reason = reason.value
    sent.given_back = receipt.status != "unconfirmed"
    turn.effects.decide(
        turn.customer,
        Decision(
            reason=reason, effect="D" if by_policy else "F", at=turn.now, customer=turn.customer.id, journey=sent.journey,
            run=f"{sent.journey}/{sent.key}/{sent.number}", step=sent.step, message=sent.message, channel=sent.channel,
            message_class=sent.message_class, rule=receipt.rule, case=receipt.case, intent=sent.intent, version=version,
            rule_version=version_of(turn.workspace, receipt.rule), checked_at="sender" if by_policy else None,
            values={name: value for name, value in (("code", receipt.code), ("detail", receipt.detail)) if value},
        ),
    )  # fmt: skip


def _as_event(turn: Turn, receipt: Receipt, sent: Sent | None) -> None:
    """Receipts are events too. Opens and clicks by machines are kept for reports and never reach journeys."""
    name = EVENTS.get(receipt.status)
    if receipt.keyword == "stop":
        name = "Channel Stopped"
    elif receipt.keyword == "start":
        name = "Channel Started"
    if name is None or (receipt.status in ("opened", "clicked") and not receipt.human):
        return
    properties: dict[str, object] = {"channel": receipt.channel}
    if sent is not None:
        properties |= {"journey": sent.journey, "step": sent.step, "message": sent.message, "key": sent.key, "number": sent.number}
    if receipt.link:
        properties["link"] = receipt.link
    if receipt.text is not None:
        properties["text"] = receipt.text
    event = CustomerEvent(
        name=name, kind="builtin", customer=turn.customer.id, timestamp=receipt.at, arrival=turn.now, properties=properties
    )
    kept_out: list[str] = []
    keep_event(turn.customer, event, turn.frame, turn.workspace, turn.now, kept_out)
    for reason in kept_out:
        turn.effects.count("profile_refused", reason)
    journeys_see(turn, event)
