"""The sandbox's HTTP paths: providers' APIs, what it received, faults, and a customer who answers."""

import asyncio
from importlib import resources
from typing import Literal

import msgspec
from aiohttp import web

from workers.sandbox.faults import read_faults
from workers.sandbox.sandbox import Sandbox
from workers.sandbox.sendgrid_api import event_of, mail_send
from workers.sandbox.twilio_api import create_message, list_messages, status_callback

SHOWN = (
    "id",
    "provider",
    "channel",
    "to",
    "from",
    "subject",
    "preheader",
    "text",
    "html",
    "media",
    "content_sid",
    "content_variables",
    "headers",
    "intent",
    "received_at",
    "status",
)
CSP = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"
STATIC = {"page.html": "text/html", "page.js": "text/javascript", "page.css": "text/css"}
STOP_WORDS = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"))
START_WORDS = frozenset(("START", "UNSTOP", "YES"))


def problem(status: int, title: str, detail: str) -> web.Response:
    """RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/problem+json")


def json_response(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


class Reply(msgspec.Struct, rename={"sender": "from"}):
    """A customer answers."""

    channel: Literal["sms", "whatsapp"]
    sender: str
    text: str


class ReceiptOrder(msgspec.Struct, rename={"event": "event"}):
    """What happened to a message, as the provider would report it."""

    event: Literal["open", "click", "bounce", "complaint", "unsubscribe", "delivered", "read", "failed"]
    id: str | None = None
    intent: str | None = None
    url: str = "https://example.com/"
    machine: bool = False
    code: int = 30003


def add_sandbox_routes(app: web.Application, sandbox: Sandbox, prefix: str = "/sandbox") -> None:
    """Mount the sandbox; its webhooks begin and end with the application."""
    server = _Server(sandbox)
    twilio = f"{prefix}/twilio/2010-04-01/Accounts/{{sid}}/Messages.json"
    app.add_routes([
        web.post(f"{prefix}/sendgrid/v3/mail/send", server.sendgrid), web.post(twilio, server.twilio), web.get(twilio, server.twilio_list),
        web.get(f"{prefix}/messages", server.messages), web.delete(f"{prefix}/messages", server.clear),
        web.put(f"{prefix}/faults", server.set_faults), web.get(f"{prefix}/faults", server.get_faults), web.delete(f"{prefix}/faults", server.clear_faults),
        web.post(f"{prefix}/reply", server.reply), web.post(f"{prefix}/receipt", server.receipt), web.get(f"{prefix}/stream", server.stream),
        web.get(f"{prefix}/", server.page), web.get(f"{prefix}/{{name:page\\.(?:js|css)}}", server.page),
    ])  # fmt: skip

    async def run(_app: web.Application) -> object:
        await sandbox.webhooks.start()
        yield
        await sandbox.webhooks.close()
        sandbox.store.close()

    app.cleanup_ctx.append(run)  # type: ignore[arg-type]  # an async generator, as aiohttp wants it


def build_sandbox_app(sandbox: Sandbox) -> web.Application:
    """The sandbox alone."""
    app = web.Application(client_max_size=31 * 1024 * 1024)
    add_sandbox_routes(app, sandbox)
    return app


class _Server:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def sendgrid(self, request: web.Request) -> web.StreamResponse:
        return await mail_send(request, self._sandbox)

    async def twilio(self, request: web.Request) -> web.StreamResponse:
        return await create_message(request, self._sandbox)

    async def twilio_list(self, request: web.Request) -> web.StreamResponse:
        return await list_messages(request, self._sandbox)

    async def messages(self, request: web.Request) -> web.Response:
        query = request.query
        limit = min(int(query["limit"]), 10_000) if query.get("limit", "").isdigit() else 100
        since = int(query["since"]) if query.get("since", "").isdigit() else 0
        found = self._sandbox.store.messages({key: query[key] for key in ("to", "channel", "intent") if query.get(key)}, limit, since)
        return json_response([{key: one[key] for key in SHOWN if key in one} for one in found])

    async def clear(self, _request: web.Request) -> web.Response:
        await self._sandbox.store.clear()
        self._sandbox.changed()
        return web.Response(status=204)

    async def set_faults(self, request: web.Request) -> web.Response:
        try:
            self._sandbox.faults.set(read_faults(await request.read()))
        except (msgspec.DecodeError, ValueError, UnicodeDecodeError) as error:
            return problem(400, "These rules cannot be taken", str(error))
        return await self.get_faults(request)

    async def get_faults(self, _request: web.Request) -> web.Response:
        return json_response(
            [
                {**msgspec.to_builtins(rule), "acted": acted}
                for rule, acted in zip(self._sandbox.faults.rules, self._sandbox.faults.acted, strict=True)
            ]
        )

    async def clear_faults(self, _request: web.Request) -> web.Response:
        self._sandbox.faults.set([])
        return web.Response(status=204)

    async def reply(self, request: web.Request) -> web.Response:
        try:
            reply = msgspec.json.decode(await request.read(), type=Reply)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return problem(400, "No reply", f'{error}; send {{"channel": "sms", "from": "+44…", "text": "…"}}')
        sandbox = self._sandbox
        prefix = "whatsapp:" if reply.channel == "whatsapp" else ""
        last = next(iter(sandbox.store.messages({"to": reply.sender, "channel": reply.channel}, 1)), None)
        ours = f"{prefix}{last['from']}" if last else f"{prefix}+440000000000"
        word = reply.text.strip().upper()
        if word in STOP_WORDS | START_WORDS:
            await sandbox.store.stop(ours, f"{prefix}{reply.sender}", stopped=word in STOP_WORDS)
        await sandbox.store.heard_from(f"{prefix}{reply.sender}", sandbox.clock())
        sid = f"SM{sandbox.ids()}"
        fields = {
            "MessageSid": sid, "SmsMessageSid": sid, "AccountSid": "AC" + "0" * 32, "From": f"{prefix}{reply.sender}", "To": ours,
            "Body": reply.text, "NumMedia": "0", "NumSegments": "1", "ApiVersion": "2010-04-01",
        }  # fmt: skip
        sandbox.webhooks.form(f"{sandbox.webhooks.base}/webhooks/twilio/inbound", fields)
        return json_response({"sid": sid})

    async def receipt(self, request: web.Request) -> web.Response:
        try:
            order = msgspec.json.decode(await request.read(), type=ReceiptOrder)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return problem(400, "No receipt", f'{error}; send {{"id": "…", "event": "open"}}')
        sandbox = self._sandbox
        filters = {"id": order.id} if order.id else {"intent": order.intent or ""}
        message = next(iter(sandbox.store.messages(filters, 1)), None)
        if message is None:
            return problem(404, "No such message", "GET /sandbox/messages lists them")
        if message["provider"] == "twilio":
            status = {"read": "read", "delivered": "delivered", "bounce": "undelivered", "failed": "failed"}.get(order.event)
            if status is None:
                return problem(400, "Texts have no such receipt", "read, delivered, bounce, failed")
            status_callback(sandbox, message, status, order.code if status in ("failed", "undelivered") else None)
            await sandbox.store.set_status(str(message["id"]), status)
        else:
            event, more = _sendgrid_event(order)
            custom = message.get("custom_args")
            sandbox.webhooks.event(event_of(message, custom if isinstance(custom, dict) else {}, event, sandbox, **more))
            await sandbox.store.set_status(str(message["id"]), event)
        sandbox.changed()
        return json_response({"ok": True})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the page asks for messages again when something changed."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        seen = -1
        for _ in range(7200):
            if self._sandbox.version != seen:
                seen = self._sandbox.version
                await response.write(b"data: %d\n\n" % seen)
            await asyncio.sleep(0.5)
        return response

    async def page(self, request: web.Request) -> web.Response:
        name = request.match_info.get("name", "page.html")
        body = resources.files("workers.sandbox").joinpath("static", name).read_bytes()
        return web.Response(
            body=body,
            content_type=STATIC[name],
            charset="utf-8",
            headers={"Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"},
        )


def _sendgrid_event(order: ReceiptOrder) -> tuple[str, dict[str, object]]:
    match order.event:
        case "open":
            return "open", {"useragent": "Mozilla/5.0", "ip": "127.0.0.1", "sg_machine_open": order.machine}
        case "click":
            return "click", {"url": order.url, "useragent": "Mozilla/5.0", "ip": "127.0.0.1"}
        case "bounce":
            return "bounce", {"type": "bounce", "reason": "550 5.1.1 no such user", "status": "5.1.1"}
        case "complaint":
            return "spamreport", {}
        case "unsubscribe":
            return "unsubscribe", {}
        case "delivered":
            return "delivered", {"response": "250 OK"}
        case other:
            return "dropped", {"reason": f"sandbox: {other}"}
