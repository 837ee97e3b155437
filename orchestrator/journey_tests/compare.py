"""`then`: what was expected held against what happened. Sends and skips are exhaustive and in order; notes on a part of a message, which
stand among skips with their `part`, are so where one of them is named."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from orchestrator.content.variants import draw
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.message import EmailContent, OutboundMessage, TextContent
from orchestrator.expressions.durations import write_duration
from orchestrator.expressions.values import canonical_text
from orchestrator.journey_tests.final_state import counted, final_state, same
from orchestrator.journey_tests.given import offset
from orchestrator.journey_tests.paired import paired
from orchestrator.journey_tests.world import World
from orchestrator.profiles.zone import zone_of
from orchestrator.workspace.test_times import milliseconds

Item = Mapping[str, object]
SHOWN = 20
"""Differences of one list that are told one by one."""


def differences(world: World, then: Mapping[str, object], journey: str, values: Mapping[str, Item]) -> list[str]:
    """Nothing when everything is as expected. `values`: by intent, what `values` of a send asked for."""
    got: dict[str, list[Item]] = {
        "sends": [_send(world, at, message) | {"values": values.get(message.intent, {})} for at, message in world.sends],
        "skips": [_decision(world, d) for d in world.decisions if d.effect in ("D", "E", "F")],
        "notes": [_decision(world, d) for d in world.decisions if d.effect == "i"],
        "holds": [_decision(world, d) for d in world.decisions if d.effect == "H"],
        "ends": [
            {"at": e.at, "customer": e.customer, "journey": e.journey, "key": e.key, "how": e.how, "label": e.label, "local": _local(world, e.customer, e.at)}
            for e in world.endings
        ],
    }  # fmt: skip
    includes, counts = (then[key] if isinstance(then.get(key), Mapping) else {} for key in ("includes", "counts"))
    assert isinstance(includes, Mapping)
    assert isinstance(counts, Mapping)
    spoken_of = {*includes, *counts, *(["sends"] if "first" in then else [])}
    found: list[str] = []
    for name in ("sends", "skips", "holds", "ends"):
        if name in then or (name in ("sends", "skips") and name not in spoken_of):
            wanted = _items(then.get(name))
            if name == "skips":
                notes = [one for one in wanted if one.get("part") is not None]
                wanted = [one for one in wanted if one.get("part") is None]
                found += _lists("note", notes, got["notes"], world) if notes else []
            found += _lists(name[:-1], wanted, got[name], world)
    found += _lists("send", (first := _items(then.get("first"))), got["sends"][: len(first)], world)
    for name, wanted in includes.items():
        found += [
            f"no {str(name)[:-1]} like: {_show(one)}"
            for one in _items(wanted)
            if not any(_matches(one, other, world) is None for other in got.get("notes" if one.get("part") is not None else str(name), []))
        ]
    found += counted(world, counts, journey, {name: len(items) for name, items in got.items()})
    found += final_state(world, then, journey)
    return [*found, *(f"dead letter: {text}" for text in world.dead), *breakdowns(world)]


def breakdowns(world: World) -> list[str]:
    """A sentence for every failure of the engine itself: no test passes with one."""
    return [
        f"the engine broke: {error}, at {write_duration((at - world.start) // 1000 * 1000)}; this is a defect of the program"
        for at, error in world.broken
    ]


def _items(value: object) -> list[Item]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _send(world: World, at: int, message: OutboundMessage) -> dict[str, object]:
    content = message.content
    text = (
        f"{content.subject}\n{content.preheader}\n{content.text}"
        if isinstance(content, EmailContent)
        else content.body
        if isinstance(content, TextContent)
        else content.preview + "\n" + "\n".join(content.variables.values())
    )
    return {
        "at": at, "customer": message.customer, "journey": message.journey, "key": message.key, "step": message.step, "channel": message.channel,
        "message": message.message, "variant": message.variant or None, "reason": _reason(world, message.intent), "fallback_blocks": _fallbacks(world, message.intent), "locale": message.locale, "text": text, "subject": getattr(content, "subject", None),
        "segments": getattr(content, "segments", None), "offer": _offer(message), "local": _local(world, message.customer, at),
    }  # fmt: skip


def _offer(message: OutboundMessage) -> str:
    """Its name, as it was sent."""
    return "none" if message.offer is None or message.offer.left_out is not None else message.offer.name


def _reason(world: World, intent: str) -> object:
    return next((d.reason.value for d in reversed(world.decisions) if d.intent == intent and d.effect == "S"), None)


def _fallbacks(world: World, intent: str) -> object:
    return next((d.values.get("fallback_blocks") for d in reversed(world.decisions) if d.intent == intent and d.effect == "S"), None)


def _decision(world: World, decision: Decision) -> dict[str, object]:
    return {
        "at": decision.at, "customer": decision.customer, "journey": decision.journey, "key": _key(decision), "step": decision.step,
        "message": decision.message, "variant": _variant(world, decision), "channel": decision.channel, "reason": decision.reason.value, "part": decision.part, "winner": decision.winner, "until": decision.until,
        "explain": {"rule": decision.rule, "case": decision.case, "checked_at": decision.checked_at, "values": decision.values, "channels": decision.channels},
        "local": _local(world, decision.customer, decision.at),
    }  # fmt: skip


def _key(decision: Decision) -> str:
    """Of the run it is about, which is called by journey, key and number; of somebody at the door by the first two."""
    key = (decision.run or "").removeprefix(f"{decision.journey}/")
    return key if decision.effect == "E" else key.rpartition("/")[0]


def _variant(world: World, decision: Decision) -> str | None:
    """The one that its customer gets, or would have got."""
    message = world.workspace.messages.get(decision.message or "")
    variant = None if message is None else draw(message, world.workspace.name, decision.customer)
    return None if variant is None else variant.name


def _local(world: World, customer: str, at: int) -> str:
    held = world.customers.get(customer)
    zone = zone_of(held, world.workspace) if held is not None else world.workspace.timezone
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def _lists(what: str, wanted: Sequence[Item], got: Sequence[Item], world: World) -> list[str]:
    found: list[str] = []
    for mine, other in paired(len(wanted), len(got), lambda mine, other: _matches(wanted[mine], got[other], world) is None):
        if mine is None:
            found += [f"unexpected {what}: {_show_got(got[other], world)}"] if other is not None else []
        elif other is None:
            found.append(f"{what} {mine + 1} is missing: {_show(wanted[mine])}")
        elif (why := _matches(wanted[mine], got[other], world)) is not None:
            found.append(f"{what} {mine + 1}: {why}\n    expected {_show(wanted[mine])}\n    got      {_show_got(got[other], world)}")
    more = len(found) - SHOWN
    return [*found[:SHOWN], *([f"… and {more:,} {what}s more that differ"] if more > 0 else [])]


def _matches(wanted: Item, got: Item, world: World) -> str | None:
    """Why not; None when it matches on every key that is named."""
    for key, value in wanted.items():
        match key:
            case "at" | "until":
                have = got.get(key)
                if not isinstance(have, int) or have // 1000 != (world.start + offset(value)) // 1000:
                    return f"{key} {value}"
            case "local":
                if not str(got.get("local")).startswith(str(value)):
                    return f"local {value}"
            case "instant":
                if int(str(got["at"])) // 1000 != milliseconds(str(value)) // 1000:
                    return f"instant {value}"
            case "contains" | "lacks":
                for text in value if isinstance(value, list) else [value]:
                    if (str(text) in str(got.get("text"))) != (key == "contains"):
                        return f"{key} {text!r}"
            case "fallback_blocks":
                if (got.get(key) or []) != value:
                    return f"fallback_blocks {value!r}"
            case "values":
                have = got.get("values")
                for name, part in value.items() if isinstance(value, Mapping) else ():
                    given = have.get(name) if isinstance(have, Mapping) else None
                    if not same(given, part):
                        return f"{name} {part!r}, it was {'missing' if given is None else canonical_text(given)}"
            case "explain":
                have = got.get("explain")
                for name, part in value.items() if isinstance(value, Mapping) else ():
                    if not isinstance(have, Mapping) or not _within(have.get(name), part):
                        return f"explain.{name} {part!r}"
            case _:
                if not same(got.get(key), value):
                    return f"{key} {value!r}"
    return None


def _within(have: object, wanted: object) -> bool:
    if isinstance(wanted, Mapping) and isinstance(have, Mapping):
        return all(same(have.get(key), value) for key, value in wanted.items())
    return same(have, wanted)


def _show(item: Item) -> str:
    return ", ".join(f"{key} {value}" for key, value in item.items())


def _show_got(item: Item, world: World) -> str:
    at = int(str(item["at"]))
    parts = [f"at {write_duration((at - world.start) // 1000 * 1000)}", f"local {item['local']}" if item.get("local") else ""]
    parts += [
        f"{key} {item[key]}"
        for key in ("customer", "journey", "key", "step", "channel", "message", "variant", "offer", "reason", "how", "label", "subject")
        if item.get(key)
    ]
    text = item.get("text")
    if isinstance(text, str):
        parts.append(f"text {' '.join(text.split())[:120]!r}")
    return ", ".join(part for part in parts if part)
