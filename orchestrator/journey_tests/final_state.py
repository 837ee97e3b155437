"""What `then` says of the whole: numbers, shares, the customer and the journeys at the end."""

from collections.abc import Mapping

from orchestrator.expressions.comparison import equal
from orchestrator.journey_tests.world import World
from orchestrator.profiles.view import CustomerView


def same(got: object, wanted: object) -> bool:
    """By the language's own comparison; null is missing."""
    return (got is None and wanted is None) or equal(got, wanted)


def counted(world: World, wanted: Mapping[object, object], journey: str, lengths: Mapping[str, int]) -> list[str]:
    """`counts`: sends, skips, entries, goals."""
    have = {
        **lengths,
        "entries": sum(c.count for one in world.customers.values() for c in one.entries.counts.get(journey, {}).values()),
        "goals": world.goals[journey],
    }
    return [
        f"counts: expected {number} {name}, got {have.get(str(name), 'nothing known')}"
        for name, number in wanted.items()
        if have.get(str(name)) != number
    ]


def final_state(world: World, then: Mapping[str, object], journey: str) -> list[str]:
    """`customer`, `held_out`, `paused`."""
    found: list[str] = []
    wanted = then.get("customer")
    if isinstance(wanted, Mapping):
        view = CustomerView(next(iter(world.customers.values())), world.workspace, world.now)
        found += [
            f"customer.{key}: expected {value!r}, got {view.get(str(key))!r}"
            for key, value in wanted.items()
            if not same(view.get(str(key)), value)
        ]
    if "paused" in then:
        paused = sorted(name for name, one in world.workspace.journeys.items() if one.status == "paused")
        if paused != sorted(map(str, then["paused"] if isinstance(then["paused"], list) else [])):
            found.append(f"paused: expected {then['paused']}, got {paused}")
    if "held_out" in then:
        found += _held_out(world, then["held_out"], journey)
    return found


def _held_out(world: World, wanted: object, journey: str) -> list[str]:
    """The share of those who came to the journey's door; nobody may stand on both sides."""
    out = {d.customer for d in world.decisions if d.reason.value == "held_out" and d.journey == journey}
    came = {name for name, one in world.customers.items() if journey in one.entries.counts}
    entered = {e.customer for e in world.endings if e.journey == journey} | {
        name for name, one in world.customers.items() if any(r.journey == journey for r in one.runs)
    }
    both = sorted(out & entered)
    found = [f"held_out: {name} was held out and entered" for name in both[:3]]
    bounds = wanted.get("between") if isinstance(wanted, Mapping) else None
    if not isinstance(bounds, list) or len(bounds) != 2:
        return [*found, "held_out: {between: [9.5%, 10.5%]} is what can be asked"]
    low, high = (float(str(bound).removesuffix("%")) for bound in bounds)
    share = 100 * len(out) / len(came) if came else 0.0
    if not low <= share <= high:
        found.append(f"held_out: {share:.2f}% of {len(came)}, expected {low:g}% to {high:g}%")
    return found
