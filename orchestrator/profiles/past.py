"""The past that rules ask for: kept per event name for as long as some expression of the workspace looks back, no longer."""

from orchestrator.expressions.expression import Expression
from orchestrator.expressions.functions import PastView
from orchestrator.expressions.scope import PastEvent
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import EventPast, PastItem
from orchestrator.profiles.event_view import ProfileEventView
from orchestrator.workspace.workspace import Workspace

MOST = 1_000
"""Kept events of one name; older ones leave and are counted."""


def keep_event(customer: Customer, event: CustomerEvent, frame: Frame, workspace: Workspace, now: int, kept_out: list[str]) -> None:
    """Note an event under each of its refs that the workspace's expressions ask for. Its place is the present sequence."""
    for ref in event.refs:
        if ref not in workspace.history:
            continue
        window = workspace.history[ref]
        past = customer.past.get(ref)
        if past is None:
            past = customer.past[ref] = EventPast()
        past.total += 1
        if ref in workspace.counted:
            past.totals = {one.text: _counted(past, one, event, ref, frame) for one in workspace.counted[ref]}
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


def _counted(past: EventPast, where: Expression, event: CustomerEvent, ref: str, frame: Frame) -> int:
    """With this event, how often the condition was true. Nobody asked for it before: it begins with what is kept."""
    before = past.totals.get(where.text)
    if before is None:
        instants = frame.workspace.instants.get(ref, frozenset())
        kept = (PastEvent(ref, one.timestamp, one.arrival, one.sequence, one.data, instants) for one in past.items)
        scope = frame.scope({})
        before = sum(where.true(scope.with_names({**scope.names, "event": PastView(one, scope)})) for one in kept)
    return before + where.true(frame.scope({"event": ProfileEventView(event, frame)}))
