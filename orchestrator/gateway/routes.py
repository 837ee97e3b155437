"""The gateway's paths: one table that registers them and describes them (/openapi.json)."""

from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from orchestrator.contracts.event import EVENT_TYPES
from orchestrator.gateway.customer_pages import CustomerPages
from orchestrator.gateway.openapi import openapi
from orchestrator.gateway.problem import json_response, problem
from orchestrator.gateway.route import Route
from orchestrator.gateway.segment_api import SegmentApi
from orchestrator.gateway.webhooks_api import WebhooksApi

JSON, FORM, HTML = "application/json", "application/x-www-form-urlencoded", "text/html"


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


def routes(segment: SegmentApi, webhooks: WebhooksApi, pages: CustomerPages, health: Health) -> list[Route]:
    """All of them."""
    taken = (200, 400, 401, 408, 413, 415, 429, 503)
    called = (200, 400, 403, 408, 413, 415, 503)
    one = "{type:" + "|".join(EVENT_TYPES) + "}"
    twiml = ("text/xml", "")
    return [
        Route("POST", f"/v1/{one}", segment.single, "One event of the Segment Spec; 200 once it is durable", taken, (JSON, "SingleEvent"), (JSON, "Taken"), signed_in=True),
        Route("POST", "/v1/batch", segment.batch, "Up to 500 KB of events; the good ones are taken, the others named", taken, (JSON, "Batch"), (JSON, "Taken"), signed_in=True),
        Route("POST", "/v1/import", segment.batch, "As /v1/batch", taken, (JSON, "Batch"), (JSON, "Taken"), signed_in=True),
        Route("POST", "/webhooks/sendgrid", webhooks.sendgrid, "SendGrid event webhook; signed", called, (JSON, "")),
        Route("POST", "/webhooks/twilio/status", webhooks.twilio_status, "Twilio status callback; signed", called, (FORM, "")),
        Route("POST", "/webhooks/twilio/inbound", webhooks.twilio_inbound, "Inbound SMS and WhatsApp; signed; answers TwiML", called, (FORM, ""), twiml),
        Route("GET", "/unsubscribe/{token}", pages.unsubscribe, "Asks whether to leave a topic; changes nothing", (200, 404), gives=(HTML, "")),
        Route("POST", "/unsubscribe/{token}", pages.unsubscribe, "Leaves the topic (RFC 8058)", (200, 404, 503), (FORM, ""), (HTML, "")),
        Route("GET", "/preferences/{token}", pages.preferences, "Topics by channel, and why they are sent", (200, 404), gives=(HTML, "")),
        Route("POST", "/preferences/{token}", pages.preferences, "Saves topics by channel, or stops everything", (200, 404, 413, 503), (FORM, ""), (HTML, "")),
        Route("GET", "/healthz", health.live, "Is the process alive", gives=(JSON, "State")),
        Route("GET", "/readyz", health.ready, "Can it take traffic", (200, 503), gives=(JSON, "State"), retried=False),
        Route("GET", "/metrics", health.metrics, "Prometheus text", gives=("text/plain", "")),
    ]  # fmt: skip


def add_gateway_routes(
    app: web.Application, table: Sequence[Route], version: str, more: Mapping[str, Mapping[str, object]] | None = None
) -> None:
    """Register the table, and its description with that of `more` paths, which others serve."""

    async def described(_request: web.Request) -> web.Response:
        return json_response(description)

    whole = [*table, Route("GET", "/openapi.json", described, "This description")]
    description = openapi(whole, version, more or {})
    for route in whole:
        if route.method == "GET":
            app.router.add_get(route.path, route.call)  # answers HEAD too
        else:
            app.router.add_route(route.method, route.path, route.call)
