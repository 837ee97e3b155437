"""How an event that a journey emitted says so: under `context.emitted`, with how many emitted events led to it."""

from collections.abc import Mapping


def emitted(journey: str, step: str, depth: int) -> dict[str, object]:
    """The event's context."""
    return {"emitted": {"journey": journey, "step": step, "depth": depth}}


def depth_of(context: Mapping[str, object]) -> int:
    """0 for an event that nobody emitted."""
    found = context.get("emitted")
    depth = found.get("depth") if isinstance(found, Mapping) else None
    return depth if isinstance(depth, int) and not isinstance(depth, bool) and depth > 0 else 0
