"""What was received, as it is listed; the page and its stream."""

import asyncio
from collections.abc import Mapping

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.sandbox.running import NOW, Client, mail, running
from workers.sandbox.problem import RefusedError
from workers.sandbox.queries import read_query


async def test_newest_first_filtered_and_limited(client: Client) -> None:
    for number in range(3):
        await client.mail(mail(f"p{number}@example.com"))
        client.clock.advance(1000)
    await client.text(To="+447911123456", From="A", Body="x")
    assert [m["to"] for m in await client.messages()] == ["+447911123456", "p2@example.com", "p1@example.com", "p0@example.com"]
    assert [m["to"] for m in await client.messages(channel="email", limit="1")] == ["p2@example.com"]
    assert [m["to"] for m in await client.messages(to="p1@example.com")] == ["p1@example.com"]
    assert len(await client.messages(since=str(NOW + 2000))) == 2
    assert len(await client.messages(since="2026-03-02T10:00:01Z")) == 3
    async with client.session.delete(f"{client.url}/sandbox/messages") as response:
        assert response.status == 204
    assert await client.messages() == []


async def test_a_long_list_is_complete(client: Client) -> None:
    people = [{"to": [{"email": f"p{n}@example.com"}]} for n in range(450)]
    assert (await client.mail(mail(personalizations=people))).status == 202
    for limit, expected in ((100, 100), (200, 200), (201, 201), (450, 450), (10_000, 450)):
        assert [m["to"] for m in await client.messages(limit=str(limit))] == [f"p{n}@example.com" for n in range(449, 449 - expected, -1)]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=²", "limit=99999999999", "channel=fax", "since=yesterday", "since=2026-03-02", "form=x"]
)
async def test_queries_it_cannot_follow_are_refused(client: Client, query: str) -> None:
    async with client.session.get(f"{client.url}/sandbox/messages?{query}") as response:
        assert response.status == 400
        problem = await response.json(content_type="application/problem+json")
        assert query.split("=", maxsplit=1)[0] in problem["detail"]


@settings(max_examples=examples(300))
@given(
    st.dictionaries(
        st.sampled_from(["to", "channel", "since", "limit", "intent", "x"]), st.text(max_size=20) | st.integers(-5, 10**20).map(str)
    )
)
def test_any_query_is_read_or_refused(given_query: Mapping[str, str]) -> None:
    try:
        query = read_query(given_query)
    except RefusedError as refused:
        assert str(refused)
    else:
        assert query.limit >= 1
        assert all(isinstance(value, str) or -(2**63) <= value < 2**63 for value in query.filters.values())


@pytest.mark.parametrize(("path", "kind"), [("", "text/html"), ("page.js", "text/javascript"), ("page.css", "text/css")])
async def test_the_page_forbids_everything_but_itself(client: Client, path: str, kind: str) -> None:
    async with client.session.get(f"{client.url}/sandbox/{path}") as response:
        assert (response.status, response.content_type) == (200, kind)
        rules = dict(rule.strip().split(" ", 1) for rule in response.headers["Content-Security-Policy"].split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == rules["connect-src"] == "'self'"
        assert "http" not in response.headers["Content-Security-Policy"]
        text = await response.text()
    if path == "":
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text  # links of a mail open, its scripts never run
        assert "<script>" not in text
        assert " onclick" not in text


async def test_files_outside_the_page_are_not_served(client: Client) -> None:
    for path in ("page.py", "%2e%2e/page.py", "static/page.js"):
        async with client.session.get(f"{client.url}/sandbox/{path}") as response:
            assert response.status == 404


async def test_the_stream_tells_of_changes_and_ends_with_the_server() -> None:
    async with aiohttp.ClientSession() as browser:
        async with running() as client:
            response = await browser.get(f"{client.url}/sandbox/stream")
            assert response.content_type == "text/event-stream"
            first = await asyncio.wait_for(response.content.readuntil(b"\n\n"), 3)
            await client.mail(mail())
            second = await asyncio.wait_for(response.content.readuntil(b"\n\n"), 3)
            assert first != second
            assert second.startswith(b"data: ")
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 3, "an open page must not hold up the end"
        await asyncio.wait_for(response.read(), 3)
