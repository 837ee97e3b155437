"""`when`: the items of a test, played into its world in order of time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestrator.contracts.command import Erase, encode_command
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import STATUSES, Receipt
from orchestrator.contracts.topics import CHANNELS, CUSTOMER_EVENTS
from orchestrator.expressions.local_time import local_to_instant
from orchestrator.gateway.keywords import keyword_of
from orchestrator.journey_tests.given import offset
from orchestrator.journey_tests.provider import read_failure
from orchestrator.journey_tests.services import read_outage
from orchestrator.journey_tests.versions import Versions, with_status
from orchestrator.journey_tests.world import World, only
from orchestrator.policies.reputation import BUCKET, Figures
from orchestrator.profiles.zone import zone_of
from orchestrator.workspace.guard import WINDOWS, Window
from orchestrator.workspace.test_shapes import MOST_REPEATS
from orchestrator.workspace.workspace import Workspace

_AT = re.compile(r"\{\{\s*at\('([^']+)'\)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happens to one customer at an instant (milliseconds)."""

    at: int
    customer: str
    item: Mapping[str, object]
    turn: int = 0
    """Of a repeated item, from 0."""


def timeline(world: World, items: Sequence[Mapping[str, object]]) -> list[Moment]:
    """All items with their repetitions and customers, in order of time; at one instant as they are written. Raises ValueError."""
    found: list[Moment] = []
    for item in items:
        repeat, every = item.get("repeat", 1), offset(item.get("every", "0s"))
        if not isinstance(repeat, int) or not 0 < repeat <= MOST_REPEATS:
            raise ValueError(f"repeat is a number up to {MOST_REPEATS}")
        found += [
            Moment(_instant(world, item, name) + turn * every, name, item, turn) for turn in range(repeat) for name in _who(world, item)
        ]
    return sorted(found, key=lambda moment: moment.at)


def _who(world: World, item: Mapping[str, object]) -> list[str]:
    name = item.get("customer")
    if name == "*":
        return list(world.customers)
    if name is None:
        return [next(iter(world.customers), "customer")]
    if name not in world.customers and not {"identify", "alias", "anonymous"} & item.keys():
        raise ValueError(f"no customer '{name}'; there are {', '.join(world.customers)}")
    return [str(name)]


def play(world: World, moment: Moment, versions: Versions, journeys: tuple[str, ...]) -> None:
    """One moment. Raises ValueError with a sentence."""
    item, name, at = moment.item, moment.customer, moment.at
    match next((key for key in _ITEMS if key in item), None):
        case "event":
            world.event(str(item.get("anonymous") or name), at, _event(world, item, name))
        case "identify":
            user = str(item["identify"])
            body = {
                "type": "identify",
                "userId": user,
                "anonymousId": item.get("anonymous"),
                "traits": _filled(world, item.get("with") or {}),
            }
            world.event(user, at, body)
        case "alias":
            user = str(item["alias"])
            world.event(user, at, {"type": "alias", "userId": user, "previousId": item.get("previous")})
        case "receipt":
            _receipt(world, moment)
        case "reply":
            _reply(world, item["reply"], name, at)
        case "unsubscribe":
            _unsubscribe(world, moment)
        case "erase":
            world.advance(at - 1)
            world.arrive(at, world.record(CUSTOMER_EVENTS, name, at, encode_command(Erase(customer=name, id=f"erase:{at}", at=at))))
        case "fail":
            given = item["fail"]
            if not isinstance(given, Mapping):
                raise ValueError("fail: {channel: email, how: down, for: 2h}")  # noqa: TRY004  (it is the test file that is wrong)
            world.advance(at - 1)
            until = at + offset(given["for"]) if "for" in given else None
            if "webhook" in given:
                world.services.outages.append(read_outage(given, at, until))
            else:
                world.providers.failures.append(read_failure(given, at, until, CHANNELS, world.providers.names))
        case "pause" | "resume" as word:
            if word == "resume":
                world.since[journeys[0]] = at
            _version(world, at, with_status(world.workspace, journeys[0], "paused" if word == "pause" else "live"))
        case "stats":
            _stats(world, item["stats"], journeys[0], at)
        case "apply":
            world.advance(at - 1)
            after = only(versions.with_file(str(item["apply"])), journeys)
            if world.planned.look(world.workspace, after, world.customers.values()):
                _version(world, at, after)
        case _:
            raise ValueError(f"an item without anything that happens: {dict(item)}")


_ITEMS = ("event", "identify", "alias", "receipt", "reply", "unsubscribe", "erase", "fail", "pause", "resume", "apply", "stats")


def _version(world: World, at: int, workspace: Workspace) -> None:
    """In force for inputs from this instant on."""
    world.advance(at - 1)
    world.now = at
    world.take_up(workspace)


def _reply(world: World, said: object, name: str, at: int) -> None:
    if not isinstance(said, Mapping) or said.get("channel") not in CHANNELS:
        raise ValueError("reply: {channel: sms, text: …}")
    text = str(said.get("text", ""))
    world.receipt(
        at,
        Receipt(
            id=f"reply:{at}:{text}", customer=name, status="replied", at=at, channel=said["channel"], text=text, keyword=keyword_of(text)
        ),
    )


def _stats(world: World, given: object, journey: str, at: int) -> None:
    """As if so much, and nothing else, had been counted: at the beginning of the window, so that a shorter one does not see it."""
    stated = given if isinstance(given, Mapping) else {}
    within: Window = "24h" if stated.get("within") == "24h" else "1h"
    world.advance(at - 1)
    world.now = at
    figures = Figures(*(int(str(stated.get(name, 0))) for name in Figures._fields))
    name = str(stated.get("journey", journey))
    world.counted[name] = {}
    world.count(name, at - WINDOWS[within] + BUCKET, figures)
    world.guard()


def _unsubscribe(world: World, moment: Moment) -> None:
    """A scanner only looks at the page: GET changes nothing."""
    left, at = moment.item["unsubscribe"], moment.at
    given = left if isinstance(left, Mapping) else {}
    world.advance(at - 1)
    sent = _sent(world, moment, given)
    if given.get("by", "one_click") not in ("one_click", "page", "scanner"):
        raise ValueError("unsubscribe: by is one_click, page or scanner")
    if sent is not None and given.get("by") != "scanner":
        world.receipt(
            at,
            Receipt(
                id=f"un:{at}:{sent.intent}", customer=sent.customer, status="unsubscribed", at=at, channel=sent.channel, topic=sent.topic
            ),
        )


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


def _sent(world: World, moment: Moment, given: Mapping[str, object]) -> OutboundMessage | None:
    """The last message of the step to this customer; None where the item is about all, and this one got none. Raises ValueError."""
    step, channel, whose = str(given.get("step")), given.get("channel"), moment.item.get("customer")
    found = [
        message for _at, message in world.sends
        if message.step == step and channel in (None, message.channel) and (whose is None or message.customer == moment.customer)
    ]  # fmt: skip
    if not found and whose != "*":
        to = "" if whose is None else f" to '{moment.customer}'"
        raise ValueError(f"nothing was sent by step '{step}'{to} before this")
    return found[-1] if found else None


def _receipt(world: World, moment: Moment) -> None:
    given, at = moment.item["receipt"], moment.at
    if not isinstance(given, Mapping) or given.get("status") not in STATUSES:
        raise ValueError(f"receipt: {{step, status}}; status is one of {', '.join(STATUSES)}")
    world.advance(at - 1)
    message = _sent(world, moment, given)
    if message is None:
        return
    status = given["status"]
    world.receipt(at, Receipt(
        id=f"{message.intent}:{status}:{at}", customer=message.customer, status=status, at=at, channel=message.channel, intent=message.intent,
        human=bool(given.get("human", True)), code=str(given["code"]) if "code" in given else None, address_dead=status == "bounced",
    ))  # fmt: skip
