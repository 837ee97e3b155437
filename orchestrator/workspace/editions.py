"""How often each journey with a queue that everybody shares has had another text. It travels with the files that are applied, so that all
who take a version up know the same: those who wait in the queue ask anew once for each text that says so, and never for an older one."""

from collections.abc import Iterable, Mapping

import msgspec

from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import ThrottleStep

EDITIONS = "\0editions"
"""The name under which they stand among the files; no file can be called so."""


def editions_after(held: Mapping[str, int], before: Mapping[str, Journey], after: Mapping[str, Journey]) -> dict[str, int]:
    """`held` and the journeys of what is in force, those of what takes its place; empty where no journey has such a queue."""
    found = dict(held)
    for name, journey in after.items():
        if name in found or shares_a_queue(journey) or (name in before and shares_a_queue(before[name])):
            changed = name not in before or before[name].version != journey.version
            found[name] = found.get(name, 0) + changed
    return found


def shares_a_queue(journey: Journey) -> bool:
    """Whether all its runs queue at some step."""
    return any(isinstance(step, ThrottleStep) and step.everybody for step in journey.steps.values())


def asks_anew(journeys: Iterable[Journey]) -> bool:
    """Whether there is such a queue whose people get new places by another text: in the order of the old ones."""
    return any(journey.in_flight.reschedules and shares_a_queue(journey) for journey in journeys)


def encode_editions(editions: Mapping[str, int]) -> bytes:
    return msgspec.msgpack.encode(dict(editions))


def decode_editions(value: bytes | None) -> dict[str, int]:
    """None: nothing has been counted yet."""
    return {} if value is None else msgspec.msgpack.decode(value, type=dict[str, int])
