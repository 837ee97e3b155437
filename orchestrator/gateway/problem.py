"""Errors over HTTP: problem JSON (RFC 9457)."""

from http import HTTPStatus

import msgspec
from aiohttp import web


def problem(status: int, what: str, detail: str, *, headers: dict[str, str] | None = None, **more: object) -> web.Response:
    """`what` is wrong, in a few words; `detail` says the rest and how to mend it; `more` are extension members.

    The title is the status's own phrase, as RFC 9457 4.2.1 has it for `about:blank`.
    """
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": f"{what}: {detail}", **more}
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/problem+json", headers=headers)


def json_response(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")
