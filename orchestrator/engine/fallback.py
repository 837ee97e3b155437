"""A message that does not get through on its channel goes on to the next one: when that is reported, or when its time is over."""

import msgspec

from orchestrator.contracts.decision import Decision
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt
from orchestrator.engine.chain import end_chain, look_again
from orchestrator.engine.turn import Turn
from orchestrator.model.planned import Chain, Planned, Sent

UNDELIVERABLE = frozenset(("bounced", "failed", "rejected"))
"""What a receipt says of a channel that cannot deliver. `unconfirmed` is none of these: the provider may have it."""
OF_THE_CHANNEL = frozenset(
    (
        Reason.ADDRESS_SUPPRESSED, Reason.CHANNEL_STOPPED, Reason.CONSENT_REVOKED, Reason.CONSENT_MISSING, Reason.CONSENT_PENDING,
    )
)  # fmt: skip
"""Reasons of a sender's last check that speak of one channel only; what else it drops is dropped for good."""


def heard(turn: Turn, receipt: Receipt, sent: Sent) -> None:
    """What a receipt, that is noted already, means for the channels after this one."""
    chain = sent.chain
    assert chain is not None
    if _got_through(sent, chain):
        end_chain(turn, sent)
    elif receipt.status in UNDELIVERABLE:
        if receipt.checked == "sender" and receipt.reason not in OF_THE_CHANNEL:
            end_chain(turn, sent)
        elif chain.failed and turn.now <= chain.until:
            _fall(turn, sent, chain, "undeliverable")


def _got_through(sent: Sent, chain: Chain) -> bool:
    return sent.seen or (sent.delivered and chain.by_time != "seen")


def give_up(turn: Turn) -> None:
    """Messages whose time is over: they were not delivered, or not seen, by now. After the inputs of the instant: a receipt wins."""
    messages = turn.customer.messages
    if messages.falls_at is None or messages.falls_at > turn.now:
        return
    for sent in [one for one in messages.sent if _is_over(one.chain, turn.now)]:
        assert sent.chain is not None
        _say_unseen(turn, sent, sent.chain)
        _fall(turn, sent, sent.chain, _over(sent.chain))
    for planned in [one for one in messages.planned if _is_over(one.chain, turn.now)]:
        assert planned.chain is not None
        messages.planned = [one for one in messages.planned if one is not planned]
        _say_unseen(turn, planned, planned.chain)
        _plan_next(turn, planned, planned.chain, _over(planned.chain))
    turn.customer.changed("msgs")
    look_again(messages)


def _is_over(chain: Chain | None, now: int) -> bool:
    return chain is not None and bool(chain.by_time) and chain.until <= now


def _over(chain: Chain) -> str:
    """What ends its time, as a step writes it."""
    return "unseen" if chain.by_time == "seen" else "expired"


def _fall(turn: Turn, sent: Sent, chain: Chain, why: str) -> None:
    planned = sent.plan
    end_chain(turn, sent)
    if planned is not None:
        _plan_next(turn, planned, chain, why)


def _plan_next(turn: Turn, planned: Planned, chain: Chain, why: str) -> None:
    """The same message, due on the channels that are left, judged from the top; nobody waits for it, and it expires when it would have."""
    further = msgspec.structs.replace(
        planned, channels=chain.left, fell_from=chain.of, chain=None, waiting=False, held=False, until=None, reason=None, held_by={},
        limit_at=None, turn_at=None, turn_moved=0.0, tries=0, failures=0, returns=0, replaces="", retry_at=None, caused_at=turn.caused_at,
    )  # fmt: skip
    turn.customer.messages.planned.append(further)
    turn.frame.took(planned.facts.journey, planned.step, why)
    turn.customer.changed("msgs")


def _say_unseen(turn: Turn, message: Sent | Planned, chain: Chain) -> None:
    sent = message if isinstance(message, Sent) else None
    planned = message.plan if isinstance(message, Sent) else message
    if planned is None:
        return
    facts = planned.facts
    turn.effects.decide(
        turn.customer,
        Decision(
            reason=Reason.UNSEEN, effect="F", at=turn.now, customer=turn.customer.id, journey=facts.journey, version=facts.version,
            run=planned.run_id, step=planned.step, message=planned.message, channel=chain.of, message_class=planned.message_class,
            intent=None if sent is None else sent.intent, values={"wanted": chain.by_time, "by": chain.until},
        ),
    )  # fmt: skip
