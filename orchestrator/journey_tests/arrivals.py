"""Items of `when` that arrive as records: what people do, what becomes of messages, who is who."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from orchestrator.contracts.command import Erase, encode_command
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import STATUSES, Receipt, encode_receipt
from orchestrator.contracts.topics import CHANNELS, CUSTOMER_EVENTS, DELIVERY_RECEIPTS
from orchestrator.engine.inputs import InputRecord
from orchestrator.gateway.keywords import keyword_of
from orchestrator.journey_tests.given import offset
from orchestrator.journey_tests.world import World

ARRIVES = ("event", "identify", "alias", "receipt", "reply", "unsubscribe", "erase")
"""Items that become records of the log."""
_AT = re.compile(r"\{\{\s*at\('([^']+)'\)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happens to one customer at an instant (milliseconds)."""

    at: int
    customer: str
    item: Mapping[str, object]

    @property
    def arrives(self) -> bool:
        """As a record, which stands in one batch with others of its instant."""
        return any(word in self.item for word in ARRIVES)


def arrive(world: World, moments: Sequence[Moment]) -> None:
    """These arrive at one instant and are one batch, as in production. Raises ValueError with a sentence."""
    at = moments[0].at
    world.advance(at - 1)  # what happens before stands before it in the log
    arrivals = _Arrivals(world, at)
    for moment in moments:
        arrivals.take(moment)
    arrivals.flush()


@dataclass(slots=True)
class _Arrivals:
    """Of one instant. `waiting` are records that nobody has read yet."""

    world: World
    at: int
    waiting: list[InputRecord] = field(default_factory=list)

    def take(self, moment: Moment) -> None:
        item = moment.item
        match next(word for word in ARRIVES if word in item):
            case "event":
                self._event(str(item.get("anonymous") or moment.customer), _event(self.world, item, moment.customer))
            case "identify":
                traits = _filled(self.world, item.get("with") or {})
                user = str(item["identify"])
                self._event(user, {"type": "identify", "userId": user, "anonymousId": item.get("anonymous"), "traits": traits})
            case "alias":
                user = str(item["alias"])
                self._event(user, {"type": "alias", "userId": user, "previousId": item.get("previous")})
            case "erase":
                command = Erase(customer=moment.customer, id=f"erase:{self.at}", at=self.at)
                self._record(CUSTOMER_EVENTS, moment.customer, encode_command(command))
            case "receipt":
                self._receipt(moment)
            case "reply":
                self._reply(item["reply"], moment.customer)
            case _:
                self._unsubscribe(moment)

    def flush(self) -> None:
        """Let what waits be read."""
        if self.waiting:
            records, self.waiting = self.waiting, []
            self.world.arrive(self.at, *records)

    def _event(self, customer: str, event: Mapping[str, object]) -> None:
        self._record(CUSTOMER_EVENTS, customer, msgspec.json.encode(event))

    def _told(self, receipt: Receipt) -> None:
        self._record(DELIVERY_RECEIPTS, receipt.customer, encode_receipt(receipt))

    def _record(self, topic: str, customer: str, value: bytes) -> None:
        self.waiting.append(self.world.record(topic, customer, self.at, value))

    def _receipt(self, moment: Moment) -> None:
        given, at = moment.item["receipt"], self.at
        if not isinstance(given, Mapping) or given.get("status") not in STATUSES:
            raise ValueError(f"receipt: {{step, status}}; status is one of {', '.join(STATUSES)}")
        message = self._sent(moment, given)
        if message is None:
            return
        status = given["status"]
        self._told(Receipt(
            id=f"{message.intent}:{status}:{at}", customer=message.customer, status=status, at=at, channel=message.channel, intent=message.intent,
            human=bool(given.get("human", True)), code=str(given["code"]) if "code" in given else None, address_dead=status == "bounced",
        ))  # fmt: skip

    def _reply(self, said: object, name: str) -> None:
        if not isinstance(said, Mapping) or said.get("channel") not in CHANNELS:
            raise ValueError("reply: {channel: sms, text: …}")
        text, at = str(said.get("text", "")), self.at
        self._told(Receipt(
            id=f"reply:{at}:{text}", customer=name, status="replied", at=at, channel=said["channel"], text=text, keyword=keyword_of(text)
        ))  # fmt: skip

    def _unsubscribe(self, moment: Moment) -> None:
        """A scanner only looks at the page: GET changes nothing."""
        left, at = moment.item["unsubscribe"], self.at
        given = left if isinstance(left, Mapping) else {}
        sent = self._sent(moment, given)
        if given.get("by", "one_click") not in ("one_click", "page", "scanner"):
            raise ValueError("unsubscribe: by is one_click, page or scanner")
        if sent is not None and given.get("by") != "scanner":
            self._told(Receipt(
                id=f"un:{at}:{sent.intent}", customer=sent.customer, status="unsubscribed", at=at, channel=sent.channel, topic=sent.topic
            ))  # fmt: skip

    def _sent(self, moment: Moment, given: Mapping[str, object]) -> OutboundMessage | None:
        """The last message of the step to this customer; where there is none yet, what waits is read before: it may be what brings it about.
        None where the item is about all, and this one got none. Raises ValueError."""
        found = _last(self.world, moment, given)
        if found is None and self.waiting:
            self.flush()
            found = _last(self.world, moment, given)
        whose = moment.item.get("customer")
        if found is None and whose != "*":
            to = "" if whose is None else f" to '{moment.customer}'"
            raise ValueError(f"nothing was sent by step '{given.get('step')}'{to} before this")
        return found


def _last(world: World, moment: Moment, given: Mapping[str, object]) -> OutboundMessage | None:
    step, channel, whose = str(given.get("step")), given.get("channel"), moment.item.get("customer")
    found = (
        message for _at, message in reversed(world.sends)
        if message.step == step and channel in (None, message.channel) and (whose is None or message.customer == moment.customer)
    )  # fmt: skip
    return next(found, None)


def _event(world: World, item: Mapping[str, object], name: str) -> dict[str, object]:
    kind = str(item.get("type") or "track")
    ids = {"anonymousId": item["anonymous"]} if "anonymous" in item else {"userId": name}
    event: dict[str, object] = {"type": kind, "event": item["event"], **ids, "properties": _filled(world, item.get("with") or {})}
    if kind in ("page", "screen"):
        event["name"] = item["event"]
    if "id" in item:
        event["messageId"] = item["id"]
    if "timestamp" in item:
        given = str(item["timestamp"])
        event["timestamp"] = given if "T" in given else _text(world.start + offset(given))
    return event


def _filled(world: World, value: object) -> object:
    """`{{ at('36h') }}` is an instant from the start."""
    if isinstance(value, str):
        return _AT.sub(lambda found: _text(world.start + offset(found[1])), value)
    if isinstance(value, Mapping):
        return {key: _filled(world, item) for key, item in value.items()}
    return [_filled(world, item) for item in value] if isinstance(value, list) else value


def _text(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat().replace("+00:00", "Z")
