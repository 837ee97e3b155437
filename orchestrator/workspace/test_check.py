"""What lint says of a test's `then`: steps, channels and reasons that do not exist, sends a step can't make."""

from collections.abc import Collection, Iterator, Sequence

from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import CHANNELS
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.compiling import expression_at
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.step import SendStep, SplitStep
from orchestrator.workspace.test_endings import possible_ends
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

_PLACES = ("at", "local", "instant", "journey", "customer", "step", "channel", "message")
ITEMS: dict[str, tuple[str, ...]] = {
    "sends": (
        *_PLACES,
        "key",
        "variant",
        "offer",
        "reason",
        "fallback_blocks",
        "subject",
        "contains",
        "lacks",
        "segments",
        "locale",
        "text",
        "values",
    ),
    "skips": (*_PLACES, "key", "variant", "reason", "part", "winner", "until", "explain"),
    "holds": (*_PLACES, "key", "variant", "reason", "part", "winner", "until", "explain"),
    "ends": ("at", "local", "instant", "journey", "customer", "key", "how", "label"),
}
"""What an expected item of each list may name."""


def known_keys(then: Node, reading: Reading) -> None:
    """Y002 for keys that no item has: what is not looked at cannot fail. Y012 for skips without a reason: any would do."""
    includes = then.entries.get("includes")
    lists = [
        then.entries,
        includes.entries if includes is not None else {},
        {"sends": then.entries["first"]} if "first" in then.entries else {},
    ]
    for found in lists:
        for name, keys in ITEMS.items():
            for item in found[name].items if name in found else ():
                _keys_of(item, name, keys, reading)
                if name == "skips" and ("reason" not in item.entries or item.entries["reason"].empty):
                    reading.bad(item, "Y012", "a skip without `reason`", "one for another reason would do as well", "add `reason: …`")


def _keys_of(item: Node, name: str, keys: tuple[str, ...], reading: Reading) -> None:
    for key, place in item.keys.items():
        if key not in keys:
            reading.bad(place, "Y002", f"no key '{key}' in an item of `{name}`", "nothing is ever ignored", nearest(key, keys, "keys here"))


def readable(then: Node, name: str, words: Vocabularies, workspace: Workspace, reading: Reading) -> None:
    """What is no expression in the `values` of a send: they are read as the message reads them."""
    journey = workspace.journeys.get(name)
    if journey is None:
        return
    vocabulary = words.steps(journey.entry.speaks_of, [step for step in journey.steps if not step.startswith("#")])
    vocabulary = vocabulary.with_names(message=None, vars=None, event=None, steps=None)
    for item in _sends(then):
        values, owner = item.entries.get("values"), item.entries.get("journey")
        if values is not None and (owner is None or owner.text == name):
            for key in values.keys.values():
                expression_at(key, vocabulary, reading)


def _sends(then: Node) -> Iterator[Node]:
    """Every expected send."""
    includes = then.entries.get("includes")
    for items in (then.entries.get("sends"), then.entries.get("first"), includes.entries.get("sends") if includes is not None else None):
        yield from items.items if items is not None else ()


def known_offers(then: Node, given: Sequence[Node | None], workspace: Workspace, reading: Reading) -> None:
    """J007 for offers that are not there; `given` are those of the test and of its file, the nearer one first."""
    written = next((one.entries["offers"] for one in given if one is not None and "offers" in one.entries), None)
    if "offers" in reading.unread.parts:
        return
    offers = {*workspace.offers, *reading.unread.offers}
    known = set(offers)
    if written is not None:
        ones = written.items if written.kind == "list" else [written]
        for one in ones:
            if one.kind == "scalar" and one.text != "none":
                _known_offer(one, offers, reading)
        known |= {one.entries["offer"].text for one in ones if one.kind == "map" and "offer" in one.entries}
    for item in _sends(then):
        if "offer" in item.entries and item.entries["offer"].text != "none":
            _known_offer(item.entries["offer"], known, reading)


def _known_offer(node: Node, known: Collection[str], reading: Reading) -> None:
    if node.text not in known:
        reading.bad(node, "J007", f"no offer '{node.text}'", "offers stand in offers.yaml", nearest(node.text, known, "offers"))


def known_arms(then: Node, name: str, workspace: Workspace, reading: Reading) -> None:
    """T001 for arms of no split, T005 for those of several."""
    arms, journey = then.entries.get("arms"), workspace.journeys.get(name)
    if arms is None or journey is None:
        return
    known = [arm.name for step in journey.steps.values() if isinstance(step, SplitStep) for arm in step.arms]
    for arm, place in arms.keys.items():
        if arm not in known:
            reading.bad(place, "T001", f"no arm '{arm}' in {name}", "arms are named in a split", nearest(arm, known, "arms"))
        elif known.count(arm) > 1:
            reading.bad(place, "T005", f"two splits have an arm '{arm}'", "whose share is meant?", "give one of them another name")


def known_steps(node: Node, name: str, workspace: Workspace, reading: Reading) -> None:
    journey = workspace.journeys.get(name)
    if journey is None:
        return
    names = {step.node for step in journey.every_step}
    for one in node.walk():
        step = one.entries.get("step") if one.kind == "map" else None
        owner = one.entries.get("journey") if one.kind == "map" else None
        if step is not None and step.text not in names and (owner is None or owner.text == name):
            reading.bad(
                step,
                "T001",
                f"no step '{step.text}' in {name}",
                "a test names steps by their id",
                nearest(step.text, [n for n in names if not n.startswith("#")]),
            )


def possible(node: Node, name: str, workspace: Workspace, reading: Reading) -> None:
    """T001 for channels and reasons there are not; T005 for what a step can't do."""
    journey = workspace.journeys.get(name)
    reasons = [reason.value for reason in Reason]
    for one in node.walk():
        reason = one.entries.get("reason") if one.kind == "map" else None
        if reason is not None and reason.kind == "scalar" and reason.text not in reasons:
            reading.bad(
                reason, "T001", f"no reason '{reason.text}'", "reason codes are a closed list", nearest(reason.text, reasons, "reasons")
            )
    if journey is not None:
        possible_ends(node, journey, reading)
    for one in _sends(node):
        channel, step = (one.entries.get(key) for key in ("channel", "step"))
        if channel is not None and channel.text not in CHANNELS:
            reading.bad(channel, "T001", f"no channel '{channel.text}'", "there are three", nearest(channel.text, CHANNELS, "channels"))
            continue
        found = journey.steps.get(step.text) if journey is not None and step is not None else None
        if found is None or step is None or (one.entries.get("journey") is not None and one.entries["journey"].text != name):
            continue
        if not isinstance(found, SendStep):
            reading.bad(step, "T005", f"'{step.text}' sends nothing", "it is another kind of step", "name a send, or remove the line")
        elif channel is not None and channel.text not in found.channels:
            reading.bad(
                channel,
                "T005",
                f"'{step.text}' does not send by {channel.text}",
                "its channels are written in the step",
                f"one of: {', '.join(found.channels)}",
            )
        elif "segments" in one.entries and channel is not None and channel.text != "sms":
            reading.bad(one.entries["segments"], "T005", f"{channel.text} has no segments", "only SMS is counted so", "remove it")
        elif "variant" in one.entries and (names := _variants(one.entries["variant"], found.message, workspace, reading)) is not None:
            reading.bad(
                one.entries["variant"],
                "T005",
                f"{found.message} has no variant '{one.entries['variant'].text}'",
                "variants are written in the message",
                nearest(one.entries["variant"].text, names, "variants"),
            )
        elif "message" in one.entries and one.entries["message"].text != found.message:
            reading.bad(
                one.entries["message"], "T005", f"'{step.text}' sends {found.message}", "the message is written in the step", found.message
            )


def _variants(node: Node, name: str, workspace: Workspace, reading: Reading) -> list[str] | None:
    """Those of the message, where the one that is named is none of them."""
    message = workspace.messages.get(name)
    names = [variant.name for variant in message.variants] if message is not None else []
    return None if node.empty or node.text in names or name in reading.unread.messages else names
