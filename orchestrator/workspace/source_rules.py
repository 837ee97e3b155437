"""`map` of a source: its rules, compiled once."""

from collections.abc import Mapping, Sequence
from typing import cast

from orchestrator.contracts.event import EventType
from orchestrator.expressions.expression import Expression
from orchestrator.expressions.problems import nearest
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.compiling import condition_at, expression_at
from orchestrator.workspace.profile import Trait
from orchestrator.workspace.shape import Reading, Shaped
from orchestrator.workspace.source import WITH_TRAITS, Fields, MapRule
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Property
from orchestrator.workspace.yaml_node import Node

ADDRESSES = ("email", "phone")
"""Traits that exist without being declared."""
NAMED: tuple[EventType, ...] = ("track", "page", "screen")
"""Types that have a name of their own."""


def read_rules(
    rules: Sequence[Shaped], events: Mapping[str, Mapping[str, Property]], traits: Mapping[str, Trait], words: Vocabularies, reading: Reading
) -> tuple[MapRule, ...]:  # fmt: skip
    """What cannot be read is noted and left out."""
    found: list[MapRule] = []
    for number, one in enumerate(rules, 1):
        when = condition_at(one.get("when"), words.record(each=False), reading) if "when" in one else None
        if not ("when" in one and when is None):
            _reached(one, when, found, reading)
        if when is None and number < len(rules) and not one.lost("when") and "when" not in one:
            why = f"without `when` it takes every record: the {'one' if number + 1 == len(rules) else len(rules) - number} behind it takes none"
            reading.bad(one.node, "S003", "the rules behind this one are never reached", why, "add `when:`, or put the others before it")
        kind = cast("EventType", one.get("type", "track"))
        if one.get("ignore"):
            for key in one.values.keys() - {"when", "ignore"}:
                reading.bad(
                    one.node.keys[key], "Y005", f"'{key}' beside `ignore`", "an ignored record becomes no event", "remove one of them"
                )
            found.append(MapRule(number, when, ignore=True))
            continue
        _names(one, kind, words, reading)
        _ids(one, kind, reading)
        found.append(_rule(number, when, one, kind, words, reading))
        _declared(one, kind, events, traits, words, reading)
    return tuple(found)


def _rule(number: int, when: Expression | None, one: Shaped, kind: EventType, words: Vocabularies, reading: Reading) -> MapRule:
    vocabulary = words.record(each="each" in one)

    def compiled(key: str) -> Expression | None:
        return expression_at(one.get(key), vocabulary, reading) if key in one else None

    return MapRule(
        number, when, type=kind, event=cast("str | None", one.get("event")), user_id=compiled("user_id"), anonymous_id=compiled("anonymous_id"),
        message_id=compiled("message_id"), timestamp=compiled("timestamp"),
        fields=_fields(one.get("traits" if kind in WITH_TRAITS else "properties"), vocabulary, reading), context=_fields(one.get("context"), vocabulary, reading),
        each=expression_at(one.get("each"), words.record(each=False), reading) if "each" in one else None,
    )  # fmt: skip


def _fields(given: object, vocabulary: Vocabulary, reading: Reading) -> Fields | None:
    if isinstance(given, Node):
        return Fields({}, expression_at(given, vocabulary, reading))
    if not isinstance(given, dict):
        return None
    compiled = {name: expression_at(node, vocabulary, reading) for name, node in given.items()}
    each = {name: one for name, one in compiled.items() if one is not None}
    return Fields(each, None, {name: path for name, one in each.items() for path in one.paths if one.canonical == ".".join(path)})


def _reached(one: Shaped, when: Expression | None, before: Sequence[MapRule], reading: Reading) -> None:
    for rule in before:
        if rule.when is not None and when is not None and rule.when.canonical == when.canonical:
            at = one.at("when")
            reading.bad(at, "S003", "this rule is never reached", f"rule {rule.number} has the same `when` and takes every such record", "put it before that one, or remove it")  # fmt: skip
            return


def _names(one: Shaped, kind: EventType, words: Vocabularies, reading: Reading) -> None:
    event = str(one.get("event", ""))
    if "{{" in event:
        reading.bad(one.at("event"), "E011", "an event's name must be written out", "lint and journeys must know it beforehand", "a rule for each event, each with its `when`")  # fmt: skip
    elif kind == "track" and not event.strip():
        reading.bad(one.node, "Y012", "'event' is missing in a map rule", "a track event has a name", "event: Case Opened")
    elif event and kind not in NAMED:
        reading.bad(one.node.keys["event"], "Y005", f"'event' beside `type: {kind}`", f"{kind} has no name of its own", "remove it")
    elif kind == "track" and words.declared_events is not None and event not in words.declared_events:
        reading.bad(
            one.at("event"),
            "E010",
            f"no event '{event}'",
            "no source declares it",
            nearest(event, words.declared_events, "events"),
        )
    wrong = ("properties", "traits") if kind == "alias" else ("properties",) if kind in WITH_TRAITS else ("traits",)
    for key in wrong:
        if key in one:
            other = "remove it" if kind == "alias" else "traits:" if key == "properties" else "properties:, or type: identify"
            reading.bad(one.node.keys[key], "Y005", f"'{key}' beside `type: {kind}`", f"a {kind} event carries none", other)


def _ids(one: Shaped, kind: EventType, reading: Reading) -> None:
    if kind == "alias" and not {"user_id", "anonymous_id"} <= one.values.keys():
        reading.bad(one.node, "S002", "an alias needs both ids", "`anonymous_id` is absorbed into `user_id`", "add `user_id:` and `anonymous_id:`")  # fmt: skip
    elif "user_id" not in one and "anonymous_id" not in one:
        reading.bad(one.node, "S002", "no id is mapped", "an event belongs to a customer", "add `user_id:` or `anonymous_id:`")


def _declared(
    one: Shaped, kind: EventType, events: Mapping[str, Mapping[str, Property]], traits: Mapping[str, Trait], words: Vocabularies, reading: Reading,
) -> None:  # fmt: skip
    """S004 for what nobody declares, Y012 for what is declared as always present and not mapped."""
    where_given = "traits" if kind in WITH_TRAITS else "properties"
    given, keys = one.get(where_given), one.at(where_given).keys
    if str(one.get("event")) in reading.unread.events:
        return
    if not isinstance(given, dict) or words.declared_events is None:
        if kind == "track" and given is None:
            _complete(one, {}, events, reading)
        return
    stated = (trait.path[1] for trait in traits.values() if trait.path[0] == "traits")
    traits_known = "traits" not in reading.unread.parts
    known = (*stated, *ADDRESSES) if kind == "identify" and traits_known else events.get(str(one.get("event"))) if kind == "track" else None
    for name in given:
        if known is not None and name not in known:
            where, what = ("profile.yaml", "trait") if kind == "identify" else ("events", "property")
            reading.bad(
                keys[name],
                "S004",
                f"no {what} '{name}' is declared",
                f"{where} does not have it",
                f"{nearest(name, known)} — or declare it",
            )
    if kind == "track":
        _complete(one, given, events, reading)


def _complete(one: Shaped, given: Mapping[str, object], events: Mapping[str, Mapping[str, Property]], reading: Reading) -> None:
    event = str(one.get("event"))
    for name, rule in events.get(event, {}).items():
        if rule.required and name not in given:
            reading.bad(
                one.at("properties"), "Y012", f"'{name}' is missing in the properties of {event}", f"it is declared {rule.type}!, always present", f"{name}: record.…"
            )  # fmt: skip
