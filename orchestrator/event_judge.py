"""What the engine would say of an event, asked before it is published: so that a mapped record that would not be taken stands
whole in its own topic's dead letters, not as what we made of it."""

from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.contracts.event import MAX_EVENT_BYTES, Event, encode_event
from orchestrator.ingest.decode import Refused, normalise
from orchestrator.sources.map_record import Setting
from orchestrator.workspace.workspace import Workspace


def setting_of(workspace: Workspace) -> Setting:
    """What maps records as this workspace says."""

    def judge(event: Event, arrival: int) -> tuple[DeadLetterReason, str] | None:
        encoded = encode_event(event)
        if len(encoded) > MAX_EVENT_BYTES:
            return DeadLetterReason.TOO_LARGE, f"an event of {len(encoded)} bytes; at most {MAX_EVENT_BYTES}"
        found = normalise(event, encoded, arrival, workspace)
        return (found.reason, found.error) if isinstance(found, Refused) else None

    return Setting(workspace.timezone, workspace.locale, workspace.currency, judge)
