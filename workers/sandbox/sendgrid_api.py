"""SendGrid's v3 Mail Send, as the sandbox speaks it: the same checks, answers and events."""

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
from aiohttp import web

from workers.sandbox.faulty import act_out
from workers.sandbox.preheader import preheader
from workers.sandbox.problem import json_response
from workers.sandbox.sandbox import Sandbox
from workers.sandbox.sendgrid_check import check

__all__ = ["check", "event_of", "mail_send", "message_of"]
MAX_BYTES = 30 * 1024 * 1024
HELP: dict[str, str] = {}
"""SendGrid's description has an object here, and real answers leave it empty."""


def problem(sandbox: Sandbox, status: int, message: str, field: str | None = None) -> web.Response:
    """SendGrid's error body."""
    error: dict[str, object] = {"message": message, **({} if field is None else {"field": field}), "help": HELP}
    return json_response({"errors": [error], "id": sandbox.ids()}, status)


def refusal(request: web.Request, sandbox: Sandbox) -> web.Response | None:
    """Any key, or the one that is configured. None lets the request in."""
    kind, _blank, key = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not key.strip() or (sandbox.settings.api_key and key.strip() != sandbox.settings.api_key):
        return problem(sandbox, 401, "The provided authorization grant is invalid, expired, or revoked")
    return None


async def mail_send(request: web.Request, sandbox: Sandbox) -> web.StreamResponse:
    """POST /v3/mail/send: 202 when every message is stored, else SendGrid's error."""
    refused = refusal(request, sandbox)
    if refused is not None:
        return refused
    if request.content_type != "application/json":
        return problem(sandbox, 415, "Content-Type should be application/json.")
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        body = b" " * (MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return problem(sandbox, 413, "The total size of your email must be less than 30MB.")
    try:
        mail = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return problem(sandbox, 400, "Bad Request")
    wrong = check(mail)
    if wrong is not None:
        return problem(sandbox, 400, *wrong)
    return await _accept(request, sandbox, mail)


async def _accept(request: web.Request, sandbox: Sandbox, mail: dict[str, Any]) -> web.StreamResponse:
    people = mail["personalizations"]
    fault = sandbox.faults.match("email", people[0]["to"][0]["email"])
    instead = None if fault is None or fault.accepts else await act_out(request, sandbox, fault, "email")
    if instead is not None:
        return instead
    settings = mail.get("mail_settings")
    mode = settings.get("sandbox_mode") if isinstance(settings, dict) else None
    if isinstance(mode, dict) and mode.get("enable") is True:
        return web.Response(status=200)  # SendGrid's own sandbox mode: checked, nothing kept, no events
    request_id = urlsafe_b64encode(bytes.fromhex(sandbox.ids())).decode().rstrip("=")
    messages = [message_of(mail, person, f"{request_id}.{number}", sandbox) for number, person in enumerate(people)]
    await sandbox.store.add(messages)
    sandbox.changed()
    if sandbox.settings.deliver:
        for message in messages:
            for event in ("processed", "delivered"):
                sandbox.webhooks.event(event_of(message, event, sandbox))
    instead = await act_out(request, sandbox, fault, "email") if fault is not None and fault.accepts else None
    return instead or web.Response(status=202, headers={"X-Message-Id": request_id})


def message_of(mail: dict[str, Any], person: dict[str, Any], message_id: str, sandbox: Sandbox) -> dict[str, object]:
    """What is kept of one personalization: one mail. Its own values win over the request's."""
    parts = {one["type"]: one["value"] for one in mail["content"]}
    html = parts.get("text/html")
    sender = person.get("from") or mail["from"]
    custom = {**(mail.get("custom_args") or {}), **(person.get("custom_args") or {})}
    headers = {**(mail.get("headers") or {}), **(person.get("headers") or {})}
    for key in ("to", "cc", "bcc"):
        others = [one["email"] for one in person.get(key) or []][1 if key == "to" else 0 :]
        if others:
            headers[f"X-Sandbox-Also-{key.capitalize()}"] = ", ".join(others)
    found: dict[str, object] = {
        "id": message_id, "provider": "sendgrid", "channel": "email", "to": person["to"][0]["email"], "from": sender["email"],
        "subject": person.get("subject") or mail["subject"], "text": parts.get("text/plain"), "html": html,
        "preheader": preheader(html) if html else None, "headers": headers, "intent": custom.get("intent"), "custom_args": custom,
        "received_at": sandbox.clock(), "status": "delivered" if sandbox.settings.deliver else "accepted",
    }  # fmt: skip
    return {key: value for key, value in found.items() if value is not None}


def event_of(message: dict[str, object], event: str, sandbox: Sandbox, **more: object) -> dict[str, object]:
    """One entry of the event webhook: custom_args stand flat among the fields. Source: SendGrid, Event Webhook reference."""
    custom = message.get("custom_args")
    return {
        **(custom if isinstance(custom, dict) else {}), "email": message["to"], "timestamp": sandbox.clock() // 1000, "event": event,
        "sg_event_id": sandbox.ids(), "sg_message_id": f"{message['id']}", "smtp-id": f"<{message['id']}@sandbox>", **more,
    }  # fmt: skip
