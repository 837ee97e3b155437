"""The sandbox's HTTP paths: providers' APIs, what it received, faults, and a customer who answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict

import msgspec
from aiohttp import web

from workers.sandbox.faults import read_faults
from workers.sandbox.page import page, stream, to_page
from workers.sandbox.problem import RefusedError, json_response, problem
from workers.sandbox.queries import read_query, shown
from workers.sandbox.receipt import read_receipt, report
from workers.sandbox.reply import answer, read_reply
from workers.sandbox.sandbox import Sandbox
from workers.sandbox.sendgrid_api import mail_send
from workers.sandbox.sendgrid_logs import list_logs, one_log
from workers.sandbox.twilio_api import create_message, fetch_message, list_messages

CHUNK = 200
"""Messages read and written at a time: a long list never stands in memory."""
MOST_REPLIES = 1000
EXAMPLE = 'send a list of rules, as [{"channel": "email", "every": 3, "status": 429}]; rules match by channel, address, every, times and act by status, code, retry_after, delay, act'
_Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_sandbox_routes(app: web.Application, sandbox: Sandbox, prefix: str = "/sandbox") -> None:
    """Mount the sandbox; its webhooks begin and end with the application, its store closes with it."""
    server = _Server(sandbox)
    messages = f"{prefix}/twilio/2010-04-01/Accounts/{{account}}/Messages"
    app.add_routes([
        web.post(f"{prefix}/sendgrid/v3/mail/send", server.sendgrid), web.post(f"{prefix}/sendgrid/v3/logs", server.sendgrid_logs),
        web.get(f"{prefix}/sendgrid/v3/logs/{{message}}", server.sendgrid_log),
        web.get(f"{prefix}/sendgrid/v3/user/webhooks/event/settings/signed", server.webhook_key), web.post(f"{messages}.json", server.twilio),
        web.get(f"{messages}.json", server.twilio_list), web.get(f"{messages}/{{message}}.json", server.twilio_one),
        web.get(f"{prefix}/messages", _told(server.messages)), web.delete(f"{prefix}/messages", server.clear),
        web.get(f"{prefix}/replies", server.replies), web.get(f"{prefix}/webhooks", server.webhooks),
        web.put(f"{prefix}/faults", _told(server.set_faults)), web.get(f"{prefix}/faults", server.get_faults),
        web.delete(f"{prefix}/faults", server.clear_faults), web.post(f"{prefix}/reply", _told(server.reply)),
        web.post(f"{prefix}/receipt", _told(server.receipt)), web.get(f"{prefix}/stream", server.stream),
        web.get(prefix, to_page), web.get(f"{prefix}/", page), web.get(f"{prefix}/{{name:page\\.(?:js|css)}}", page),
    ])  # fmt: skip

    async def run(_app: web.Application) -> AsyncIterator[None]:
        await sandbox.webhooks.start()
        yield
        await sandbox.webhooks.close()
        sandbox.store.close()

    async def closing(_app: web.Application) -> None:
        sandbox.closing.set()

    app.cleanup_ctx.append(run)
    app.on_shutdown.append(closing)


def build_sandbox_app(sandbox: Sandbox) -> web.Application:
    """The sandbox alone."""
    app = web.Application(client_max_size=31 * 1024 * 1024)
    add_sandbox_routes(app, sandbox)
    return app


def _told(inner: _Answer) -> _Answer:
    """What is refused is answered as problem JSON."""

    async def outer(request: web.Request) -> web.StreamResponse:
        try:
            return await inner(request)
        except RefusedError as refused:
            return problem(refused)

    return outer


class _Server:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def sendgrid(self, request: web.Request) -> web.StreamResponse:
        return await mail_send(request, self._sandbox)

    async def sendgrid_logs(self, request: web.Request) -> web.StreamResponse:
        return await list_logs(request, self._sandbox)

    async def sendgrid_log(self, request: web.Request) -> web.StreamResponse:
        return await one_log(request, self._sandbox)

    async def webhook_key(self, _request: web.Request) -> web.Response:
        """As SendGrid's signed-webhook settings: a gateway on another machine learns the key here."""
        return json_response({"id": "sandbox", "public_key": self._sandbox.public_key()})

    async def twilio(self, request: web.Request) -> web.StreamResponse:
        return await create_message(request, self._sandbox)

    async def twilio_list(self, request: web.Request) -> web.StreamResponse:
        return await list_messages(request, self._sandbox)

    async def twilio_one(self, request: web.Request) -> web.StreamResponse:
        return await fetch_message(request, self._sandbox)

    async def messages(self, request: web.Request) -> web.StreamResponse:
        query = read_query(request.query)
        found = self._sandbox.store.messages(query.filters, min(query.limit, CHUNK))
        if query.limit <= CHUNK or len(found) < CHUNK:
            return json_response([shown(one) for one in found])
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        left, separator = query.limit, b"["
        while found:
            for one in found:
                await response.write(separator + msgspec.json.encode(shown(one)))
                separator = b","
            left -= len(found)
            before = {"before": int(str(found[-1]["n"]))}
            found = self._sandbox.store.messages({**query.filters, **before}, min(left, CHUNK)) if left else []
        await response.write(b"]")
        return response

    async def clear(self, _request: web.Request) -> web.Response:
        await self._sandbox.store.clear()
        self._sandbox.changed()
        return web.Response(status=204)

    async def replies(self, _request: web.Request) -> web.Response:
        return json_response(self._sandbox.store.replies(MOST_REPLIES))

    async def webhooks(self, _request: web.Request) -> web.Response:
        return json_response({"waiting": self._sandbox.webhooks.waiting, **asdict(self._sandbox.webhooks.tally)})

    async def set_faults(self, request: web.Request) -> web.Response:
        try:
            self._sandbox.faults.set(read_faults(await request.read()))
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise RefusedError("These rules cannot be taken", f"{error}; {EXAMPLE}") from error
        return await self.get_faults(request)

    async def get_faults(self, _request: web.Request) -> web.Response:
        faults = self._sandbox.faults
        return json_response(
            [{**msgspec.to_builtins(rule), "acted": acted} for rule, acted in zip(faults.rules, faults.acted, strict=True)]
        )

    async def clear_faults(self, _request: web.Request) -> web.Response:
        self._sandbox.faults.set([])
        return web.Response(status=204)

    async def reply(self, request: web.Request) -> web.Response:
        return json_response({"sid": await answer(self._sandbox, read_reply(await request.read()))})

    async def receipt(self, request: web.Request) -> web.Response:
        await report(self._sandbox, read_receipt(await request.read()))
        return json_response({"ok": True})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        return await stream(request, self._sandbox)
