"""SendGrid's v3 Mail Send, as the sandbox speaks it: the same checks, answers and events."""

import re
from base64 import urlsafe_b64encode
from typing import Any

import msgspec
from aiohttp import web

from workers.sandbox.faulty import fault_before
from workers.sandbox.sandbox import Sandbox

_ADDRESS = re.compile(r"[^@\s<>(),;:\\\"]+@[^@\s]+\.[^@\s]+")
_PREHEADER = re.compile(r"<div data-preheader[^>]*>(.*?)</div>", re.DOTALL)
MAX_BYTES = 30 * 1024 * 1024


def problem(status: int, message: str, field: str | None = None) -> web.Response:
    """SendGrid's error body."""
    body = {"errors": [{"message": message, "field": field}]}
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")


async def mail_send(request: web.Request, sandbox: Sandbox) -> web.StreamResponse:
    """POST /v3/mail/send."""
    if not re.fullmatch(r"Bearer \S+", request.headers.get("Authorization", "")):
        return problem(401, "The provided authorization grant is invalid, expired, or revoked")
    if request.content_type != "application/json":
        return problem(415, "Content-Type should be application/json.")
    body = await request.read()
    if len(body) > MAX_BYTES:
        return problem(413, "The total size of your email must be less than 30MB.")
    try:
        mail = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return problem(400, "Bad Request")
    wrong = check(mail)
    if wrong is not None:
        return problem(400, *wrong)
    first = mail["personalizations"][0]["to"][0]["email"]
    fault = await fault_before(request, sandbox, "email", first)
    if isinstance(fault, web.StreamResponse):
        return fault
    request_id = urlsafe_b64encode(bytes.fromhex(sandbox.ids())).decode().rstrip("=")
    messages = [message_of(mail, person, f"{request_id}.{number}", sandbox) for number, person in enumerate(mail["personalizations"])]
    await sandbox.store.add(messages)
    sandbox.changed()
    for message, person in zip(messages, mail["personalizations"], strict=True):
        if sandbox.settings.deliver:
            for event in ("processed", "delivered"):
                sandbox.webhooks.event(event_of(message, person.get("custom_args") or {}, event, sandbox))
    if fault == "lose":
        assert request.transport is not None
        request.transport.abort()
    return web.Response(status=202, headers={"X-Message-Id": request_id})


def check(mail: Any) -> tuple[str, str | None] | None:
    """What is wrong with a request body, in SendGrid's words and with its field; None is fine."""
    if not isinstance(mail, dict):
        return "Bad Request", None
    people = mail.get("personalizations")
    if not isinstance(people, list) or not people:
        return "The personalizations field is required and must have at least one personalization.", "personalizations"
    if len(people) > 1000:
        return "The personalizations field cannot have more than 1000 entries.", "personalizations"
    sender = mail.get("from")
    if not isinstance(sender, dict) or not _is_address(sender.get("email")):
        return "The from object must be provided for every email send. It is an object that requires the email parameter.", "from.email"
    seen: set[str] = set()
    for number, person in enumerate(people):
        to = person.get("to") if isinstance(person, dict) else None
        if not isinstance(to, list) or not to:
            return (
                "The to array is required for all personalization objects, and must have at least one email object.",
                f"personalizations.{number}.to",
            )
        for place, one in enumerate(to):
            address = one.get("email") if isinstance(one, dict) else None
            if not _is_address(address):
                return "Does not contain a valid address.", f"personalizations.{number}.to.{place}.email"
            if str(address).lower() in seen:
                return (
                    "Each email address in the personalization block should be unique between to, cc, and bcc.",
                    f"personalizations.{number}",
                )
            seen.add(str(address).lower())
        if not isinstance(person.get("custom_args") or {}, dict) or not isinstance(person.get("headers") or {}, dict):
            return "custom_args and headers must be objects.", f"personalizations.{number}"
    if not isinstance(mail.get("headers") or {}, dict):
        return "headers must be an object.", "headers"
    subject = mail.get("subject")
    if not isinstance(subject, str) or not subject:
        return "The subject is required.", "subject"
    content = mail.get("content")
    if (
        not isinstance(content, list)
        or not content
        or not all(
            isinstance(c, dict) and isinstance(c.get("type"), str) and isinstance(c.get("value"), str) and c["value"] for c in content
        )
    ):
        return "The content value must be a string at least one character in length.", "content.0.value"
    order = [c["type"] for c in content]
    if "text/plain" in order and order[0] != "text/plain":
        return "If present, text/plain and text/html may only be provided once, text/plain first.", "content"
    return None


def _is_address(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 320 and _ADDRESS.fullmatch(value) is not None


def message_of(mail: dict[str, Any], person: dict[str, Any], message_id: str, sandbox: Sandbox) -> dict[str, object]:
    parts = {one["type"]: one["value"] for one in mail["content"]}
    html = parts.get("text/html")
    preheader = _PREHEADER.search(html) if html else None
    found: dict[str, object] = {
        "id": message_id, "provider": "sendgrid", "channel": "email", "to": person["to"][0]["email"], "from": mail["from"]["email"],
        "subject": person.get("subject") or mail["subject"], "text": parts.get("text/plain"), "html": html,
        "preheader": preheader[1].strip() if preheader else None, "headers": {**(mail.get("headers") or {}), **(person.get("headers") or {})},
        "intent": (person.get("custom_args") or {}).get("intent"), "custom_args": person.get("custom_args") or {},
        "received_at": sandbox.clock(), "status": "delivered" if sandbox.settings.deliver else "accepted",
    }  # fmt: skip
    return {key: value for key, value in found.items() if value is not None}


def event_of(message: dict[str, object], custom: dict[str, object], event: str, sandbox: Sandbox, **more: object) -> dict[str, object]:
    """One entry of the event webhook: custom_args stand flat among the fields."""
    return {
        **custom, "email": message["to"], "timestamp": sandbox.clock() // 1000, "event": event, "sg_event_id": sandbox.ids(),
        "sg_message_id": f"{message['id']}", "smtp-id": f"<{message['id']}@sandbox>", **more,
    }  # fmt: skip
