"""The name `event` in the expressions of config/profile.yaml."""

from datetime import UTC, datetime

from orchestrator.expressions.scope import View
from orchestrator.frame import Frame
from orchestrator.model.event import CustomerEvent


class ProfileEventView(View):
    """A property by its name; if there is none, the envelope's field."""

    __slots__ = ("_event", "_frame")

    def __init__(self, event: CustomerEvent, frame: Frame) -> None:
        self._event, self._frame = event, frame

    def get(self, key: str) -> object:
        found = self._event.properties.get(key)
        if found is not None:
            return self._frame.read(self._event.name, key, found)
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
