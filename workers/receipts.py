"""Receipts a sender writes. Their ids follow from intent, attempt and status: published twice, applied once."""

from collections.abc import Callable

from orchestrator.contracts.guard import GuardRefusal
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt, Status
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.retry import next_try, wait_before


def _receipt(message: OutboundMessage, status: Status, at: int, **more: object) -> Receipt:
    return Receipt(
        id=f"{message.intent}:{message.attempt}:{status}", customer=message.customer, status=status, at=at, channel=message.channel,
        intent=message.intent, attempt=message.attempt, offer=None if message.offer is None else message.offer.left_out, **more,  # type: ignore[arg-type]  # fields of a receipt
    )  # fmt: skip


def receipt_of(message: OutboundMessage, outcome: Outcome, provider: str, now: int, random: Callable[[], float]) -> Receipt:
    """The receipt of an outcome. What may be tried again says when.

    While nobody can send at all, or the provider takes no more, no message runs out of tries: its expiry ends it.
    """
    match outcome:
        case Accepted(provider_id):
            return _receipt(message, "accepted", now, provider=provider, provider_id=provider_id or None)
        case Rejected(code, detail, reason, dead, opted_out):
            return _receipt(
                message, "rejected", now, provider=provider, code=code, detail=detail, reason=reason.value, address_dead=dead,
                address=message.to if dead else None, keyword="stop" if opted_out else None,
            )  # fmt: skip
        case Unknown(detail):
            # not getting a transactional message is worse than getting it twice
            wait = next_try(message.failures + 1, message.message_class, None, random)
            if message.message_class != "transactional" or wait is None:
                return _receipt(message, "unconfirmed", now, provider=provider, reason=Reason.OUTCOME_UNKNOWN.value, detail=detail)
            return _again(message, now, provider, Reason.OUTCOME_UNKNOWN, "unknown", detail, wait)
        case NotProcessed(code, detail, retry_after, reason, asked):
            if not asked or reason is Reason.RATE_LIMITED:
                turns = message.attempt if asked else 1
                return _again(message, now, provider, reason, code, detail, wait_before(turns, retry_after, random), tried=False)
            return _again(
                message, now, provider, reason, code, detail, next_try(message.failures + 1, message.message_class, retry_after, random)
            )
        case ChannelDown(code, detail):
            wait = wait_before(message.attempt, None, random)
            return _again(message, now, provider, Reason.PROVIDER_DOWN, code, detail, wait, tried=False)


def _again(
    message: OutboundMessage, now: int, provider: str, reason: Reason, code: str, detail: str, wait: int | None, *, tried: bool = True
) -> Receipt:
    if wait is None:
        return _receipt(message, "failed", now, provider=provider, reason=Reason.RETRIES_EXHAUSTED.value, code=code, detail=detail)
    return _receipt(
        message, "deferred", now, provider=provider, reason=reason.value, code=code, detail=detail, retry_at=now + wait, tried=tried
    )


def refused_receipt(message: OutboundMessage, refusal: GuardRefusal, now: int) -> Receipt:
    """The last check said no: a hold goes back to be held, a drop is final."""
    status: Status = "deferred" if refusal.hold else "rejected"
    return _receipt(
        message, status, now, reason=refusal.reason.value, rule=refusal.rule, case=refusal.case, checked="sender",
        retry_at=now if refusal.hold else None, tried=False,
    )  # fmt: skip


def unconfirmed_receipt(message: OutboundMessage, at: int) -> Receipt:
    """The provider may have it and nobody can say."""
    return _receipt(message, "unconfirmed", at, reason=Reason.OUTCOME_UNKNOWN.value)
