"""A change of membership as a journey remembers it: `entry.audience`, `entry.change`, `entry.timestamp`."""

from orchestrator.model.run import EventSnapshot
from orchestrator.workspace.journey import Entry

CHANGED = "audience"
EXISTING = "existing"
"""Types of a run's entry: membership changed; or it had not, the person was in already when the journey first went live."""


def membership_entry(entry: Entry, at: int, arrival: int, sequence: int, *, existing: bool = False) -> EventSnapshot:
    """Of a journey entered by an audience. `at` is the instant (ms) of the change, `arrival` the one at which it is judged."""
    audience = entry.audience or ""
    properties: dict[str, object] = {"audience": audience, "change": entry.change}
    return EventSnapshot(audience, EXISTING if existing else CHANGED, at, arrival, sequence, properties=properties)
