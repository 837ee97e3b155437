"""Errors over HTTP: problem JSON (RFC 9457)."""

import msgspec
from aiohttp import web


def problem(status: int, title: str, detail: str, *, headers: dict[str, str] | None = None, **more: object) -> web.Response:
    """`detail` says what is wrong and how to mend it; `more` are extension members."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/problem+json", headers=headers)


def json_response(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")
