"""What `then` says of the whole: numbers, shares, the customer and the journeys at the end."""

from collections.abc import Mapping

from orchestrator.expressions.comparison import equal
from orchestrator.journey_tests.shares import arms, held_out
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
    """`customer`, `held_out`, `arms`, `paused`, `plan`."""
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
        found += held_out(world, then["held_out"], journey)
    if "arms" in then:
        found += arms(world, then["arms"], journey)
    return found + world.planned.differences(then.get("plan"))
