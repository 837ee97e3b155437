"""The first page of the embedded runtime: where everything is."""

from aiohttp import web

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Concierge</title>
<style>body{font:17px/1.6 system-ui,sans-serif;max-width:40rem;margin:12vh auto;padding:0 1.2rem;color:#1b2230}a{color:#0b5fff}
@media(prefers-color-scheme:dark){body{background:#10141c;color:#e8ecf3}a{color:#7aa7ff}}</style></head><body><h1>Concierge</h1>
<p>The embedded runtime is up.</p><ul><li><a href="/sandbox/">Sandbox: phone and inbox</a></li><li><a href="/metrics">Metrics</a></li>
<li><a href="/openapi.json">What this gateway answers</a></li><li><a href="/readyz">Ready?</a></li></ul></body></html>"""


async def front_page(_request: web.Request) -> web.Response:
    """GET /."""
    return web.Response(
        text=_PAGE, content_type="text/html", headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    )
