"""`held_out` and `arms` of an expectation: which part of the people is on which side, and that nobody is on two."""

from collections.abc import Mapping

from orchestrator.journey_tests.world import World


def held_out(world: World, wanted: object, journey: str) -> list[str]:
    """Of those who came to the journey's door."""
    out = {d.customer for d in world.decisions if d.reason.value == "held_out" and d.journey == journey}
    came = {name for name, one in world.customers.items() if journey in one.entries.counts}
    entered = {e.customer for e in world.endings if e.journey == journey} | {
        name for name, one in world.customers.items() if any(r.journey == journey for r in one.runs)
    }
    both = sorted(out & entered)
    return [f"held_out: {name} was held out and entered" for name in both[:3]] + _between("held_out", wanted, len(out), len(came))


def arms(world: World, wanted: object, journey: str) -> list[str]:
    """Of those who came to the split that has the arm."""
    drawn = [one for one in world.drawn or () if one[0] == journey]
    found: list[str] = []
    for arm, bounds in wanted.items() if isinstance(wanted, Mapping) else ():
        splits = {step for _journey, step, name, _customer in drawn if name == arm}
        takers = {customer for _journey, _step, name, customer in drawn if name == arm}
        others = {customer for _journey, step, name, customer in drawn if step in splits and name != arm}
        found += [f"arms: {customer} took '{arm}' and another arm" for customer in sorted(takers & others)[:3]]
        found += _between(f"arms.{arm}", bounds, len(takers), len(takers | others))
    return found


def _between(what: str, wanted: object, number: int, among: int) -> list[str]:
    bounds = wanted.get("between") if isinstance(wanted, Mapping) else None
    if not isinstance(bounds, list) or len(bounds) != 2:
        return [f"{what}: {{between: [9.5%, 10.5%]}} is what can be asked"]
    low, high = (float(str(bound).removesuffix("%")) for bound in bounds)
    share = 100 * number / among if among else 0.0
    return [] if low <= share <= high else [f"{what}: {share:.2f}% of {among}, expected {low:g}% to {high:g}%"]
