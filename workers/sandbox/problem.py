"""Answers of the sandbox's own paths: JSON, and RFC 9457 problems."""

from http import HTTPStatus

import msgspec
from aiohttp import web


class RefusedError(Exception):
    """A request of ours that cannot be followed: what is wrong, in a few words, and how to put it right."""

    def __init__(self, title: str, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.title = title
        self.detail = detail
        self.status = status


def json_response(value: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """`value` as JSON."""
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json", headers=headers)


def problem(refused: RefusedError) -> web.Response:
    """RFC 9457."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": f"{refused.title}: {refused.detail}",
    }
    return web.Response(status=refused.status, body=msgspec.json.encode(body), content_type="application/problem+json")
