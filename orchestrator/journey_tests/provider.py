"""Providers of a test: they accept at once and report delivery at the same instant, unless the test says that something fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.contracts.guard import ALL_CLEAR, GuardQuestion, OfferQuestion, decode_guard, last_check, last_check_of_offer
from orchestrator.contracts.message import LeftOut, OutboundMessage, without_offer
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt, Status
from orchestrator.workspace.test_shapes import HOWS

ONLY = "sandbox"
"""The provider of every channel where concierge.toml names none."""
PASSED_ON = ("down", "rate_limited")
"""What lets the next provider of a channel take over."""
AGAIN, LONG_AGAIN = 60_000, 3_600_000
"""Milliseconds until the next try: of a provider that is busy or silent, of one whose end nobody knows."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`target` is a channel, `*`, or with `provider` a provider's name; in force from `since` up to `until` (None: to the end)."""

    target: str
    how: str
    since: int
    until: int | None
    provider: bool = False

    def covers(self, name: str, at: int, *, provider: bool = False) -> bool:
        """Is it of this channel, or provider, at this instant?"""
        named = self.target == name or (self.target == "*" and not provider)
        return self.provider is provider and named and self.since <= at and (self.until is None or at < self.until)


@dataclass(slots=True)
class Providers:
    """`waiting` are messages no sender has taken up; `guards` the facts the last check reads; `names` the providers of a channel, the first
    one first."""

    failures: list[Failure] = field(default_factory=list)
    waiting: list[OutboundMessage] = field(default_factory=list)
    guards: dict[str, bytes] = field(default_factory=dict)
    suppressed: dict[str, str] = field(default_factory=dict)
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def failing(self, channel: str, at: int) -> Failure | None:
        """The failure in force, the latest stated. Of providers the first that is not away, or busy, is the one that is asked."""
        of_all = self._latest(channel, at)
        if of_all is not None:
            return of_all
        found = None
        for name in self.names.get(channel) or (ONLY,):
            found = self._latest(name, at, provider=True)
            if found is None or found.how not in PASSED_ON:
                return found
        return found

    def _latest(self, name: str, at: int, *, provider: bool = False) -> Failure | None:
        return next((one for one in reversed(self.failures) if one.covers(name, at, provider=provider)), None)

    def next_change(self, after: int) -> int | None:
        """When messages that wait may be taken up."""
        ends = [one.until for one in self.failures if one.until is not None and one.until > after]
        return min(ends) if self.waiting and ends else None

    def take_up(self, at: int) -> list[OutboundMessage]:
        """Messages that waited for a sender and find one now."""
        ready = [message for message in self.waiting if (found := self.failing(message.channel, at)) is None or found.how != "queued"]
        self.waiting = [message for message in self.waiting if message not in ready]
        return ready

    def answer(self, message: OutboundMessage, at: int, address_hash: str) -> tuple[OutboundMessage | None, list[Receipt]]:
        """What was accepted, as it was sent, and what is reported. The senders' last check comes first, as in production."""
        failure = self.failing(message.channel, at)
        if failure is not None and failure.how == "queued":
            self.waiting.append(message)
            return None, []
        guard = self.guards.get(message.customer)
        question = GuardQuestion(
            channel=message.channel, message_class=message.message_class, topic=message.topic, rules=message.rules, not_after=message.not_after,
            quiet_from=message.quiet_from, address_kind=self.suppressed.get(address_hash), now=at,
            offer=None if message.offer is None else OfferQuestion(message.offer.topic, message.offer.rules),
        )  # fmt: skip
        facts = decode_guard(guard) if guard else ALL_CLEAR
        refusal = last_check(facts, question)
        if refusal is not None:
            status: Status = "deferred" if refusal.hold else "rejected"
            return None, [
                _receipt(
                    message,
                    status,
                    at,
                    reason=refusal.reason,
                    rule=refusal.rule,
                    case=refusal.case,
                    checked="sender",
                    retry_at=at if refusal.hold else None,
                    tried=False,
                )
            ]
        no_offer = last_check_of_offer(facts, question)
        if no_offer is not None:
            message = without_offer(message, LeftOut(reason=no_offer.reason.value, rule=no_offer.rule, case=no_offer.case))
        if failure is None:
            return message, [_receipt(message, "accepted", at), _receipt(message, "delivered", at)]
        return _failed(message, failure, at)


def _failed(message: OutboundMessage, failure: Failure, at: int) -> tuple[OutboundMessage | None, list[Receipt]]:
    later = failure.until if failure.until is not None else at + LONG_AGAIN
    match failure.how:
        case "down":
            return None, [_receipt(message, "deferred", at, reason=Reason.PROVIDER_DOWN, retry_at=later, tried=False)]
        case "rate_limited":
            return None, [_receipt(message, "deferred", at, reason=Reason.RATE_LIMITED, retry_at=min(later, at + AGAIN))]
        case "timeout" if message.message_class == "transactional":
            return None, [_receipt(message, "deferred", at, reason=Reason.OUTCOME_UNKNOWN, retry_at=at + AGAIN)]
        case "timeout":
            return None, [_receipt(message, "unconfirmed", at, reason=Reason.OUTCOME_UNKNOWN)]
        case "rejected":
            return None, [_receipt(message, "rejected", at, reason=Reason.PROVIDER_REJECTED)]
        case "withheld":
            return message, [_receipt(message, "accepted", at), _receipt(message, "failed", at, reason=Reason.PROVIDER_WITHHELD)]
        case _:
            return message, [_receipt(message, "accepted", at), _receipt(message, "failed", at, reason=Reason.UNDELIVERABLE)]


def _receipt(message: OutboundMessage, status: Status, at: int, *, reason: Reason | None = None, **more: object) -> Receipt:
    return Receipt(
        id=f"{message.intent}:{message.attempt}:{status}", customer=message.customer, status=status, at=at, channel=message.channel,
        intent=message.intent, attempt=message.attempt, provider="test",
        offer=None if message.offer is None else message.offer.left_out, reason=None if reason is None else reason.value, **more,  # type: ignore[arg-type]  # fields of a receipt
    )  # fmt: skip


def read_failure(
    item: Mapping[str, object], at: int, until: int | None, channels: Sequence[str], providers: Mapping[str, Sequence[str]]
) -> Failure:
    """From a test's `fail`. Raises ValueError."""
    target, how = str(item.get("channel", "*")), str(item.get("how"))
    if how not in HOWS:
        raise ValueError(f"fail.how is one of {', '.join(HOWS)}")
    if "provider" in item:
        known = sorted({name for names in providers.values() for name in names} or {ONLY})
        if item["provider"] not in known:
            raise ValueError(f"fail.provider: no provider '{item['provider']}' in concierge.toml; there are: {', '.join(known)}")
        return Failure(str(item["provider"]), how, at, until, provider=True)
    if target != "*" and target not in channels:
        raise ValueError(f"fail.channel is one of {', '.join(channels)}")
    return Failure(target, how, at, until)
