"""The gateway's paths: one table that registers them and describes them (/openapi.json)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from orchestrator.gateway.problem import json_response, problem
from orchestrator.gateway.segment_api import SegmentApi
from orchestrator.gateway.webhooks_api import WebhooksApi

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """A path with its words for people."""

    method: str
    path: str
    call: Handler
    text: str
    answers: tuple[int, ...] = (200,)


class Health:
    """`ready` says why the process can't take traffic, or None; `metrics` is Prometheus text."""

    def __init__(self, ready: Callable[[], str | None], metrics: Callable[[], bytes]) -> None:
        self._ready = ready
        self._metrics = metrics

    async def live(self, _request: web.Request) -> web.Response:
        return json_response({"status": "live"})

    async def ready(self, _request: web.Request) -> web.Response:
        why = self._ready()
        return json_response({"status": "ready"}) if why is None else problem(503, "Not ready", why)

    async def metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self._metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def routes(segment: SegmentApi, webhooks: WebhooksApi, health: Health) -> list[Route]:
    """All of them."""
    taken = (200, 400, 401, 413, 429, 503)
    return [
        Route(
            "POST",
            "/v1/{type:track|identify|page|screen|group|alias}",
            segment.single,
            "One event of the Segment Spec; 200 once it is durable",
            taken,
        ),
        Route("POST", "/v1/batch", segment.batch, "Up to 500 KB of events; the good ones are taken, the others named", taken),
        Route("POST", "/v1/import", segment.batch, "As /v1/batch", taken),
        Route("POST", "/webhooks/sendgrid", webhooks.sendgrid, "SendGrid event webhook; signed", (200, 400, 403, 503)),
        Route("POST", "/webhooks/twilio/status", webhooks.twilio_status, "Twilio status callback; signed", (200, 400, 403, 503)),
        Route(
            "POST",
            "/webhooks/twilio/inbound",
            webhooks.twilio_inbound,
            "Inbound SMS and WhatsApp; signed; answers TwiML",
            (200, 400, 403, 503),
        ),
        Route("GET", "/unsubscribe/{token}", webhooks.unsubscribe, "Asks whether to leave a topic; changes nothing", (200, 404)),
        Route("POST", "/unsubscribe/{token}", webhooks.unsubscribe, "Leaves the topic (RFC 8058)", (200, 404, 503)),
        Route("GET", "/preferences/{token}", webhooks.preferences, "Topics by channel", (200, 404)),
        Route("POST", "/preferences/{token}", webhooks.preferences, "Saves topics by channel", (200, 404, 503)),
        Route("GET", "/healthz", health.live, "Is the process alive"),
        Route("GET", "/readyz", health.ready, "Can it take traffic", (200, 503)),
        Route("GET", "/metrics", health.metrics, "Prometheus text"),
    ]


def add_gateway_routes(app: web.Application, table: list[Route], version: str) -> None:
    """Register the table, and its description."""
    for route in table:
        app.router.add_route(route.method, route.path, route.call)
    description = openapi(table, version)

    async def described(_request: web.Request) -> web.Response:
        return json_response(description)

    app.router.add_get("/openapi.json", described)


def openapi(table: list[Route], version: str) -> dict[str, object]:
    """OpenAPI 3.1 of the table."""
    paths: dict[str, dict[str, object]] = {}
    for route in table:
        path = route.path.split("{type")[0] + "{type}" if "{type" in route.path else route.path
        names = [part.strip("{}").split(":")[0] for part in route.path.split("/") if part.startswith("{")]
        paths.setdefault(path, {})[route.method.lower()] = {
            "summary": route.text,
            "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names],
            "responses": {str(status): {"description": "done" if status == 200 else "problem JSON"} for status in route.answers},
        }
    return {"openapi": "3.1.0", "info": {"title": "Concierge gateway", "version": version}, "paths": paths}


@web.middleware
async def errors_are_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error of the framework as problem JSON."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        return problem(error.status, error.reason, f"{request.method} {request.path}: {error.reason}", headers=headers)
