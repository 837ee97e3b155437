"""What lint reads off a journey's times and conditions: steps that a run is too old to get to, ways that an earlier one always takes."""

import heapq
from collections.abc import Iterator, Mapping

from orchestrator.expressions.durations import write_duration
from orchestrator.workspace.journey_graph import successors
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.step import Alternative, BranchStep, DelayStep, Step, WaitStep
from orchestrator.workspace.yaml_node import Node

_STARTS = ("entry.timestamp", "entry.received_at", "run.started_at")
"""Instants at which a run begins, or that are before it."""


def check_reach(
    steps: Mapping[str, Step], first: str, places: Mapping[str, Node], max_age: int, reading: Reading
) -> None:  # fmt: skip
    """J019, J046. `max_age` in milliseconds."""
    soonest = earliest(steps, first)
    in_time = {target for name in soonest if name in steps and soonest[name] <= max_age for target in successors(steps[name])}
    for name, step in steps.items():
        if name not in soonest or name not in places:
            continue
        if soonest[name] > max_age and name in in_time:
            reading.bad(
                places[name], "J019", f"no run gets here: it takes {write_duration(soonest[name])}, and max_age is {write_duration(max_age)}",
                "a run this old ends with max_age", "a longer max_age, or shorter waits before it",
            )  # fmt: skip
        match step:
            case DelayStep():
                _past(step, soonest[name], places[name], reading)
            case WaitStep():
                _taken_before(step, places[name], reading)
            case BranchStep():
                _asked_before(step, places[name], reading)
            case _:
                pass


def earliest(steps: Mapping[str, Step], first: str) -> dict[str, int]:
    """For each step the least time (milliseconds) after its start at which a run can be there."""
    found: dict[str, int] = {}
    heap = [(0, first)]
    while heap:
        at, name = heapq.heappop(heap)
        if name in found or name not in steps:
            continue
        found[name] = at
        for target, takes in _takes(steps[name]):
            heapq.heappush(heap, (at + takes, target))
    return found


def _takes(step: Step) -> Iterator[tuple[str, int]]:
    """Each way on, and how long it takes at least. What an event, a time of day or a service decides takes nothing at best."""
    match step:
        case DelayStep(duration=int(duration)):
            yield step.next, duration
        case WaitStep():
            yield from ((alternative.target, 0) for alternative in step.alternatives)
            yield step.on_timeout, step.timeout
        case _:
            yield from ((target, 0) for target in successors(step))


def _past(step: DelayStep, soonest: int, place: Node, reading: Reading) -> None:
    """J046 for an instant counted from the run's start that is over on every way here."""
    if step.until is None or step.at is not None or step.until.text.strip() not in _STARTS or not 0 < step.offset <= soonest:
        return
    node = next((one for one in place.walk() if one.kind == "scalar" and one.text == step.until.text), place)
    reading.bad(
        node, "J046", f"`{step.until.text}` and {write_duration(step.offset)} is always past here",
        f"a run gets here {write_duration(soonest)} after its start at the soonest", "a longer offset, or for: 2h",
    )  # fmt: skip


def _taken_before(step: WaitStep, place: Node, reading: Reading) -> None:
    """J019 for an alternative whose events an earlier one takes, whatever is in them."""
    written = place.entries["wait_until"].entries.get("any")
    for number, one in enumerate(step.alternatives):
        earlier = next((other for other in step.alternatives[:number] if _covers(other, one)), None)
        if earlier is not None and written is not None and number < len(written.items):
            reading.bad(
                written.items[number], "J019", f"never taken: '{earlier.name}' before it takes every such event", "an event that fits two takes the first written",
                "put it before, or give the other a `match`",
            )  # fmt: skip


def _covers(one: Alternative, other: Alternative) -> bool:
    if one.when is not None and other.when is not None:
        return one.when.canonical == other.when.canonical
    if one.match is None or other.match is None or not set(other.match.events) <= set(one.match.events):
        return False
    if one.match.match is not None:
        same_text = other.match.match is not None and one.match.match.canonical == other.match.match.canonical
        return same_text and set(one.match.same) <= set(other.match.same)
    return set(one.match.same) <= set(other.match.same)


def _asked_before(step: BranchStep, place: Node, reading: Reading) -> None:
    """J019 for an arm whose condition stands before it."""
    asked: dict[str, int] = {}
    written = place.entries["branch"].items
    for number, arm in enumerate(step.arms):
        if arm.when is None:
            continue
        if arm.when.canonical in asked and number < len(written):
            reading.bad(
                written[number], "J019", f"never taken: path {asked[arm.when.canonical]} has the same condition", "the first that is true is taken", "remove one, or change its condition"
            )  # fmt: skip
        asked.setdefault(arm.when.canonical, number + 1)
