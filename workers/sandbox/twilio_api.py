"""Twilio's Messages resource, as the sandbox speaks it: SMS and WhatsApp, answers, errors and status callbacks."""

import re
from base64 import b64decode
from binascii import Error as BadBase64
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from workers.sandbox.faulty import act_out
from workers.sandbox.problem import json_response
from workers.sandbox.sandbox import Sandbox
from workers.sandbox.twilio_check import check, variables
from workers.sandbox.twilio_resource import listing, resource, status_callback

__all__ = ["check", "create_message", "fetch_message", "list_messages"]
WINDOW = 24 * 3_600_000
"""Milliseconds after a person's last WhatsApp message in which free text is delivered."""
WINDOW_CLOSED = 63016
MAX_FORM = 64 * 1024
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_FILTERS = {"To": "to", "From": "from"}


def problem(status: int, code: int, message: str) -> web.Response:
    """Twilio's error body."""
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return json_response(body, status)


def refusal(request: web.Request) -> web.Response | None:
    """Basic auth with any account or key and any secret; the account in the path is one. None lets the request in."""
    kind, _blank, value = request.headers.get("Authorization", "").partition(" ")
    try:
        user, colon, secret = b64decode(value, validate=True).decode().partition(":")
    except (BadBase64, UnicodeDecodeError, ValueError):
        user, colon, secret = "", "", ""
    if kind != "Basic" or not colon or not secret or user[:2] not in ("AC", "SK"):
        return problem(401, 20003, "Authenticate")
    if not _ACCOUNT.fullmatch(request.match_info["account"]):
        return problem(404, 20404, f"The requested resource {request.path} was not found")
    return None


async def create_message(request: web.Request, sandbox: Sandbox) -> web.StreamResponse:
    """POST …/Messages.json: 201 when the message is stored, else Twilio's error."""
    refused = refusal(request)
    if refused is not None:
        return refused
    try:
        body = await request.read()
        if len(body) > MAX_FORM:
            return problem(413, 20001, f"a form of {len(body)} bytes; at most {MAX_FORM}")
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=200)
    except (UnicodeDecodeError, ValueError):
        return problem(400, 20001, "the form cannot be read")
    except web.HTTPRequestEntityTooLarge:
        return problem(413, 20001, f"at most {MAX_FORM} bytes")
    form = dict(pairs)
    media = [value for name, value in pairs if name == "MediaUrl"]
    wrong = check(form, media)
    if wrong is not None:
        return problem(400, *wrong)
    return await _accept(request, sandbox, form, media)


async def _accept(request: web.Request, sandbox: Sandbox, form: dict[str, str], media: list[str]) -> web.StreamResponse:
    to, sender = form["To"], form.get("From") or form["MessagingServiceSid"]
    channel, address = ("whatsapp" if to.startswith("whatsapp:") else "sms"), to.removeprefix("whatsapp:")
    fault = sandbox.faults.match(channel, address)
    instead = None if fault is None or fault.accepts else await act_out(request, sandbox, fault, channel)
    if instead is not None:
        return instead
    if sandbox.store.is_stopped(sender, to):
        return problem(400, 21610, "Attempt to send to unsubscribed recipient")
    inbound = sandbox.store.last_inbound(to)
    closed = channel == "whatsapp" and "ContentSid" not in form and (inbound is None or sandbox.clock() - inbound > WINDOW)
    found: dict[str, object] = {
        "id": f"{'MM' if media else 'SM'}{sandbox.ids()}", "provider": "twilio", "channel": channel, "to": address,
        "from": sender.removeprefix("whatsapp:"), "text": form.get("Body"), "media": media or None, "content_sid": form.get("ContentSid"),
        "content_variables": variables(form), "intent": dict(parse_qsl(form.get("StatusCallback", "").partition("?")[2])).get("intent"),
        "callback": form.get("StatusCallback"), "account": request.match_info["account"], "service": form.get("MessagingServiceSid"),
        "received_at": sandbox.clock(), "status": "failed" if closed else "delivered" if sandbox.settings.deliver else "queued",
        "error_code": WINDOW_CLOSED if closed else None,
    }  # fmt: skip
    message = {key: value for key, value in found.items() if value is not None}
    await sandbox.store.add([message])
    sandbox.changed()
    if closed:
        status_callback(sandbox, message, "failed", WINDOW_CLOSED)
    elif sandbox.settings.deliver:
        status_callback(sandbox, message, "sent")
        status_callback(sandbox, message, "delivered")
    if fault is not None and fault.accepts and (instead := await act_out(request, sandbox, fault, channel)) is not None:
        return instead
    first = {key: value for key, value in message.items() if key != "error_code"}
    return json_response(resource(first, "accepted" if "service" in message else "queued"), 201)


async def list_messages(request: web.Request, sandbox: Sandbox) -> web.StreamResponse:
    """GET …/Messages.json?To=&From=&PageSize=&Page=: newest first."""
    refused = refusal(request)
    if refused is not None:
        return refused
    given = dict(request.query)
    for name in given:
        if name not in (*_FILTERS, "PageSize", "Page", "PageToken"):
            return problem(400, 20001, f"the filter {name} is not in this version of the sandbox")
    try:
        size, page = int(given.get("PageSize", "50")), int(given.get("Page", "0"))
    except ValueError:
        size = page = -1
    if not 1 <= size <= 1000 or not 0 <= page <= 100_000:
        return problem(400, 20001, "PageSize is 1 to 1000, Page a number from 0")
    filters: dict[str, str | int] = {"provider": "twilio"}
    for name, key in _FILTERS.items():
        if given.get(name):
            filters[key] = given[name].removeprefix("whatsapp:")
            filters["channel"] = "whatsapp" if given[name].startswith("whatsapp:") else "sms"
    channel = str(filters.get("channel", "sms"))
    fault = sandbox.faults.match(channel, str(filters.get("to", "")), "records")
    instead = None if fault is None else await act_out(request, sandbox, fault, channel)
    if instead is not None:
        return instead
    found = sandbox.store.messages(filters, size + 1, page * size)
    query = urlencode([(name, given[name]) for name in _FILTERS if given.get(name)])
    more = len(found) > size
    return json_response(listing(request.match_info["account"], found[:size], size, page, f"&{query}" if query else "", more=more))


async def fetch_message(request: web.Request, sandbox: Sandbox) -> web.Response:
    """GET …/Messages/{sid}.json."""
    refused = refusal(request)
    if refused is not None:
        return refused
    found = sandbox.store.messages({"id": request.match_info["message"], "provider": "twilio"}, 1)
    if not found:
        return problem(404, 20404, f"The requested resource {request.path} was not found")
    return json_response(resource(found[0], str(found[0]["status"])))
