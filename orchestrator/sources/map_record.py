"""A record of a backend's topic becomes customer events, or a dead letter that keeps it whole. Never an exception.

The same record gives the same events and the same message ids, however often it is read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from orchestrator.contracts.dead_letter import DeadLetter, DeadLetterReason
from orchestrator.contracts.event import MAX_EVENT_BYTES, Event
from orchestrator.expressions.scope import EmptyFacts, Scope
from orchestrator.sources.make_event import Refusal, make_event
from orchestrator.sources.source_record import SourceRecord, names_of
from orchestrator.workspace.source import MapRule, Source

MOST_ITEMS = 1_000
_NOBODY = EmptyFacts()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Judge = Callable[[Event, int], tuple[DeadLetterReason, str] | None]
"""Of an event and its arrival (milliseconds): why the engine would not take it; None when it would."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the workspace and the engine add: `zone` of local times, `locale` and `currency` of filters, `judge`."""

    zone: ZoneInfo
    locale: str
    currency: str
    judge: Judge


def map_record(source: Source, record: SourceRecord, setting: Setting) -> tuple[Event, ...] | DeadLetter:
    """Its events, none for a record that is ignored. All of them or, when one cannot be made, the dead letter alone."""
    try:
        scope = _scope(record, setting)
        rule = rule_for(source, scope)
        if rule is None and source.otherwise != "ignore":
            why = f"no rule of {source.name} takes it" + (": it has no value" if record.value is None else "")
            return _dead(record, DeadLetterReason.UNMAPPED, why)
        return () if rule is None or rule.ignore else _events(source.name, rule, record, scope, setting)
    except Refusal as refusal:
        return _dead(record, refusal.reason, refusal.error)
    except Exception as error:  # noqa: BLE001  (whatever stands in a record, the rest of the topic goes on)
        return _dead(record, DeadLetterReason.BAD_MAPPING, f"the mapping failed: {type(error).__name__}")


def taken_by(source: Source, record: SourceRecord, setting: Setting) -> MapRule | None:
    """The rule that takes it; None when none does, or it cannot be read."""
    try:
        return rule_for(source, _scope(record, setting))
    except Refusal:
        return None


def rule_for(source: Source, scope: Scope) -> MapRule | None:
    """The first whose `when` is true."""
    for rule in source.rules:
        if rule.when is None or rule.when.true(scope):
            return rule
    return None


def _scope(record: SourceRecord, setting: Setting) -> Scope:
    """Raises Refusal when the value cannot be read."""
    at = record.at
    now = _EPOCH if at is None else datetime.fromtimestamp(at / 1000, UTC)
    return Scope(names_of(_read(record.value), record), _NOBODY, now, setting.zone, setting.locale, setting.currency)


def _read(value: bytes | None) -> object:
    if value is None:
        return None
    if len(value) > MAX_EVENT_BYTES:
        raise Refusal(DeadLetterReason.TOO_LARGE, f"{len(value)} bytes; a record has at most {MAX_EVENT_BYTES}")
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(DeadLetterReason.NOT_JSON, str(error) or type(error).__name__) from None


def _events(name: str, rule: MapRule, record: SourceRecord, scope: Scope, setting: Setting) -> tuple[Event, ...]:
    if rule.each is None:
        return (_judged(make_event(name, rule, record, scope, record.place), record, setting),)
    items = rule.each.evaluate(scope)
    if not isinstance(items, list):
        found = "missing; write `| default([])` if it may be" if items is None else f"{_kind(items)}, not a list"
        raise Refusal(DeadLetterReason.BAD_MAPPING, f"rule {rule.number}: `each` is {found}")
    if len(items) > MOST_ITEMS:
        raise Refusal(DeadLetterReason.BAD_MAPPING, f"rule {rule.number}: `each` has {len(items)} items; at most {MOST_ITEMS}")
    own_ids = rule.message_id is not None and "item" in rule.message_id.reads
    return tuple(
        _judged(
            make_event(name, rule, record, scope.with_names({**scope.names, "item": item}), f"{record.place}-{index}", "" if own_ids else f"-{index}"),
            record,
            setting,
        )
        for index, item in enumerate(items)
    )  # fmt: skip


def _judged(event: Event, record: SourceRecord, setting: Setting) -> Event:
    refused = setting.judge(event, record.at or 0)
    if refused is not None:
        raise Refusal(*refused)
    return event


def _kind(value: object) -> str:
    return "an object" if isinstance(value, Mapping) else "text" if isinstance(value, str) else f"a {type(value).__name__}"


def _dead(record: SourceRecord, reason: DeadLetterReason, error: str) -> DeadLetter:
    return DeadLetter(
        reason=reason, error=error, topic=record.topic, partition=record.partition, offset=record.offset, key=record.key,
        value=record.value or b"", headers=record.headers,
    )  # fmt: skip
