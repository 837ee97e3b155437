"""The embedded runtime from an event over HTTP to a message in the sandbox, and back."""

import asyncio
import gzip
import json
import re
from pathlib import Path

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from orchestrator.embedded.reader import StoreReader
from orchestrator.profiles.consent_state import state
from orchestrator.runtime.settings import PARTITIONS
from orchestrator.workspace.workspace import Workspace
from tests.integration.running import basic, running

VISIT = {"visit_id": "v1", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"}
OFFER = {"offer_id": "o1", "package": "Fast 500", "monthly_price": 24.9, "ends_on": "2027-04-01"}
ADA = {"type": "identify", "userId": "ada", "traits": {"first_name": "Ada", "email": "ada@example.com", "phone": "+447911123456"}}
AGREES = {
    "type": "track",
    "userId": "ada",
    "event": "Preferences Saved",
    "properties": {"choices": [{"channel": c, "topic": "offers", "on": True} for c in ("email", "sms")]},
}


async def test_an_event_becomes_a_message(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (_runtime, client):
        await client.send(ADA)
        await client.track("ada", "Visit Completed", **VISIT)
        (message,) = await client.until(lambda found: len(found) == 1)
        assert message["to"] == "ada@example.com"
        assert message["subject"] == "How did Bob do?"
        assert message["preheader"] == "One minute helps us get better."
        assert "List-Unsubscribe" in message["headers"]  # type: ignore[operator]  # a mapping


async def test_marketing_is_held_while_a_case_is_open_and_released_when_it_closes(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (_runtime, client):
        await client.send(ADA, AGREES)
        await client.track("ada", "Fault Reported", case_id="c1")
        await client.track("ada", "Offer Prepared", **OFFER)
        await client.track("ada", "Order Placed", order_id="A1", package="x", price=1, installed_on="2027-01-01")
        await client.until(lambda found: [m["subject"] for m in found] == ["Your order A1"])
        await asyncio.sleep(0.3)
        assert len(await client.messages()) == 1
        await client.track("ada", "Fault Cleared", case_id="c1")
        found = await client.until(lambda found: len(found) == 2)
        assert found[0]["subject"] == "Fast 500 for £24.90 a month"
    reader = StoreReader(tmp_path)
    customer = reader.customer("ada")
    assert customer is not None
    offers = [d for d in reader.decisions(customer) if d.journey == "monthly_offers"]
    reader.close()
    assert [(d.reason.value, d.effect, d.case) for d in reversed(offers)] == [("open_service_issue", "H", "c1"), ("allowed", "S", None)]


async def test_one_click_unsubscribe_and_stop(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (_runtime, client):
        await client.send(ADA, AGREES)
        await client.track("ada", "Offer Prepared", **OFFER)
        (message,) = await client.until(lambda found: len(found) == 1)
        headers = message["headers"]
        assert isinstance(headers, dict)
        url = str(headers["List-Unsubscribe"]).strip("<>")
        async with client.session.get(url) as page:
            assert page.status == 200
            assert "Unsubscribe" in await page.text()
        async with client.session.post(url, data="List-Unsubscribe=One-Click", allow_redirects=False) as done:
            assert done.status == 200
        await client.track("ada", "Order Placed", order_id="A1", package="x", price=1, installed_on="2027-01-01")
        await client.until(lambda found: len(found) == 2)
        async with client.session.get(f"{client.url}/unsubscribe/nonsense") as page:
            assert page.status == 404
        preferences = re.search(r"http://\S+/preferences/[\w-]+", str(message["html"]))
        assert preferences is not None
        async with client.session.get(preferences[0]) as page:
            assert 'name="offers:email" aria-label="Offers: Email">' in await page.text()
        async with client.session.post(preferences[0], data={"do": "save", "offers:sms": "on", "care:email": "on"}) as page:
            assert page.status == 200
        await asyncio.sleep(0.3)
    reader = StoreReader(tmp_path)
    customer = reader.customer("ada")
    assert customer is not None
    reader.close()
    assert state(customer.consents, "email", "offers") == "revoked"
    assert state(customer.consents, "sms", "offers") == "granted"
    assert state(customer.consents, "email", "visits") == "revoked"


async def test_a_reply_reaches_the_customers_view(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (_runtime, client):
        await client.send({**ADA, "traits": {"first_name": "Ada", "phone": "+447911123456"}})
        await client.track("ada", "Visit Completed", **VISIT)
        await client.until(lambda found: [m["channel"] for m in found] == ["sms"])
        async with client.session.post(
            f"{client.url}/sandbox/reply", json={"channel": "sms", "from": "+447911123456", "text": "please stop texting me"}
        ) as response:
            assert response.status == 200
        reader = StoreReader(tmp_path)
        for _ in range(100):
            customer = reader.customer("ada")
            if customer is not None and customer.consents.stopped:
                break
            await asyncio.sleep(0.05)
        reader.close()
        assert customer is not None
        assert list(customer.consents.stopped) == ["sms"]


async def test_it_carries_on_after_a_restart(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (_runtime, client):
        await client.send(ADA, AGREES)
        await client.track("ada", "Fault Reported", case_id="c1")
        await client.track("ada", "Offer Prepared", **OFFER)
    async with running(example, tmp_path) as (_runtime, client):
        assert await client.messages() == []
        await client.track("ada", "Fault Cleared", case_id="c1")
        await client.until(lambda found: len(found) == 1)
    async with running(example, tmp_path) as (_runtime, client):
        await asyncio.sleep(0.3)
        assert len(await client.messages()) == 1


async def test_provider_faults_lose_nothing_and_send_nothing_twice(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (runtime, client):
        faults = [
            {"channel": "email", "every": 3, "status": 429},
            {"channel": "email", "every": 4, "act": "drop"},
            {"channel": "email", "every": 5, "act": "lose"},
        ]
        async with client.session.put(f"{client.url}/sandbox/faults", json=faults) as response:
            assert response.status == 200, await response.text()
        people = [f"p{n}" for n in range(40)]
        await client.send(*({"type": "identify", "userId": p, "traits": {"email": f"{p}@example.com"}} for p in people))
        await client.send(*({"type": "track", "userId": p, "event": "Visit Completed", "properties": VISIT} for p in people))
        for _ in range(1000):
            if sum(runtime.observation.sent[("email", s)] for s in ("accepted", "unconfirmed")) >= 40:
                break
            await asyncio.sleep(0.05)
        async with client.session.get(f"{client.url}/sandbox/faults") as response:
            assert all(rule["acted"] for rule in await response.json())
        to = [m["to"] for m in await client.messages()]
        assert len(to) == len(set(to))
        accepted, unconfirmed = (runtime.observation.sent[("email", s)] for s in ("accepted", "unconfirmed"))
        assert accepted + unconfirmed == 40
        assert accepted <= len(to) <= 40


@pytest.mark.parametrize(
    ("path", "body", "auth", "status"),
    [
        ("/v1/track", b"{nope", "demo", 400), ("/v1/track", b"[]", "demo", 400), ("/v1/track", b'{"event":"x"}', "demo", 400), ("/v1/track", b'{"userId":"a"}', "demo", 400),
        ("/v1/track", b'{"userId":"a","event":"x"}', "wrong", 401), ("/v1/track", b'{"userId":"a","event":"x"}', "", 401), ("/v1/track", b'{"userId":"a","event":"' + b"x" * 40_000 + b'"}', "demo", 413),
        ("/v1/batch", b'{"batch":[]}', "demo", 400), ("/v1/batch", b'{"batch":["' + b"x" * 900_000 + b'"]}', "demo", 413), ("/v1/batch", gzip.compress(b"0" * 5_000_000), "demo", 413),
        ("/v1/nope", b"{}", "demo", 404), ("/v1/identify", b'{"userId":"a","traits":[1]}', "demo", 400), ("/v1/track", b'{"userId":"a","event":"x","properties":{"n":1e400}}', "demo", 400),
        ("/v1/track", b'{"userId":"a","event":"x","properties":{"n":99999999999999999999999}}', "demo", 400), ("/v1/track", b'{"userId":"a","event":"x","properties":{"n":"\\u0000"}}', "demo", 400),
        ("/webhooks/sendgrid", b"[]", "", 403), ("/webhooks/twilio/status", b"a=b", "", 403), ("/webhooks/twilio/inbound", b"\xff", "", 400), ("/v1/track", b"\x1f\x8bbroken", "demo", 400),
    ],
)  # fmt: skip
async def test_bad_requests_get_clear_answers(shared: object, path: str, body: bytes, auth: str, status: int) -> None:
    client = shared
    headers = {"Content-Type": "application/json", **(basic(auth) if auth else {})}
    async with client.session.post(client.url + path, data=body, headers=headers) as response:  # type: ignore[attr-defined]  # a Client
        assert response.status == status
        problem = json.loads(await response.read())
        assert response.content_type == "application/problem+json"
        assert problem["status"] == status
        assert problem["detail"]


@pytest.fixture
async def shared(example: Workspace, tmp_path: Path):  # type: ignore[no-untyped-def]  # a Client
    async with running(example, tmp_path) as (_runtime, client):
        yield client


async def test_the_good_events_of_a_batch_are_taken(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (runtime, client):
        answer = await client.send(
            ADA, {"type": "track"}, {"type": "track", "userId": "ada", "event": "Visit Completed", "properties": VISIT}
        )
        assert answer["success"] is True
        assert [one["index"] for one in answer["rejected"]] == [1]  # type: ignore[attr-defined]  # a list
        await client.until(lambda found: len(found) == 1)
        assert runtime.log.read("customer-events-dlq", 0, 0, 10) or any(
            runtime.log.read("customer-events-dlq", p, 0, 10) for p in range(PARTITIONS)
        )


async def test_an_unmodified_segment_client_works(example: Workspace, tmp_path: Path) -> None:
    from segment.analytics.client import Client as Segment

    async with running(example, tmp_path) as (_runtime, client):
        errors: list[object] = []

        def send() -> None:
            segment = Segment("demo", host=client.url, gzip=True, on_error=lambda error, _items: errors.append(error))
            segment.identify("ada", {"first_name": "Ada", "email": "ada@example.com"})
            segment.track("ada", "Visit Completed", VISIT)
            segment.flush()
            segment.join()

        await asyncio.to_thread(send)
        assert not errors
        (message,) = await client.until(lambda found: len(found) == 1)
        assert message["to"] == "ada@example.com"


async def test_everything_served_is_described(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (runtime, client):
        async with client.session.get(f"{client.url}/openapi.json") as response:
            described = await response.json()
        validate(described)
        served = {
            (re.sub(r":[^}]*}", "}", route.resource.canonical), route.method.lower())
            for route in runtime.app.router.routes()
            if route.resource is not None and route.method != "HEAD"
        }
        assert served == {(path, method) for path, item in described["paths"].items() for method in item}
        for path, item in described["paths"].items():
            for method, operation in item.items():
                assert operation["summary"], (path, method)


async def test_answers_are_as_they_are_described(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (_runtime, client):
        async with client.session.get(f"{client.url}/openapi.json") as response:
            described = await response.json()
        good = {"userId": "ada", "event": "Product Viewed", "properties": {"product": "x"}}
        asked: list[tuple[str, str, str, object, dict[str, str]]] = [
            ("POST", "/v1/track", "/v1/{type}", good, basic("demo")), ("POST", "/v1/track", "/v1/{type}", {"userId": 1.5}, basic("demo")), ("POST", "/v1/track", "/v1/{type}", good, basic("no")),
            ("POST", "/v1/batch", "/v1/batch", {"batch": [{**good, "type": "track"}, 5]}, basic("demo")), ("POST", "/v1/batch", "/v1/batch", {"batch": [5]}, basic("demo")),
            ("POST", "/webhooks/sendgrid", "/webhooks/sendgrid", [], {}), ("GET", "/healthz", "/healthz", None, {}), ("GET", "/readyz", "/readyz", None, {}),
        ]  # fmt: skip
        for method, path, described_path, body, headers in asked:
            async with client.session.request(method, client.url + path, json=body, headers=headers) as response:
                answer = described["paths"][described_path][method.lower()]["responses"][str(response.status)]
                schema = answer["content"][response.content_type]["schema"]
                if schema:
                    OAS31Validator({**schema, "components": described["components"]}).validate(await response.json(content_type=None))
                else:
                    assert await response.read()


async def test_health_metrics_and_description(example: Workspace, tmp_path: Path) -> None:
    async with running(example, tmp_path) as (_runtime, client):
        for path, words in (
            ("/healthz", "live"),
            ("/readyz", "ready"),
            ("/openapi.json", "/v1/batch"),
            ("/metrics", "concierge_timers_pending"),
            ("/", "Phone and inbox"),
            ("/sandbox/", "Inbox"),
            ("/sandbox/page.js", "EventSource"),
        ):
            async with client.session.get(client.url + path) as response:
                assert response.status == 200
                assert words in await response.text()
