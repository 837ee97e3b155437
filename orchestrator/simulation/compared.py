"""Which values the workspace's conditions look at, by the name of the field: so that made-up data goes every way."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from orchestrator.expressions.expression import Expression
from orchestrator.expressions.literals import Literal, fields_compared, literals_in
from orchestrator.workspace.workspace import Workspace

Compared = Mapping[str, tuple[Literal, ...]]
SHARED = 4
"""Texts that fields have in common which are compared with each other."""


def compared_values(workspace: Workspace) -> Compared:
    """Field name to the constants it is compared with anywhere in journeys, rules, audiences and the profile, and to texts that it shares
    with the fields it is compared with; sorted."""
    found: dict[str, set[Literal]] = {}
    for part in (workspace.journeys, workspace.policies, workspace.audiences, workspace.profile):
        for expression in _expressions(part):
            for name, value in literals_in(expression.text):
                found.setdefault(name, set()).add(value)
            for names in fields_compared(expression.text):
                for name in names:
                    found.setdefault(name, set()).update(
                        f"{names[0].replace('_', ' ').title()} {number}" for number in range(1, SHARED + 1)
                    )
    return {name: tuple(sorted(values, key=lambda value: (type(value).__name__, str(value)))) for name, values in sorted(found.items())}


def _expressions(value: object) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _expressions(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _expressions(getattr(value, field.name))
