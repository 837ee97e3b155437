"""What tests of `fallback` are made of: a journey with one send, and what its providers report."""

from dataclasses import dataclass

from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, Channel
from orchestrator.engine.batch import Outcome
from tests.one_journey import POLICIES, workspace
from tests.worlds import HOUR, T0, Engine

HEAD = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\n"
BASKET = "{at: 0h, event: Basket Changed, with: {basket: b1}}"


def journey(fallback: str = "", *, channels: str = "email, sms", head: str = HEAD, more: str = "", after: str = "") -> str:
    given = f", fallback: {fallback}" if fallback else ""
    return f"{head}steps:\n  - {{id: mail, send: hello, channels: [{channels}]{given}{more}}}\n{after}"


HOLDING = POLICIES + "suppression:\n  - {rule: calm, when: customer.score > 2, classes: [service], then: hold, max_hold: 30h}\n"
UNSEEN = journey("{on: [undeliverable, unseen], after: 4h}")
EXPIRED = journey("{on: [expired], after: 4h}")


def when(*items: str) -> str:
    return f"when: [{', '.join((BASKET, *items))}]\n"


def fail(how: str, channel: str = "email", more: str = "") -> str:
    return f"{{at: 0h, fail: {{channel: {channel}, how: {how}{more}}}}}"


def receipt(at: str, status: str, more: str = "") -> str:
    return f"{{at: {at}, receipt: {{step: mail, status: {status}{more}}}}}"


@dataclass
class Told:
    """Ada's one message and what her providers report of it."""

    engine: Engine
    numbers: int = 0

    @property
    def sends(self) -> list[tuple[int, str]]:
        """(hours after the first, channel)."""
        return [((one.committed_at - T0) // HOUR, one.channel) for one in self.engine.messages]

    def report(self, at: int, status: str, channel: Channel = "email", **more: object) -> Outcome:
        """About the message on that channel, `at` milliseconds after the first; everything that is due before happens before."""
        self.numbers += 1
        found = next(one for one in self.engine.messages if one.channel == channel)
        body = Receipt(id=f"r{self.numbers}", customer="ada", status=status, at=T0 + at, channel=channel, intent=found.intent, **more)  # type: ignore[arg-type]  # fields of a receipt
        return self.engine.apply([self.engine.record("ada", T0 + at, encode_receipt(body), DELIVERY_RECEIPTS)])

    def pass_to(self, at: int) -> Outcome:
        """Nothing but time."""
        return self.engine.apply([], until=T0 + at)

    @property
    def chains(self) -> int:
        """Messages of which something may still follow."""
        messages = self.engine.customers["ada"].messages
        return sum(one.chain is not None for one in messages.sent) + sum(one.chain is not None for one in messages.planned)


def told(text: str) -> Told:
    engine = Engine(workspace({"try_it": text}))
    engine.apply([
        engine.identify("ada", T0 - HOUR, email="ada@example.com", phone="+447911123456"),
        engine.event("ada", T0, "Basket Changed", basket="b1"),
    ])  # fmt: skip
    return Told(engine)
