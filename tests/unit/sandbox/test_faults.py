"""Every kind of fault, how often it acts, and rules that are refused with the reason."""

import asyncio
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.sandbox.running import BASIC, BEARER, TWILIO, Client, mail, running
from workers.sandbox.faults import Fault, Faults

TO = "+447911123456"


async def rules(client: Client, *given_rules: dict[str, object]) -> None:
    async with client.session.put(f"{client.url}/sandbox/faults", json=list(given_rules)) as response:
        assert response.status == 200, await response.text()


async def send(client: Client) -> int | str:
    """A text's status, or the name of what went wrong; on a connection of its own, so that nothing is sent twice."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        try:
            form = {"To": TO, "From": "A", "Body": "x"}
            async with session.post(
                f"{client.url}{TWILIO}.json", data=form, headers=BASIC, timeout=aiohttp.ClientTimeout(total=1)
            ) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__


async def test_status_and_code_in_each_providers_shape(client: Client) -> None:
    await rules(client, {"channel": "sms", "status": 400, "code": 21611}, {"status": 429, "retry_after": 7})
    response = await client.text(To=TO, From="A", Body="x")
    assert (response.status, (await response.json())["code"]) == (400, 21611)
    response = await client.text(To=f"whatsapp:{TO}", From="whatsapp:+441520000000", Body="x")
    assert (response.status, response.headers["Retry-After"], (await response.json())["code"]) == (429, "7", 20429)
    response = await client.mail(mail())
    assert (response.status, response.headers["Retry-After"]) == (429, "7")
    assert (await response.json())["errors"]
    assert await client.messages() == []


async def test_every_nth_and_at_most(client: Client) -> None:
    await rules(client, {"every": 3, "times": 2, "status": 503})
    assert [await send(client) for _ in range(12)] == [201, 201, 503, 201, 201, 503, 201, 201, 201, 201, 201, 201]
    async with client.session.get(f"{client.url}/sandbox/faults") as response:
        assert await response.json() == [{"every": 3, "times": 2, "status": 503, "acted": 2}]
    await client.call("DELETE", "/sandbox/faults")
    async with client.session.get(f"{client.url}/sandbox/faults") as response:
        assert await response.json() == []


async def test_only_the_address_it_names(client: Client) -> None:
    await rules(client, {"address": "ada@example.com", "status": 500})
    assert (await client.mail(mail("ada@example.com"))).status == 500
    assert (await client.mail(mail("bob@example.com"))).status == 202
    assert await send(client) == 201


async def test_drop_stores_nothing_and_lose_stores_it(client: Client) -> None:
    await rules(client, {"act": "drop", "times": 1}, {"act": "lose", "times": 1})
    assert await send(client) == "ServerDisconnectedError"
    assert await client.messages() == []
    assert await send(client) == "ServerDisconnectedError"
    assert len(await client.messages()) == 1
    assert await send(client) == 201


async def test_lose_of_a_mail(client: Client) -> None:
    await rules(client, {"channel": "email", "act": "lose"})
    with pytest.raises(aiohttp.ClientError):
        await client.call("POST", "/sandbox/sendgrid/v3/mail/send", json=mail(), headers={**BEARER, "Connection": "close"})
    assert [m["to"] for m in await client.messages()] == ["ada@example.com"]


async def test_hang_never_answers_and_does_not_hold_up_the_end() -> None:
    async with running() as client:
        await rules(client, {"act": "hang"})
        assert await send(client) == "TimeoutError"
        session = aiohttp.ClientSession()
        waiting = asyncio.create_task(session.post(f"{client.url}{TWILIO}.json", data={"To": TO, "From": "A", "Body": "x"}, headers=BASIC))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        assert await client.messages() == []
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 3
    with pytest.raises(aiohttp.ClientError):
        await waiting
    await session.close()


async def test_delay_waits_and_goes_on(client: Client) -> None:
    await rules(client, {"delay": 0.3})
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert await send(client) == 201
    assert loop.time() - started >= 0.3


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{}", "array"), (b"[", "truncated"), (b'[{"channel":"fax","status":500}]', "$[0].channel"), (b'[{"statuss":500}]', "statuss"),
        (b'[{"status":500},{"status":200}]', "rule 2: status 200"), (b"[{}]", "rule 1 does nothing"), (b'[{"status":500,"every":0}]', "every"),
        (b'[{"delay":1000}]', "delay"), (b'[{"act":"explode"}]', "$[0].act"), (b'[{"act":"drop","status":500}]', "no answer"),
        (b'[{"code":21610}]', "status"), (b'[{"status":400,"code":7}]', "five digits"), (b'[{"status":400,"times":-1}]', "times"), (b"\xff", ""),
        (b'[{"delay":1,"retry_after":3}]', "status"), (b"[" * 5000, ""),
    ],
)  # fmt: skip
async def test_rules_that_are_refused_say_why(client: Client, body: bytes, word: str) -> None:
    await rules(client, {"status": 500})
    async with client.session.put(f"{client.url}/sandbox/faults", data=body) as response:
        problem = await response.json(content_type="application/problem+json")
        assert (response.status, problem["status"]) == (400, 400)
        assert word in problem["detail"]
    async with client.session.get(f"{client.url}/sandbox/faults") as response:
        assert len(await response.json()) == 1, "the rules in force stay"


@settings(max_examples=examples(200))
@given(
    calls=st.lists(st.tuples(st.sampled_from(["email", "sms"]), st.sampled_from(["a", "b"]))),
    every=st.integers(1, 4),
    times=st.none() | st.integers(0, 3),
)
def test_a_rule_acts_on_every_nth_match_at_most_so_often(calls: list[tuple[str, str]], every: int, times: int | None) -> None:
    faults = Faults()
    faults.set([Fault(channel="sms", address="a", every=every, times=times, status=500)])
    acted = [faults.match(channel, address) is not None for channel, address in calls]
    expected: list[Any] = []
    matched = done = 0
    for one in calls:
        if one == ("sms", "a"):
            due = (matched + 1) % every == 0 and (times is None or done < times)
            matched += 1
            done += due
            expected.append(due)
        else:
            expected.append(False)
    assert acted == expected
    assert faults.acted == [done]
