"""The past that rules ask for: kept per event name for as long as some expression of the workspace looks back, no longer."""

from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import EventPast, PastItem
from orchestrator.workspace.workspace import Workspace

MOST = 1_000
"""Kept events of one name; older ones leave and are counted."""


def keep_event(customer: Customer, event: CustomerEvent, workspace: Workspace, now: int, kept_out: list[str]) -> None:
    """Note an event under each of its refs that the workspace's expressions ask for. Its place is the present sequence."""
    for ref in event.refs:
        if ref not in workspace.history:
            continue
        window = workspace.history[ref]
        past = customer.past.get(ref)
        if past is None:
            past = customer.past[ref] = EventPast()
        past.total += 1
        customer.changed("past")
        if window is None:
            continue
        past.items.append(PastItem(event.timestamp, event.arrival, customer.identity.sequence, event.properties))
        oldest = now - window
        if past.items[0].timestamp <= oldest:
            past.items = [item for item in past.items if item.timestamp > oldest]
        if len(past.items) > MOST:
            past.truncated += len(past.items) - MOST
            kept_out += ["history_truncated"] * (len(past.items) - MOST)
            del past.items[: len(past.items) - MOST]
