"""Acting out a fault before a call is answered."""

import asyncio
from typing import Literal

import msgspec
from aiohttp import web

from workers.sandbox.sandbox import Sandbox

HANG = 3600.0


async def fault_before(request: web.Request, sandbox: Sandbox, channel: str, address: str) -> web.StreamResponse | Literal["lose"] | None:
    """An answer to give instead, `lose` to store and then cut the connection, or None to go on."""
    fault = sandbox.faults.match(channel, address)
    if fault is None:
        return None
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.act == "hang":
        await asyncio.sleep(HANG)
    if fault.act == "drop":
        assert request.transport is not None
        request.transport.abort()
        return web.Response(status=500)
    if fault.act == "lose":
        return "lose"
    if fault.status is None:
        return None
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    if channel == "email":
        body: dict[str, object] = {"errors": [{"message": f"sandbox fault {fault.status}", "field": None}]}
    else:
        code = fault.code or (20429 if fault.status == 429 else 20500)
        body = {
            "code": code,
            "message": f"sandbox fault {code}",
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": fault.status,
        }
    return web.Response(status=fault.status, body=msgspec.json.encode(body), content_type="application/json", headers=headers)
