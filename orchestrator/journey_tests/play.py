"""`when`: the items of a test, played into its world in order of time."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from orchestrator.contracts.command import Erase, encode_command
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import STATUSES, Receipt
from orchestrator.contracts.topics import CUSTOMER_EVENTS
from orchestrator.expressions.local_time import local_to_instant
from orchestrator.gateway.keywords import keyword_of
from orchestrator.journey_tests.given import offset
from orchestrator.journey_tests.world import World
from orchestrator.profiles.zone import zone_of

_AT = re.compile(r"\{\{\s*at\('([^']+)'\)\s*\}\}")


def play(world: World, item: Mapping[str, object]) -> None:
    """One item. Raises ValueError with a sentence."""
    name = str(item.get("customer") or next(iter(world.customers), "customer"))
    at = _instant(world, item, name)
    match next((key for key in ("event", "identify", "alias", "receipt", "reply", "unsubscribe", "erase") if key in item), None):
        case "event":
            world.event(str(item.get("anonymous") or name), at, _event(world, item, name))
        case "identify":
            user = str(item["identify"])
            world.event(
                user, at, {"type": "identify", "userId": user, "anonymousId": item.get("anonymous"), "traits": item.get("with") or {}}
            )
        case "alias":
            user = str(item["alias"])
            world.event(user, at, {"type": "alias", "userId": user, "previousId": item.get("previous")})
        case "receipt":
            _receipt(world, item, at)
        case "reply":
            said = item["reply"]
            if not isinstance(said, Mapping):
                raise ValueError("reply: {channel: sms, text: …}")  # noqa: TRY004  (it is the test file that is wrong)
            text = str(said.get("text", ""))
            world.receipt(
                at,
                Receipt(
                    id=f"reply:{at}", customer=name, status="replied", at=at, channel=said["channel"], text=text, keyword=keyword_of(text)
                ),
            )
        case "unsubscribe":
            left = item["unsubscribe"]
            sent = _sent(world, str(left.get("step")) if isinstance(left, Mapping) else "", None)
            if isinstance(left, Mapping) and left.get("by") == "scanner":
                return
            world.receipt(
                at, Receipt(id=f"un:{at}", customer=sent.customer, status="unsubscribed", at=at, channel=sent.channel, topic=sent.topic)
            )
        case "erase":
            world.advance(at - 1)
            world._apply(at, [world.record(CUSTOMER_EVENTS, name, at, encode_command(Erase(customer=name, id=f"erase:{at}", at=at)))])  # noqa: SLF001  (its own world)
        case _:
            raise ValueError(f"an item without anything that happens: {dict(item)}")


def _instant(world: World, item: Mapping[str, object], name: str) -> int:
    if "local" in item:
        local = datetime.fromisoformat(str(item["local"]))
        zone = zone_of(world.customers[name], world.workspace)
        return round(local_to_instant(local.date(), local.time(), zone).timestamp() * 1000)
    return world.start + offset(item.get("at", "0h"))


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


def _sent(world: World, step: str, channel: object) -> OutboundMessage:
    found = [message for _at, message in world.sends if message.step == step and channel in (None, message.channel)]
    if not found:
        raise ValueError(f"nothing was sent by step '{step}' before this receipt")
    return found[-1]


def _receipt(world: World, item: Mapping[str, object], at: int) -> None:
    given = item["receipt"]
    if not isinstance(given, Mapping) or given.get("status") not in STATUSES:
        raise ValueError(f"receipt: {{step, status}}; status is one of {', '.join(STATUSES)}")
    world.advance(at - 1)
    message = _sent(world, str(given.get("step")), given.get("channel"))
    status = given["status"]
    world.receipt(at, Receipt(
        id=f"{message.intent}:{status}:{at}", customer=message.customer, status=status, at=at, channel=message.channel, intent=message.intent,
        human=bool(given.get("human", True)), code=str(given["code"]) if "code" in given else None, address_dead=status == "bounced",
    ))  # fmt: skip
