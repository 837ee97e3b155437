"""config/profile.yaml: traits, computed traits, issues, consents, do-not-contact, context."""

from collections.abc import Collection, Iterable
from typing import Any, cast

from orchestrator.contracts.topics import CHANNELS
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.compiling import condition_at, expression_at, value_at
from orchestrator.workspace.profile import (
    ComputedTrait,
    ConsentMapping,
    ContextRule,
    DoNotContactRule,
    IssueKind,
    ProfileConfig,
    Trait,
    TraitType,
)  # fmt: skip
from orchestrator.workspace.reading import Part
from orchestrator.workspace.shape import (
    EXPRESSION,
    NAME_TEXT,
    VALUE,
    Bool,
    Duration,
    Int,
    Key,
    ListOf,
    MapOf,
    Mapped,
    Reading,
    Shape,
    Shaped,
    Text,
)
from orchestrator.workspace.trait_check import check_computed, check_path, check_trait
from orchestrator.workspace.vocabularies import CUSTOMER, Vocabularies
from orchestrator.workspace.yaml_node import Node

TYPES = (
    "text",
    "number",
    "integer",
    "boolean",
    "date",
    "instant",
    "list",
    "object",
    "choice",
    "email",
    "phone",
    "country",
    "locale",
    "timezone",
)
STATES = ("granted", "revoked")
PARTS: tuple[Part, ...] = ("traits", "computed", "issues")
"""What expressions everywhere ask for by name."""
KINDS = ("count", "sum", "min", "max", "last", "first", "distinct")
EVENTS = ListOf(Text(), single=True, least=1)
_TRAIT = Mapped({
    "type": Key(Text(), required=True, text="one of " + ", ".join(TYPES)), "from": Key(Text()), "of": Key(ListOf(VALUE)),
    "default": Key(VALUE), "pii": Key(Bool()), "keep": Key(Duration()),
}, what="a trait")  # fmt: skip
_COMPUTED = Mapped(
    {**{kind: Key(EVENTS) for kind in KINDS}, "of": Key(EXPRESSION), "within": Key(Duration()), "where": Key(EXPRESSION)},
    what="a computed trait",
)
_ISSUE = Mapped(
    {
        "key": Key(EXPRESSION, required=True),
        "open": Key(EVENTS),
        "close": Key(EVENTS),
        "when": Key(EXPRESSION),
        "stale_after": Key(Duration()),
    },
    what="an issue kind",
)
_CONSENT = Mapped({
    "event": Key(Text(), required=True), "each": Key(EXPRESSION), "channel": Key(VALUE, required=True), "topic": Key(VALUE, required=True),
    "state": Key(VALUE, required=True), "proof": Key(ListOf(EXPRESSION)),
}, what="a consent mapping")  # fmt: skip
_DNC = Mapped(
    {
        "event": Key(Text(), required=True),
        "level": Key(Text(("marketing", "all")), required=True),
        "when": Key(EXPRESSION),
        "until": Key(Text()),
    },
    what="do_not_contact",
)
FILE = Mapped({
    "identity": Key(Mapped({
        "link_on": Key(ListOf(Text(("identify", "alias"))), later=True), "same_address": Key(Text(("never",))),
        "guard": Key(Mapped({"ids_per_customer": Key(Int(1, 1000)), "customers_per_address": Key(Int(1, 1000), later=True)}, what="guard")),
    }, what="identity")),
    "traits": Key(MapOf(_TRAIT, NAME_TEXT)), "computed": Key(MapOf(_COMPUTED, NAME_TEXT)), "issues": Key(MapOf(_ISSUE, NAME_TEXT)),
    "consents": Key(ListOf(_CONSENT)), "do_not_contact": Key(ListOf(_DNC)),
    "context": Key(MapOf(Mapped({"event": Key(Text(), required=True), "value": Key(EXPRESSION, required=True)}, what="a context value"), NAME_TEXT)),
    "retention": Key(Mapped({"events": Key(Duration()), "anonymous": Key(Duration(), later=True), "decisions": Key(Duration(), later=True)}, what="retention")),
}, what="profile.yaml")  # fmt: skip


def read_shape(shape: Shape, node: Node, reading: Reading) -> Shaped:
    """The mapping, empty where it could not be read."""
    found = shape.read(node, reading)
    return found if isinstance(found, Shaped) else Shaped(node, {})


def _each(shaped: Shaped, key: str) -> dict[str, Shaped]:
    found = shaped.get(key, {})
    return {name: one for name, one in found.items() if isinstance(one, Shaped)} if isinstance(found, dict) else {}


def _names_in(shaped: Shaped, key: str) -> list[str]:
    """All that are written, also those that could not be read."""
    return [name for name in shaped.at(key).entries if not name.startswith("x_")] if key in shaped else []


def _items(shaped: Shaped, key: str) -> list[Shaped]:
    found = shaped.get(key, [])
    return [one for one in found if isinstance(one, Shaped)] if isinstance(found, list) else []


def read_traits(node: Node, reading: Reading) -> tuple[ProfileConfig, Shaped]:
    """First pass: names and types, which expressions everywhere need."""
    shaped = read_shape(FILE, node, reading)
    for part in PARTS:
        if shaped.lost(part):
            reading.unread.parts.add(part)
    traits = {name: Trait(name, "", ("traits", name)) for name in _names_in(shaped, "traits")}
    for name, one in _each(shaped, "traits").items():
        if name in CUSTOMER and name not in ("email", "phone", "locale", "country", "timezone"):
            reading.bad(one.node, "C001", f"'{name}' cannot be a trait", "it is there without being declared", "choose another name")
            del traits[name]
            continue
        kind = str(one.get("type", ""))
        if "type" in one and kind not in TYPES:
            reading.bad(one.at("type"), "C002", f"unknown type '{kind}'", "types are a closed list", nearest(kind, TYPES, "types"))
            continue
        default, choices = one.get("default"), one.get("of", [])
        path = tuple(str(one.get("from", f"traits.{name}")).split("."))
        if path[0] not in ("traits", "context", "properties"):
            path = ("traits", *path)
        traits[name] = Trait(
            name=name, type=cast("TraitType", kind), path=path, of=tuple(n.data() for n in choices if isinstance(n, Node)) if isinstance(choices, list) else (),
            default=default.data() if isinstance(default, Node) else None, pii=bool(one.get("pii", kind in ("email", "phone"))), keep=cast("int | None", one.get("keep")),
        )  # fmt: skip
        check_trait(traits[name], one, reading)
    computed = {name: ComputedTrait(name, "count", ()) for name in _names_in(shaped, "computed")}
    issues = tuple(IssueKind(name, cast("Any", None), frozenset(), frozenset()) for name in _names_in(shaped, "issues"))
    retention = shaped.get("retention")
    events = retention.get("events") if isinstance(retention, Shaped) else None
    return ProfileConfig(traits=traits, computed=computed, issues=issues, keep_events=cast("int", events or 400 * 86_400_000)), shaped


def read_profile(first: ProfileConfig, shaped: Shaped, words: Vocabularies, topics: frozenset[str], reading: Reading) -> ProfileConfig:
    """Second pass: everything with expressions."""
    identity = shaped.get("identity")
    guard = identity.get("guard") if isinstance(identity, Shaped) else None
    computed = {name: _computed(name, one, first, words, reading) for name, one in _each(shaped, "computed").items()}
    issues = [_issue(name, one, words, reading) for name, one in _each(shaped, "issues").items()]
    consents = [_consent(one, words, topics, reading) for one in _items(shaped, "consents")]
    for one in _each(shaped, "traits").values():
        check_path(one, words, reading)
    context = [rule for name, one in _each(shaped, "context").items() if (rule := _context(name, one, words, reading)) is not None]
    return ProfileConfig(
        traits=first.traits,
        computed={name: trait for name, trait in computed.items() if trait is not None},
        issues=tuple(issue for issue in issues if issue is not None),
        consents=tuple(mapping for mapping in consents if mapping is not None),
        do_not_contact=tuple(_dnc(one, words, reading) for one in _items(shaped, "do_not_contact")),
        context=tuple(context),
        ids_per_customer=cast("int", guard.get("ids_per_customer", 20)) if isinstance(guard, Shaped) else 20,
        keep_events=first.keep_events,
    )


def known_events(names: list[str], node: Node, words: Vocabularies, reading: Reading) -> None:
    """Note events that no source declares."""
    for name in names:
        if (
            words.known_events is not None
            and name not in words.known_events
            and not name.startswith(("page:", "screen:"))
            and name not in ("identify", "group")
        ):
            reading.bad(node.item(name), "E010", f"no event '{name}'", "no source declares it", nearest(name, words.known_events, "events"))


def known_topics(names: Iterable[str], node: Node, topics: Collection[str], reading: Reading) -> None:
    """Note topics that policies.yaml does not have, where that could be read."""
    for name in names:
        if name not in topics and "topics" not in reading.unread.parts:
            reading.bad(
                node.item(name), "P002", f"unknown topic '{name}'", "topics stand in policies.yaml", nearest(name, topics, "topics")
            )


def _names(one: Shaped, key: str) -> list[str]:
    found = one.get(key, [])
    return [str(name) for name in found] if isinstance(found, list) else []


def _computed(name: str, one: Shaped, first: ProfileConfig, words: Vocabularies, reading: Reading) -> ComputedTrait | None:
    kinds = [kind for kind in KINDS if kind in one]
    if len(kinds) != 1:
        reading.bad(
            one.node,
            "C003",
            f"'{name}' names {'no kind' if not kinds else 'several kinds'}",
            f"one of {', '.join(KINDS)}",
            "for example {count: Order Placed}",
        )
        return None
    events = _names(one, kinds[0])
    known_events(events, one.at(kinds[0]), words, reading)
    check_computed(name, kinds[0], one, first.traits, words, reading)
    if kinds[0] != "count" and "of" not in one:
        reading.bad(one.node, "C003", f"'{name}' has no `of`", f"{kinds[0]} needs a value", "of: event.amount")
        return None
    vocabulary = words.event(events)
    of = expression_at(one.get("of"), vocabulary, reading) if "of" in one else None
    where = condition_at(one.get("where"), vocabulary, reading) if "where" in one else None
    return ComputedTrait(name, cast("Any", kinds[0]), tuple(events), of, cast("int | None", one.get("within")), where)


def _issue(name: str, one: Shaped, words: Vocabularies, reading: Reading) -> IssueKind | None:
    opens, closes = _names(one, "open"), _names(one, "close")
    if not opens or not closes:
        reading.bad(
            one.node, "C004", f"'{name}' has no `{'open' if not opens else 'close'}`", "a case must begin and end by an event", "add it"
        )
        return None
    both = sorted(set(opens) & set(closes))
    if both:
        reading.bad(one.node, "C005", f"'{both[0]}' both opens and closes", "nobody could tell which", "split it with `when`")
    known_events(opens, one.at("open"), words, reading)
    known_events(closes, one.at("close"), words, reading)
    key = expression_at(one.get("key"), words.event([*opens, *closes]), reading)
    when = condition_at(one.get("when"), words.event(opens), reading) if "when" in one else None
    stale_after = cast("int | None", one.get("stale_after"))
    return None if key is None else IssueKind(name, key, frozenset(opens), frozenset(closes), when, stale_after)


def _consent(one: Shaped, words: Vocabularies, topics: frozenset[str], reading: Reading) -> ConsentMapping | None:
    event = str(one.get("event"))
    known_events([event], one.at("event"), words, reading)
    vocabulary = words.event([event], each="each" in one)
    topic_node = one.get("topic")
    if isinstance(topic_node, Node) and "{{" not in topic_node.text and topic_node.text != "*":
        known_topics([topic_node.text], topic_node, topics, reading)
    for key, allowed in (("channel", ("*", *CHANNELS)), ("state", STATES)):
        given = one.get(key)
        if isinstance(given, Node) and "{{" not in given.text and not given.broken and given.text not in allowed:
            why = "what it says would be kept as a dead letter"
            reading.bad(
                given, "Y005", f"'{given.text}' is not allowed here", f"allowed: {', '.join(allowed)}; {why}", nearest(given.text, allowed)
            )
    channel, topic, state = (value_at(one.get(key), vocabulary, reading) for key in ("channel", "topic", "state"))
    each = expression_at(one.get("each"), words.event([event]), reading) if "each" in one else None
    proof = one.get("proof", [])
    found = [expression_at(node, vocabulary, reading) for node in proof] if isinstance(proof, list) else []
    if channel is None or topic is None or state is None:
        return None
    return ConsentMapping(event, channel, topic, state, each, tuple((e.text, e) for e in found if e is not None))


def _context(name: str, one: Shaped, words: Vocabularies, reading: Reading) -> ContextRule | None:
    """A page or screen has a name, an identify no properties: their fields are not declared."""
    event = str(one.get("event", ""))
    known_events([event] if event else [], one.at("event"), words, reading)
    value = expression_at(one.get("value"), words.event([event]), reading) if "value" in one else None
    return None if value is None else ContextRule(name, event, value)


def _dnc(one: Shaped, words: Vocabularies, reading: Reading) -> DoNotContactRule:
    event = str(one.get("event"))
    known_events([event], one.at("event"), words, reading)
    if "until" in one:
        known_events([str(one.get("until"))], one.at("until"), words, reading)
    when = condition_at(one.get("when"), words.event([event]), reading) if "when" in one else None
    return DoNotContactRule(event, cast("Any", one.get("level", "marketing")), when, str(one.get("until")) if "until" in one else None)
