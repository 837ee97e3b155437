"""Computed traits: counts, sums and the like over events, all time or in a rolling window. Values are read, not stored ahead:
what left the window is left out when somebody looks, and the reader is told when the next one leaves."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from orchestrator.expressions.comparison import equal
from orchestrator.expressions.values import number_of, plain, plain_number
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Computed
from orchestrator.workspace.profile import ComputedTrait

MOST = 1_000
"""Events of a window that are kept one by one; older ones are folded into totals of their UTC day."""
DISTINCT = 100
DAY = 86_400_000
FOLDED = ("count", "sum", "min", "max", "first")
Kind = Literal["count", "sum", "min", "max", "last", "first", "distinct"]


def apply_computed(customer: Customer, event: CustomerEvent, frame: Frame, names: dict[str, object], kept_out: list[str]) -> None:
    """Add one event to every computed trait it counts for. One without a usable `of` is skipped, and counted."""
    for trait in frame.workspace.profile.computed.values():
        if not any(ref in trait.events for ref in event.refs):
            continue
        scope = frame.scope(names)
        if trait.where is not None and not trait.where.true(scope):
            continue
        value = plain(trait.of.evaluate(scope)) if trait.of is not None else 1
        if value is None or (trait.kind in ("sum", "min", "max") and number_of(value) is None):
            kept_out.append("computed_skipped")
            continue
        held = customer.computed.setdefault(trait.name, Computed())
        _add(trait, held, value, event.timestamp, frame.now)
        customer.changed("comp")


def _add(trait: ComputedTrait, held: Computed, value: object, at: int, now: int) -> None:
    if trait.within is not None or trait.kind == "distinct":
        if trait.within is not None:
            oldest = now - trait.within
            held.points = [point for point in held.points if point[0] > oldest]
            for day in [day for day in held.days if (day + 1) * DAY <= oldest]:
                del held.days[day]
            if at <= oldest:
                return
        if trait.kind == "distinct":
            if any(known > at and equal(value, other) for known, other in held.points):
                return
            held.points = [point for point in held.points if not equal(value, point[1])]
        held.points.append((at, value))
        _bound(trait.kind, held)
        return
    match trait.kind:
        case "last" if held.value is None or at >= held.at:
            held.value, held.at = value, at
        case "first" if held.value is None or at < held.at:
            held.value, held.at = value, at
        case "last" | "first":
            pass
        case kind:
            held.value = value if held.value is None else combined(kind, held.value, value)


def combined(kind: Kind, a: object, b: object) -> object:
    """Of two totals the total, of two extremes the extreme; the first stays the first."""
    if kind == "first":
        return a
    x, y = number_of(a) or 0, number_of(b) or 0
    if kind in ("count", "sum"):
        return plain_number(Decimal(x) + Decimal(y))
    return a if (x <= y) == (kind == "min") else b


def join(kind: Kind, held: Computed, points: list[tuple[int, object]], days: Mapping[int, tuple[int, object]]) -> None:
    """Take over what another profile has of the same trait."""
    if kind == "distinct":
        for at, value in points:
            if not any(known > at and equal(value, other) for known, other in held.points):
                held.points = [*(point for point in held.points if not equal(value, point[1])), (at, value)]
    else:
        held.points = sorted([*held.points, *points], key=lambda point: point[0])
    for day, (count, value) in days.items():
        known = held.days.get(day)
        held.days[day] = (count, value) if known is None else (known[0] + count, combined(kind, known[1], value))
    _bound(kind, held)


def _bound(kind: Kind, held: Computed) -> None:
    """Keep the newest points; older ones go into totals by day, where they make a difference."""
    spare = len(held.points) - (DISTINCT if kind == "distinct" else MOST)
    if spare <= 0:
        return
    held.points.sort(key=lambda point: point[0])
    if kind in FOLDED:
        for at, value in held.points[:spare]:
            known = held.days.get(at // DAY)
            held.days[at // DAY] = (1, value) if known is None else (known[0] + 1, combined(kind, known[1], value))
    del held.points[:spare]


def computed_value(trait: ComputedTrait, held: Computed | None, now: int, changes: list[int] | None = None) -> object:
    """Its value now; without events count and sum are 0, distinct is empty, the rest missing. Into `changes` goes when it next
    changes by time alone."""
    if held is None:
        return {"count": 0, "sum": 0, "distinct": []}.get(trait.kind)
    if trait.within is None and trait.kind != "distinct":
        return held.value if held.value is not None else {"count": 0, "sum": 0}.get(trait.kind)
    points, days = _in_window(trait, held, now, changes)
    match trait.kind:
        case "count":
            return len(points) + sum(count for count, _value in days)
        case "sum":
            values = [value for _at, value in points] + [value for _count, value in days]
            return plain_number(sum((Decimal(number_of(value) or 0) for value in values), Decimal(0)))
        case "distinct":
            return [value for _at, value in sorted(points[::-1], key=lambda p: p[0], reverse=True)]  # noqa: C415  (at equal timestamps the later arrival comes first)
        case "min" | "max":
            values = [value for _at, value in points] + [value for _count, value in days]
            choose = min if trait.kind == "min" else max
            return choose(values, key=lambda value: Decimal(number_of(value) or 0)) if values else None
        case "first" if days:
            return days[0][1]
        case "first":
            return min(points, key=lambda p: p[0])[1] if points else None
        case _:
            # of equal timestamps the later arrival
            return max(reversed(points), key=lambda p: p[0])[1] if points else None


def _in_window(
    trait: ComputedTrait, held: Computed, now: int, changes: list[int] | None
) -> tuple[list[tuple[int, object]], list[tuple[int, object]]]:
    """Points, and days' totals from the oldest on, that count now; what was applied does, also where the sender's clock is ahead."""
    if trait.within is None:
        return held.points, []
    oldest = now - trait.within
    points = [point for point in held.points if oldest < point[0]]
    days = sorted((day, total) for day, total in held.days.items() if (day + 1) * DAY > oldest)
    if changes is not None:
        changes += [min(at for at, _value in points) + trait.within] if points else []
        changes += [(days[0][0] + 1) * DAY + trait.within] if days else []
    return points, [total for _day, total in days]
