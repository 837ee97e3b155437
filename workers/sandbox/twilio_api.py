"""Twilio's Messages resource, as the sandbox speaks it: SMS and WhatsApp, answers, errors and status callbacks."""

import re
from base64 import b64decode
from binascii import Error as BadBase64
from email.utils import formatdate
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from workers.sandbox.faulty import fault_before
from workers.sandbox.sandbox import Sandbox

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
MAX_BODY = 1600
WINDOW = 24 * 3_600_000


def problem(status: int, code: int, message: str) -> web.Response:
    """Twilio's error body."""
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")


def authorised(request: web.Request) -> bool:
    """Basic auth with anything in it."""
    kind, _blank, value = request.headers.get("Authorization", "").partition(" ")
    try:
        user, colon, _password = b64decode(value, validate=True).decode().partition(":")
    except (BadBase64, UnicodeDecodeError, ValueError):
        return False
    return kind == "Basic" and bool(colon) and user[:2] in ("AC", "SK")


async def create_message(request: web.Request, sandbox: Sandbox) -> web.StreamResponse:
    """POST …/Messages.json."""
    if not authorised(request):
        return problem(401, 20003, "Authenticate")
    try:
        pairs = parse_qsl((await request.read()).decode("utf-8"), keep_blank_values=True, max_num_fields=200)
    except (UnicodeDecodeError, ValueError):
        return problem(400, 20001, "the form cannot be read")
    form = dict(pairs)
    media = [value for name, value in pairs if name == "MediaUrl"]
    wrong = check(form, media)
    if wrong is not None:
        return problem(400, *wrong)
    to, sender = form["To"], form.get("From") or form.get("MessagingServiceSid", "")
    channel = "whatsapp" if to.startswith("whatsapp:") else "sms"
    address = to.removeprefix("whatsapp:")
    fault = await fault_before(request, sandbox, channel, address)
    if isinstance(fault, web.StreamResponse):
        return fault
    if sandbox.store.is_stopped(sender, to):
        return problem(400, 21610, "Attempt to send to unsubscribed recipient")
    sid = f"SM{sandbox.ids()}"
    inbound = sandbox.store.last_inbound(to)
    closed = channel == "whatsapp" and "ContentSid" not in form and (inbound is None or sandbox.clock() - inbound > WINDOW)
    message: dict[str, object] = {
        "id": sid, "provider": "twilio", "channel": channel, "to": address, "from": sender.removeprefix("whatsapp:"),
        "text": form.get("Body"), "media": media or None, "content_sid": form.get("ContentSid"), "content_variables": _variables(form),
        "intent": dict(parse_qsl(form.get("StatusCallback", "").partition("?")[2])).get("intent"), "callback": form.get("StatusCallback"),
        "account": request.match_info["sid"], "received_at": sandbox.clock(),
        "status": "failed" if closed else "delivered" if sandbox.settings.deliver else "queued",
    }  # fmt: skip
    await sandbox.store.add([{key: value for key, value in message.items() if value is not None}])
    sandbox.changed()
    if closed:
        status_callback(sandbox, message, "failed", 63016)
    elif sandbox.settings.deliver:
        status_callback(sandbox, message, "sent")
        status_callback(sandbox, message, "delivered")
    if fault == "lose":
        assert request.transport is not None
        request.transport.abort()
    return web.Response(status=201, body=msgspec.json.encode(resource(message, "queued")), content_type="application/json")


def check(form: dict[str, str], media: list[str]) -> tuple[int, str] | None:
    """The error code and its words; None is fine."""
    to = form.get("To", "")
    if not to:
        return 21604, "A 'To' phone number is required."
    if not _NUMBER.fullmatch(to.removeprefix("whatsapp:")):
        return 21211, f"The 'To' number {to[:40]} is not a valid phone number."
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return 21603, "A 'From' phone number is required."
    if to.startswith("whatsapp:") and not form.get("From", "whatsapp:").startswith("whatsapp:"):
        return 63007, "Twilio could not find a Channel with the specified From address"
    if not form.get("Body") and not media and not form.get("ContentSid"):
        return 21602, "Message body is required."
    if len(form.get("Body", "")) > MAX_BODY:
        return 21617, "The concatenated message body exceeds the 1600 character limit."
    if form.get("ContentVariables") and not form.get("ContentSid"):
        return 21654, "ContentSid Required"
    if "ContentVariables" in form and _variables(form) is None:
        return 21656, "The Content Variables Parameter is invalid"
    return None


def _variables(form: dict[str, str]) -> dict[str, str] | None:
    if "ContentVariables" not in form:
        return None
    try:
        return msgspec.json.decode(form["ContentVariables"].encode(), type=dict[str, str])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


def resource(message: dict[str, object], status: str) -> dict[str, object]:
    """A message in Twilio's shape."""
    prefix = "whatsapp:" if message["channel"] == "whatsapp" else ""
    account, sid = message.get("account", ""), message["id"]
    date = formatdate(int(str(message["received_at"])) / 1000, usegmt=False)
    return {
        "account_sid": account, "api_version": "2010-04-01", "body": message.get("text") or "", "date_created": date, "date_sent": None,
        "date_updated": date, "direction": "outbound-api", "error_code": None, "error_message": None, "from": f"{prefix}{message['from']}",
        "messaging_service_sid": None, "num_media": str(len(message.get("media") or ())),  # type: ignore[arg-type]  # a list or None
        "num_segments": "1", "price": None, "price_unit": "USD", "sid": sid, "status": status,
        "subresource_uris": {"media": f"/2010-04-01/Accounts/{account}/Messages/{sid}/Media.json"}, "to": f"{prefix}{message['to']}",
        "uri": f"/2010-04-01/Accounts/{account}/Messages/{sid}.json",
    }  # fmt: skip


def status_callback(sandbox: Sandbox, message: dict[str, object], status: str, error: int | None = None) -> None:
    """Tell the sender's callback what became of a message."""
    prefix = "whatsapp:" if message["channel"] == "whatsapp" else ""
    fields = {
        "AccountSid": str(message.get("account", "")), "From": f"{prefix}{message['from']}", "To": f"{prefix}{message['to']}",
        "MessageSid": str(message["id"]), "SmsSid": str(message["id"]), "MessageStatus": status, "SmsStatus": status, "ApiVersion": "2010-04-01",
    }  # fmt: skip
    if error is not None:
        fields["ErrorCode"] = str(error)
    if status == "read":
        fields["EventType"] = "READ"
    sandbox.webhooks.form(str(message.get("callback") or ""), fields)


async def list_messages(request: web.Request, sandbox: Sandbox) -> web.Response:
    """GET …/Messages.json?To=&From=&PageSize=."""
    if not authorised(request):
        return problem(401, 20003, "Authenticate")
    to = request.query.get("To", "")
    size = min(int(request.query["PageSize"]), 1000) if request.query.get("PageSize", "").isdigit() else 50
    found = sandbox.store.messages({"to": to.removeprefix("whatsapp:")} if to else {}, size)
    texts = [resource(one, str(one["status"])) for one in found if one["provider"] == "twilio"]
    uri = f"/2010-04-01/Accounts/{request.match_info['sid']}/Messages.json?PageSize={size}&Page=0"
    body = {
        "messages": texts, "page": 0, "page_size": size, "start": 0, "end": max(len(texts) - 1, 0), "first_page_uri": uri,
        "next_page_uri": None, "previous_page_uri": None, "uri": uri,
    }  # fmt: skip
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")
