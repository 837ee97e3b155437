"""The phone and the inbox in the browser: static files, and a stream that says when to look again."""

import asyncio
import contextlib
from importlib import resources

from aiohttp import web

from workers.sandbox.sandbox import Sandbox

CSP = "; ".join((  # noqa: FLY002  (one rule a line, each with its reason)
    "default-src 'none'", "script-src 'self'", "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    "style-src 'self' 'unsafe-inline'",  # a mail's own styles: its frame inherits these rules
    "img-src 'self' data:",  # nobody outside learns that a mail was looked at
))  # fmt: skip
STATIC = {"page.html": "text/html", "page.js": "text/javascript", "page.css": "text/css"}
LOOK, BEAT = 0.5, 15.0
"""Seconds between looks for something new, and between signs of life."""


async def to_page(request: web.Request) -> web.Response:
    """The address without its last slash."""
    return web.Response(status=308, headers={"Location": f"{request.path}/"})


async def page(request: web.Request) -> web.Response:
    """The page, or one of its two files."""
    name = request.match_info.get("name", "page.html")
    body = resources.files("workers.sandbox").joinpath("static", name).read_bytes()
    headers = {
        "Content-Security-Policy": CSP,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return web.Response(body=body, content_type=STATIC[name], charset="utf-8", headers=headers)


async def stream(request: web.Request, sandbox: Sandbox) -> web.StreamResponse:
    """Server-sent events, one whenever something changed. Ends when the browser leaves or the server stops."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    seen, quiet = -1, 0.0
    with contextlib.suppress(ConnectionError):
        while not sandbox.closing.is_set():
            if sandbox.version != seen:
                seen, quiet = sandbox.version, 0.0
                await response.write(b"data: %d\n\n" % seen)
            elif quiet >= BEAT:
                quiet = 0.0
                await response.write(b": still here\n\n")
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(sandbox.closing.wait(), LOOK)
            quiet += LOOK
    return response
