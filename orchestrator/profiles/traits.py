"""Traits: declared facts about a customer. The newest statement wins, at equal times the later arrival; null unsets."""

from collections.abc import Mapping
from decimal import Decimal

from orchestrator.expressions.comparison import equal
from orchestrator.expressions.declared_value import fit
from orchestrator.expressions.values import number_of, plain, plain_number
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Stamped
from orchestrator.workspace.workspace import Workspace

BUILT_IN = ("email", "phone")


def apply_traits(customer: Customer, event: CustomerEvent, workspace: Workspace, kept_out: list[str]) -> None:
    """Take over what the event says about declared traits; `kept_out` is told the reason of each that was kept out."""
    if event.kind == "identify":
        _identify(customer, event, workspace, kept_out)
    for trait in workspace.profile.traits_of_any_event:
        found: object = {"context": event.context, "properties": event.properties}.get(trait.path[0])
        for name in trait.path[1:]:
            found = found.get(name) if isinstance(found, Mapping) else None
        if found is not None:
            set_trait(customer, workspace, trait.name, found, event.timestamp, kept_out)


def _identify(customer: Customer, event: CustomerEvent, workspace: Workspace, kept_out: list[str]) -> None:
    for name, value in event.properties.items():
        declared = workspace.profile.traits.get(name)
        if declared is not None and declared.path != ("traits", name):
            continue
        if declared is None and name not in BUILT_IN and workspace.rules.strict:
            kept_out.append("undeclared_trait")
            continue
        set_trait(customer, workspace, name, value, event.timestamp, kept_out)
    for trait in workspace.profile.traits.values():
        if trait.path[0] == "traits" and trait.path != ("traits", trait.name):
            found: object = event.properties
            for name in trait.path[1:]:
                found = found.get(name) if isinstance(found, Mapping) else None
            if found is not None:
                set_trait(customer, workspace, trait.name, found, event.timestamp, kept_out)


def set_trait(customer: Customer, workspace: Workspace, name: str, value: object, at: int, kept_out: list[str]) -> None:
    """One statement. A value that does not fit its type leaves the trait as it was, and is refused."""
    held = customer.traits.get(name)
    if held is not None and at < held.at:
        return
    if value is not None:
        declared = workspace.profile.traits.get(name)
        kind = declared.type if declared else name if name in BUILT_IN else None
        if kind is not None:
            value = fit(value, kind, declared.of if declared else ())
            if value is None:
                kept_out.append("unfit_trait")
                return
    customer.traits[name] = Stamped(value, at)
    customer.changed("traits")


def write(frame: Frame, operation: str, name: str, value: object) -> None:
    """A journey's `update_profile`: set, unset, add, remove (lists as sets), increment (missing counts as 0)."""
    customer, workspace = frame.customer, frame.workspace
    held = customer.traits.get(name)
    before = held.value if held is not None else None
    match operation:
        case "unset":
            new: object = None
        case "add":
            items = list(before) if isinstance(before, list) else []
            new = items if any(equal(item, value) for item in items) else [*items, plain(value)]
        case "remove":
            new = [item for item in before if not equal(item, value)] if isinstance(before, list) else before
        case "increment":
            a, b = number_of(before) or 0, number_of(value)
            new = before if b is None else _sum(a, b)
        case _:
            new = plain(value)
            if new is None:
                return
    set_trait(customer, workspace, name, new, frame.now, [])


def _sum(a: object, b: object) -> int | float:
    total = Decimal(a) + Decimal(b)  # type: ignore[arg-type]  # both are numbers
    return plain_number(total)
