"""Computed traits: counts, sums and the like over events, all time or in a rolling window. Values are read, not stored ahead:
what left the window is left out when somebody looks."""

from decimal import Decimal

from orchestrator.expressions.comparison import equal
from orchestrator.expressions.values import number_of, plain, plain_number
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Computed
from orchestrator.workspace.profile import ComputedTrait

MOST = 1_000
DISTINCT = 100


def apply_computed(customer: Customer, event: CustomerEvent, frame: Frame, names: dict[str, object]) -> None:
    """Add one event to every computed trait it counts for."""
    for trait in frame.workspace.profile.computed.values():
        if not any(ref in trait.events for ref in event.refs):
            continue
        scope = frame.scope(names)
        if trait.where is not None and not trait.where.true(scope):
            continue
        value = plain(trait.of.evaluate(scope)) if trait.of is not None else 1
        if value is None or (trait.kind in ("sum", "min", "max") and number_of(value) is None):
            continue
        held = customer.computed.setdefault(trait.name, Computed())
        _add(trait, held, value, event.timestamp, frame.now)
        customer.changed("comp")


def _add(trait: ComputedTrait, held: Computed, value: object, at: int, now: int) -> None:
    if trait.within is not None or trait.kind == "distinct":
        held.points.append((at, value))
        if trait.within is not None:
            held.points = [point for point in held.points if point[0] > now - trait.within]
        del held.points[: max(len(held.points) - MOST, 0)]
        return
    match trait.kind:
        case "count":
            held.value = int(number_of(held.value) or 0) + 1
        case "sum":
            held.value = plain_number(Decimal(number_of(held.value) or 0) + Decimal(number_of(value) or 0))
        case "min" | "max":
            held.value = value if held.value is None else _extreme(trait.kind, [held.value, value])
        case "last" if held.value is None or at >= held.at:
            held.value, held.at = value, at
        case "first" if held.value is None or at < held.at:
            held.value, held.at = value, at


def _extreme(kind: str, values: list[object]) -> object:
    choose = min if kind == "min" else max
    return choose(values, key=lambda value: Decimal(number_of(value) or 0))


def computed_value(trait: ComputedTrait, held: Computed | None, now: int) -> object:
    """Its value now; without events count and sum are 0, distinct is empty, the rest missing."""
    if held is None:
        return {"count": 0, "sum": 0, "distinct": []}.get(trait.kind)
    if trait.within is None and trait.kind != "distinct":
        return held.value if held.value is not None else {"count": 0, "sum": 0}.get(trait.kind)
    points = [p for p in held.points if trait.within is None or now - trait.within < p[0] <= now]
    match trait.kind:
        case "count":
            return len(points)
        case "sum":
            return plain_number(sum((Decimal(number_of(value) or 0) for _at, value in points), Decimal(0)))
        case "distinct":
            found: list[object] = []
            for _at, value in sorted(points, key=lambda p: p[0], reverse=True):
                if len(found) < DISTINCT and not any(equal(value, other) for other in found):
                    found.append(value)
            return found
        case _ if not points:
            return None
        case "min" | "max":
            return _extreme(trait.kind, [value for _at, value in points])
        case "first":
            return min(points, key=lambda p: p[0])[1]
        case _:
            return max(points, key=lambda p: p[0])[1]
