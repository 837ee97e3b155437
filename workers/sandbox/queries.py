"""What `GET /sandbox/messages` is asked for, and what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from workers.sandbox.problem import RefusedError
from workers.sandbox.store import Message

SHOWN = ("id", "provider", "channel", "to", "from", "subject", "preheader", "text", "html", "media", "content_sid", "content_variables",
         "headers", "intent", "received_at", "status")  # fmt: skip
CHANNELS = ("email", "sms", "whatsapp")
MOST = 1_000_000
USUAL = 100
_STATUS = {"queued": "accepted", "undelivered": "bounced"}


@dataclass(frozen=True, slots=True)
class Query:
    """Filters as the store takes them; at most `limit` messages."""

    filters: dict[str, str | int]
    limit: int


def read_query(given: Mapping[str, str]) -> Query:
    """`to channel intent since limit`. Raises RefusedError."""
    filters: dict[str, str | int] = {}
    limit = USUAL
    for name, value in given.items():
        match name:
            case "to" | "intent":
                filters[name] = value.removeprefix("whatsapp:")
            case "channel":
                if value not in CHANNELS:
                    raise RefusedError("No such channel", f"channel is {value[:40]!r}; one of {', '.join(CHANNELS)}")
                filters[name] = value
            case "since":
                filters[name] = _instant(value)
            case "limit":
                if not (value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= MOST):
                    raise RefusedError("No such limit", f"limit is {value[:40]!r}; a number from 1 to {MOST}")
                limit = int(value)
            case _:
                raise RefusedError("No such filter", f"{name[:40]!r} is none; the filters are to, channel, intent, since, limit")
    return Query({name: value for name, value in filters.items() if value != ""}, limit)


def _instant(text: str) -> int:
    """Milliseconds since 1970, or ISO 8601 with a zone."""
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
        if found.tzinfo is not None:
            return int(found.timestamp() * 1000)
    except (ValueError, OverflowError):
        pass
    raise RefusedError(
        "No such instant", f"since is {text[:40]!r}; milliseconds since 1970, or ISO 8601 with a zone, as 2027-01-31T09:00:00Z"
    )


def shown(message: Message) -> Message:
    """The fields that are shown, in their order; absent where they don't apply."""
    found = {name: message[name] for name in SHOWN if message.get(name) is not None}
    found["status"] = _STATUS.get(str(found.get("status")), found.get("status"))
    return found
