"""Properties of an event as its declaration reads them."""

from collections.abc import Mapping

from orchestrator.expressions.declared_value import fit
from orchestrator.workspace.workspace import Property


def check_properties(properties: dict[str, object], declared: Mapping[str, Property], event: str) -> dict[str, object] | str:
    """The properties with numbers in text read as numbers, or a sentence that says which property does not fit."""
    changed: dict[str, object] = {}
    for name, rule in declared.items():
        value = properties.get(name)
        if value is None:
            if rule.required:
                return f"{event}: property '{name}' is missing; it is declared {rule.type}!"
            continue
        read = fit(value, "text" if rule.type == "choice" else rule.type)  # which choices there are is not declared
        if read is None:
            return f"{event}: property '{name}' is {type(value).__name__} {value!r:.60}; it is declared {rule.type}"
        if read is not value:
            changed[name] = read
    return {**properties, **changed} if changed else properties
