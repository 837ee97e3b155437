"""The guard facts of a customer, and the last check that senders make with them in the same step as the claim.

A pure rule, shared by every store: the lines of the decision that can still change between the plan and the provider call.
"""

from dataclasses import dataclass, replace

import msgspec

from orchestrator.contracts.consent import ConsentStatement, consent_state
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel, MessageClass


class GuardRule(msgspec.Struct, array_like=True, frozen=True):
    """A suppression rule that is true for this customer now. `then` is drop or hold."""

    name: str
    then: str
    reason: str
    case: str | None = None


class Guard(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Absent facts are all clear. `statements` of consent are there once one of them is revoked. `no_marketing`: a
    STOP stops marketing on every channel here (`stop_scope: all`)."""

    erased: bool = False
    do_not_contact: str = ""
    stopped: tuple[Channel, ...] = ()
    no_marketing: bool = False
    statements: tuple[ConsentStatement, ...] = ()
    rules: tuple[GuardRule, ...] = ()


ALL_CLEAR = Guard()
_decoder = msgspec.msgpack.Decoder(Guard)


def encode_guard(guard: Guard) -> bytes:
    """MessagePack."""
    return msgspec.msgpack.encode(guard)


def decode_guard(value: bytes) -> Guard:
    """Raises msgspec.DecodeError."""
    return _decoder.decode(value)


@dataclass(frozen=True, slots=True)
class OfferQuestion:
    """What the offer in a message is asked about: the topic it is of, and the rules that would stop marketing of it."""

    topic: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GuardQuestion:
    """What a sender is about to send. Instants in milliseconds; `address_kind` is `dead`, `complained`, `erased` or None."""

    channel: Channel
    message_class: MessageClass
    topic: str | None
    rules: tuple[str, ...]
    not_after: int | None
    quiet_from: int | None
    address_kind: str | None
    now: int
    offer: OfferQuestion | None = None


@dataclass(frozen=True, slots=True)
class GuardRefusal:
    """Why it must not leave now. `hold`: it goes back to be held; otherwise it is dropped."""

    reason: Reason
    hold: bool = False
    rule: str | None = None
    case: str | None = None


def last_check(guard: Guard, question: GuardQuestion) -> GuardRefusal | None:
    """Lines 1 to 7 of the decision, in their order, as far as they can be asked of the guard; None is a pass."""
    transactional = question.message_class == "transactional"
    if guard.erased:
        return GuardRefusal(Reason.ERASED)
    if guard.do_not_contact == "all" or (guard.do_not_contact and not transactional):
        return GuardRefusal(Reason.DO_NOT_CONTACT)
    if question.address_kind == "erased" and not transactional:
        return GuardRefusal(Reason.ERASED)
    if question.address_kind == "dead" or (question.address_kind == "complained" and not transactional):
        return GuardRefusal(Reason.ADDRESS_SUPPRESSED)
    if question.channel in guard.stopped or (guard.no_marketing and question.message_class == "marketing"):
        return GuardRefusal(Reason.CHANNEL_STOPPED)
    if not transactional:
        if question.topic is not None and consent_state(guard.statements, question.channel, question.topic) == "revoked":
            return GuardRefusal(Reason.CONSENT_REVOKED)
        for rule in guard.rules:
            if rule.name in question.rules:
                return GuardRefusal(Reason(rule.reason), hold=rule.then == "hold", rule=rule.name, case=rule.case)
    if question.not_after is not None and question.now > question.not_after:
        return GuardRefusal(Reason.EXPIRED)
    if not transactional and question.quiet_from is not None and question.now >= question.quiet_from:
        return GuardRefusal(Reason.QUIET_HOURS, hold=True)
    return None


def last_check_of_offer(guard: Guard, question: GuardQuestion) -> GuardRefusal | None:
    """Lines 1 to 5 once more, of the offer in a message that may go. Whatever they say it is no hold: the message goes without it."""
    if question.offer is None:
        return None
    asked = replace(
        question, message_class="marketing", topic=question.offer.topic, rules=question.offer.rules, not_after=None, quiet_from=None
    )  # fmt: skip
    return last_check(guard, asked)
