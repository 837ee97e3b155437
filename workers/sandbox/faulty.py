"""Acting out a fault instead of answering a call, or before it."""

import asyncio
import contextlib

from aiohttp import web

from workers.sandbox.faults import Fault
from workers.sandbox.problem import json_response
from workers.sandbox.sandbox import Sandbox

LOOK = 0.2
"""Seconds between looks whether the caller of a hung call has left."""


async def act_out(request: web.Request, sandbox: Sandbox, fault: Fault, channel: str) -> web.StreamResponse | None:
    """The answer to give instead; None to go on."""
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.act == "hang":
        await _hang(request, sandbox)
    if fault.act != "answer":
        return cut(request)
    if fault.status is None:
        return None
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    if channel == "email":
        body: dict[str, object] = {
            "errors": [{"message": f"sandbox fault {fault.status}", "help": {}}],
            "id": sandbox.ids(),
        }
        return json_response(body, fault.status, headers)
    code = fault.code or {401: 20003, 429: 20429}.get(fault.status, 20500)
    body = {
        "code": code,
        "message": f"sandbox fault {code}",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": fault.status,
    }
    return json_response(body, fault.status, headers)


def cut(request: web.Request) -> web.Response:
    """The connection ends without an answer; the value is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _hang(request: web.Request, sandbox: Sandbox) -> None:
    """Until the caller leaves or the sandbox closes."""
    while request.transport is not None and not request.transport.is_closing() and not sandbox.closing.is_set():
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(sandbox.closing.wait(), LOOK)
