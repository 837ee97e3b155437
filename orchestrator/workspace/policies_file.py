"""config/policies.yaml: topics and consent, suppression rules, channel limits."""

from typing import Any, cast

from orchestrator.contracts.topics import CHANNELS, Channel
from orchestrator.expressions.country_zones import countries
from orchestrator.expressions.expression import compile_expression
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.compiling import condition_at
from orchestrator.workspace.guard_file import GUARD, read_guard
from orchestrator.workspace.policies import DAY, DEFAULT_RATES, ChannelLimit, Policies, SuppressionRule, Topic
from orchestrator.workspace.profile_file import read_shape
from orchestrator.workspace.quiet_hours_file import RULES, read_quiet_hours
from orchestrator.workspace.rule_file import SELECTORS, read_selectors, short_hash
from orchestrator.workspace.shape import (
    EXPRESSION,
    NAME_TEXT,
    Bool,
    Duration,
    Int,
    Key,
    ListOf,
    MapOf,
    Mapped,
    Rate,
    Raw,
    Reading,
    Shaped,
    Text,
)
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.yaml_node import Node

_CONSENT = Text(("opt_in", "opt_out"))
_RULE = Mapped({
    "rule": Key(NAME_TEXT, required=True), "when": Key(EXPRESSION), "then": Key(Text(("drop", "hold"))), "max_hold": Key(Duration()),
    "enabled": Key(Bool()), **SELECTORS,
}, what="a suppression rule")  # fmt: skip
_LIMIT = Mapped(
    {"rate": Key(Rate()), "countries": Key(ListOf(Text())), "per_day": Key(Raw("value"), later=True)}, what="a channel's limits"
)
FILE = Mapped({
    "topics": Key(MapOf(Mapped({"title": Key(Text()), "consent": Key(Mapped({c: Key(_CONSENT) for c in CHANNELS}, what="consent")), "double_opt_in": Key(Raw("value"), later=True)}, what="a topic"), NAME_TEXT)),
    "consent": Key(Mapped({"stop_scope": Key(Text(("channel", "all"))), "unsubscribe_scope": Key(Text(("topic", "channel")))}, what="consent")),
    "suppression": Key(ListOf(_RULE)),
    "limits": Key(Mapped({"channels": Key(Mapped({c: Key(_LIMIT) for c in CHANNELS}, what="channels")), "journeys": Key(Mapped({"messages_per_day": Key(Int(1), text="of each journey that names no other")}, what="limits of journeys"))}, what="limits")),
    "quiet_hours": Key(RULES), "caps": Key(Raw("value"), later=True), "arbitration": Key(Raw("value"), later=True),
    "holdout": Key(Raw("value"), later=True), "guard": Key(GUARD, text="shares of complaints and hard bounces at which a journey is paused; the built-in ones are 1% and 0.3%, 10% and 5%"),
}, what="policies.yaml")  # fmt: skip
BUILT_IN = "open_service_issue"


def read_topics(node: Node, reading: Reading) -> tuple[dict[str, Topic], Shaped]:
    """First pass: topics, which expressions everywhere need."""
    shaped = read_shape(FILE, node, reading)
    found: dict[str, Topic] = {}
    if shaped.lost("topics"):
        reading.unread.parts.add("topics")
    topics = cast("dict[str, object]", shaped.get("topics", {}))
    for name in shaped.at("topics").entries if "topics" in shaped else ():
        one = topics.get(name)
        consent = one.get("consent") if isinstance(one, Shaped) else None
        title = str(one.get("title", name)) if isinstance(one, Shaped) else name
        found[name] = Topic(name, title, cast("Any", dict(consent.values)) if isinstance(consent, Shaped) else {})
    return found, shaped


def read_policies(topics: dict[str, Topic], shaped: Shaped, words: Vocabularies, reading: Reading) -> Policies:
    """Second pass: rules and limits. The built-in rule is there unless a rule of its name replaces it."""
    rules: list[SuppressionRule] = []
    seen: set[str] = set()
    given = shaped.get("suppression", [])
    for one in given if isinstance(given, list) else []:
        name = str(one.get("rule", ""))
        if name in seen:
            reading.bad(one.at("rule"), "P007", f"rule '{name}' stands twice", "a rule's name is its identity", "rename one")
        seen.add(name)
        if one.get("enabled") is False:
            if name == BUILT_IN:
                reading.bad(
                    one.node,
                    "P011",
                    "the built-in rule is turned off",
                    "marketing goes out while a case is open",
                    "remove `enabled: false`",
                )
            continue
        rule = _rule(name, one, topics, words, reading)
        if rule is not None:
            rules.append(rule)
    if BUILT_IN not in seen:
        rules.insert(0, built_in_rule(words))
    quiet = read_quiet_hours(shaped.get("quiet_hours"), "", topics, (), sorted(seen), reading)
    guard = read_guard(shaped.get("guard"), {}, "P012", lambda most: f"the built-in {most * 100:g}%", reading)
    _known_countries(shaped, reading)
    consent = shaped.get("consent")
    scopes = consent.values if isinstance(consent, Shaped) else {}
    return Policies(
        version=short_hash(shaped.node.data()), topics=topics, suppression=tuple(rules), limits=_limits(shaped),
        quiet_hours=quiet, guard=guard, journey_messages=_journey_messages(shaped), **cast("dict[str, Any]", scopes),
    )  # fmt: skip


def built_in_rule(words: Vocabularies) -> SuppressionRule:
    """No marketing while a case is open."""
    when = compile_expression("open_issues()", words.rule())
    return SuppressionRule(BUILT_IN, short_hash({"when": "open_issues()", "then": "drop"}), when)


def _rule(name: str, one: Shaped, topics: dict[str, Topic], words: Vocabularies, reading: Reading) -> SuppressionRule | None:
    if "when" not in one:
        reading.bad(one.node, "Y012", f"rule '{name}' has no `when`", "it would always be true", "when: open_issues()")
        return None
    if one.get("then", "drop") == "drop" and one.written("max_hold") and not one.lost("then"):
        reading.bad(
            one.node.keys["max_hold"], "Y005", "`max_hold` beside `then: drop`", "what is dropped is not held", "then: hold, or remove it"
        )
    vocabulary = words.rule().as_tracked() if one.get("then") == "hold" else words.rule()
    when = condition_at(one.get("when"), vocabulary, reading)
    if when is None:
        return None
    customer_only = when.reads <= {"customer", "now"}
    if not customer_only:
        reading.bad(
            one.at("when"),
            "P008",
            f"rule '{name}' is not part of the sender's check",
            "it reads message or journey",
            "read only customer, if it can",
        )
    return SuppressionRule(
        name=name, version=short_hash(one.node.data()), when=when, selectors=read_selectors(one, topics, reading), then=cast("Any", one.get("then", "drop")),
        max_hold=cast("int", one.get("max_hold", 7 * DAY)), customer_only=customer_only,
    )  # fmt: skip


def _journey_messages(shaped: Shaped) -> int | None:
    limits = shaped.get("limits")
    journeys = limits.get("journeys") if isinstance(limits, Shaped) else None
    return cast("int | None", journeys.get("messages_per_day")) if isinstance(journeys, Shaped) else None


def _known_countries(shaped: Shaped, reading: Reading) -> None:
    """Y013 for countries of a channel's limits that are in no list."""
    limits = shaped.get("limits")
    channels = limits.get("channels") if isinstance(limits, Shaped) else None
    for one in channels.values.values() if isinstance(channels, Shaped) else ():
        for item in one.at("countries").items if isinstance(one, Shaped) and "countries" in one else ():
            if item.text not in countries():
                fix = nearest(item.text, countries(), "ISO 3166-1 codes")
                reading.bad(item, "Y013", f"unknown country '{item.text}'", "it is in no list: nobody would be sent this", fix)


def _limits(shaped: Shaped) -> dict[Channel, ChannelLimit]:
    limits = shaped.get("limits")
    channels = limits.get("channels") if isinstance(limits, Shaped) else None
    found: dict[Channel, ChannelLimit] = {}
    for channel in CHANNELS:
        one = channels.get(channel) if isinstance(channels, Shaped) else None
        if isinstance(one, Shaped):
            only = one.get("countries")
            found[channel] = ChannelLimit(
                cast("float", one.get("rate", DEFAULT_RATES[channel])), frozenset(cast("list[str]", only)) if only else None
            )
    return found
