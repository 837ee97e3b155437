"""One event of one record, by one rule."""

from collections.abc import Mapping
from decimal import Decimal

from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.contracts.event import Event
from orchestrator.expressions.expression import Expression
from orchestrator.expressions.local_time import MILLISECONDS_FROM, read_instant
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.values import canonical_text, plain
from orchestrator.sources.source_record import SourceRecord
from orchestrator.workspace.source import WITH_TRAITS, Fields, MapRule, Path


class Refusal(Exception):  # noqa: N818  (an answer, not a fault)
    """Why nothing can be made of a record. `error` names places and types, never values."""

    def __init__(self, reason: DeadLetterReason, error: str) -> None:
        super().__init__(error)
        self.reason = reason
        self.error = error


def make_event(source: str, rule: MapRule, record: SourceRecord, scope: Scope, place: str, suffix: str = "") -> Event:
    """`place` is the message id where none is mapped; `suffix` tells items of one record apart where one is. Raises Refusal."""
    user, anonymous = _id(rule, "user_id", rule.user_id, scope), _id(rule, "anonymous_id", rule.anonymous_id, scope)
    if user is None and anonymous is None:
        raise Refusal(DeadLetterReason.NO_CUSTOMER, f"rule {rule.number}: {_names(rule)} gives nothing")
    message_id = _id(rule, "message_id", rule.message_id, scope)
    traits = rule.type in WITH_TRAITS
    fields = _fields(rule, "traits" if traits else "properties", rule.fields, scope, nulls=traits)
    return Event(
        type=rule.type, event=rule.event if rule.type == "track" else None, name=rule.event if rule.type != "track" else None, user_id=user,
        anonymous_id=None if rule.type == "alias" else anonymous, previous_id=anonymous if rule.type == "alias" else None,
        message_id=place if message_id is None else message_id + suffix, timestamp=_timestamp(rule, record, scope), source=source,
        properties=None if traits else fields, traits=fields if traits else None, context=_fields(rule, "context", rule.context, scope),
    )  # fmt: skip


def _names(rule: MapRule) -> str:
    return " and ".join(name for name, one in (("user_id", rule.user_id), ("anonymous_id", rule.anonymous_id)) if one is not None)


def _id(rule: MapRule, name: str, expression: Expression | None, scope: Scope) -> str | None:
    """Text or a whole number, as text; None when it is missing or blank."""
    if expression is None:
        return None
    found = expression.evaluate(scope)
    if isinstance(found, str):
        return found.strip() or None
    if found is None:
        return None
    text = canonical_text(found) if isinstance(found, int | float | Decimal) and not isinstance(found, bool) else ""
    if not text.removeprefix("-").isdigit():
        raise Refusal(
            DeadLetterReason.BAD_MAPPING, f"rule {rule.number}: {name} is a {type(found).__name__}; wanted text or a whole number"
        )
    return text


def _timestamp(rule: MapRule, record: SourceRecord, scope: Scope) -> str | None:
    """When it happened, as RFC 3339; what is not mapped or missing is the record's own."""
    found = None if rule.timestamp is None else rule.timestamp.evaluate(scope)
    if found is None:
        return None if record.at is None else canonical_text(scope.now)
    at = read_instant(found, scope.zone)
    if at is None:
        hint = f"whole numbers are seconds or, from {MILLISECONDS_FROM:.0e} on, milliseconds"
        raise Refusal(
            DeadLetterReason.BAD_TIMESTAMP, f"rule {rule.number}: timestamp is a {type(found).__name__} that is no instant; {hint}"
        )
    return canonical_text(at)


def _fields(rule: MapRule, name: str, fields: Fields | None, scope: Scope, *, nulls: bool = False) -> dict[str, object] | None:
    """What is missing is left out; with `nulls` a null that stands in the record is handed on."""
    if fields is None:
        return None
    if fields.whole is not None:
        whole = fields.whole.evaluate(scope)
        if whole is None:
            return None
        if not isinstance(whole, Mapping):
            raise Refusal(DeadLetterReason.BAD_MAPPING, f"rule {rule.number}: {name} is a {type(whole).__name__}; wanted an object")
        found = plain(whole)
        assert isinstance(found, dict)
        return found
    made: dict[str, object] = {}
    for key, expression in fields.each.items():
        value = expression.evaluate(scope)
        if value is not None:
            made[key] = plain(value)
        elif nulls and _stands(fields.paths.get(key), scope.names):
            made[key] = None
    return made


def _stands(path: Path | None, names: Mapping[str, object]) -> bool:
    """Is there a null at the path, rather than nothing?"""
    if path is None:
        return False
    here: object = names
    for name in path[:-1]:
        here = here.get(name) if isinstance(here, Mapping) else None
    return isinstance(here, Mapping) and path[-1] in here
