"""What became of a message, on request: the webhook a provider would send, and the status that is shown."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from workers.sandbox.problem import RefusedError
from workers.sandbox.sandbox import Sandbox
from workers.sandbox.sendgrid_api import event_of
from workers.sandbox.store import Message
from workers.sandbox.twilio_resource import status_callback

Event = Literal["open", "click", "bounce", "blocked", "deferred", "dropped", "complaint", "unsubscribe", "delivered", "read", "failed"]
TEXT_STATUS: dict[str, str] = {"read": "read", "delivered": "delivered", "bounce": "undelivered", "failed": "failed"}


class ReceiptOrder(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which message (`id`, or the latest of an `intent`), what happened. `code` is Twilio's, of texts that fail."""

    event: Event
    id: str | None = None
    intent: str | None = None
    url: str = "https://example.com/"
    machine: bool = False
    code: int = 30003


@dataclass(frozen=True, slots=True)
class MailEvent:
    """SendGrid's name of an event, its own fields, and the status that is shown afterwards."""

    name: str
    fields: dict[str, object]
    status: str


def read_receipt(body: bytes) -> ReceiptOrder:
    """Raises RefusedError."""
    try:
        order = msgspec.json.decode(body, type=ReceiptOrder)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError("No receipt", f'{error}; send {{"id": "…", "event": "open"}}') from error
    if not order.id and not order.intent:
        raise RefusedError("No receipt", "give the message's id or its intent; GET /sandbox/messages lists both")
    return order


async def report(sandbox: Sandbox, order: ReceiptOrder) -> None:
    """Sends the webhook. Raises RefusedError when there is no such message, or its channel knows no such event."""
    filters: dict[str, str | int] = {"id": order.id} if order.id else {"intent": order.intent or ""}
    message = next(iter(sandbox.store.messages(filters, 1)), None)
    if message is None:
        raise RefusedError("No such message", "GET /sandbox/messages lists them", 404)
    if message["provider"] == "twilio":
        await _text(sandbox, order, message)
    else:
        event = mail_event(order)
        sandbox.webhooks.event(event_of(message, event.name, sandbox, **event.fields))
        await sandbox.store.set_status(str(message["id"]), event.status)
    sandbox.changed()


async def _text(sandbox: Sandbox, order: ReceiptOrder, message: Message) -> None:
    status = TEXT_STATUS.get(order.event)
    if status is None or (status == "read" and message["channel"] == "sms"):
        raise RefusedError(
            "No such receipt", f"{message['channel']} has no {order.event}; texts have delivered, bounce, failed, WhatsApp also read"
        )
    code = order.code if status in ("failed", "undelivered") else None
    status_callback(sandbox, message, status, code)
    await sandbox.store.set_status(str(message["id"]), status, code)


def mail_event(order: ReceiptOrder) -> MailEvent:
    """Source: SendGrid, Event Webhook reference. Raises RefusedError."""
    match order.event:
        case "open":
            return MailEvent("open", {"useragent": "Mozilla/5.0", "ip": "127.0.0.1", "sg_machine_open": order.machine}, "opened")
        case "click":
            fields: dict[str, object] = {"url": order.url, "useragent": "Mozilla/5.0", "ip": "127.0.0.1"}
            return MailEvent("click", {**fields, **({"sg_machine_open": True} if order.machine else {})}, "clicked")
        case "bounce":
            return MailEvent("bounce", {"type": "bounce", "reason": "550 5.1.1 no such user", "status": "5.1.1"}, "bounced")
        case "blocked":
            return MailEvent("bounce", {"type": "blocked", "reason": "550 5.7.1 message blocked", "status": "5.7.1"}, "failed")
        case "deferred":
            return MailEvent("deferred", {"response": "450 4.2.1 try again later", "attempt": "1"}, "deferred")
        case "complaint":
            return MailEvent("spamreport", {}, "complained")
        case "unsubscribe":
            return MailEvent("unsubscribe", {}, "unsubscribed")
        case "delivered":
            return MailEvent("delivered", {"response": "250 OK"}, "delivered")
        case "dropped" | "failed":
            return MailEvent("dropped", {"reason": "Spam Content"}, "failed")
        case "read":
            raise RefusedError("No such receipt", "email has no read; open is what a mail program tells")
