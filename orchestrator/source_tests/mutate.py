"""Changed mappings: rules, conditions and values, one by one. A change that no test notices is a test that is missing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from orchestrator.expressions.expression import Expression
from orchestrator.workspace.source import Fields, MapRule, Source


def mutants(source: Source) -> Iterator[tuple[str, Source]]:
    """(what was changed, the source with it)."""
    for index, rule in enumerate(source.rules):
        shown = f"rule {rule.number}"
        others = source.rules[:index] + source.rules[index + 1 :]
        yield f"without {shown}", replace(source, rules=others)
        for what, changed in _changed(rule):
            yield f"{shown}: {what}", replace(source, rules=(*source.rules[:index], changed, *source.rules[index + 1 :]))
    other: Literal["dead_letter", "ignore"] = "ignore" if source.otherwise == "dead_letter" else "dead_letter"
    if all(rule.when is not None for rule in source.rules):
        yield f"otherwise: {other}", replace(source, otherwise=other)


def _changed(rule: MapRule) -> Iterator[tuple[str, MapRule]]:
    if rule.when is not None:
        yield "when turned round", replace(rule, when=_not(rule.when))
    if rule.user_id is not None:
        yield "without user_id", replace(rule, user_id=None)
    if rule.anonymous_id is not None:
        yield "without anonymous_id", replace(rule, anonymous_id=None)
    if rule.message_id is not None:
        yield "without message_id", replace(rule, message_id=None)
    if rule.timestamp is not None:
        yield "without timestamp", replace(rule, timestamp=None)
    for what, fields in _smaller(rule.fields, "fields"):
        yield what, replace(rule, fields=fields)
    for what, fields in _smaller(rule.context, "context"):
        yield what, replace(rule, context=fields)


def _smaller(fields: Fields | None, part: str) -> Iterator[tuple[str, Fields | None]]:
    if fields is None:
        return
    for name in fields.each:
        yield f"without {name}", replace(fields, each={key: one for key, one in fields.each.items() if key != name})
    if fields.whole is not None:
        yield f"without its {part}", None


def _not(expression: Expression) -> Expression:
    return replace(expression, text=f"not ({expression.text})", function=lambda scope: not expression.function(scope))
