"""The name `event` in the expressions of config/profile.yaml."""

from datetime import UTC, datetime

from orchestrator.expressions.scope import View
from orchestrator.model.event import CustomerEvent


class ProfileEventView(View):
    """A property by its name; if there is none, the envelope's field."""

    __slots__ = ("_event",)

    def __init__(self, event: CustomerEvent) -> None:
        self._event = event

    def get(self, key: str) -> object:
        found = self._event.properties.get(key)
        if found is not None:
            return found
        event = self._event
        match key:
            case "name":
                return event.name.partition(":")[2] if event.kind in ("page", "screen") else event.name
            case "event":
                return event.name
            case "type":
                return event.kind
            case "messageId":
                return event.message_id
            case "timestamp":
                return datetime.fromtimestamp(event.timestamp / 1000, UTC)
            case "received_at":
                return datetime.fromtimestamp(event.arrival / 1000, UTC)
            case "context":
                return event.context
            case "properties" | "traits":
                return event.properties
            case "source":
                return event.source or None
            case _:
                return None
