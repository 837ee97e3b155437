"""One call against a receiver that speaks raw bytes: what is called, what is not, what is made of each answer."""

import asyncio
import gzip
import zlib

import pytest

from orchestrator.contracts.call import CallAnswer
from tests.unit.workers.calls.receiver import (
    HOST,
    Names,
    Receiver,
    Speak,
    Watched,
    answer,
    authority,
    call,
    caller_to,
    hang_up,
    progress,
    receiving,
    silence,
)
from workers.calls.address_guard import AddressGuard, AddressRefused, SystemLookUp


async def called(receiver: Receiver, watched: Watched | None = None, **changes: object) -> CallAnswer:
    async with caller_to(receiver, watched or Watched()) as caller:
        return await caller.call(call(**{"url": f"http://{HOST}:{receiver.port}/x?a=1", **changes}), progress())  # type: ignore[arg-type]  # fields of a call


def raw(text: bytes, then: Speak | None = None) -> Speak:
    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        if then is not None:
            await then(writer)

    return speak


async def test_a_call_and_its_answer() -> None:
    async with receiving(answer(200, b'{"risk": 0.5}', ETag="1", Set_Cookie="a=b")) as receiver:
        found = await called(receiver, secret="crm_token", headers={"X-Mine": "1"})
    assert (found.ok, found.why, found.status, found.attempts) == (True, "", 200, 1)
    assert found.body is not None
    assert bytes(found.body) == b'{"risk": 0.5}'
    assert found.headers["etag"] == "1"
    assert "set-cookie" not in found.headers
    (seen,) = receiver.seen
    assert seen.head[0] == "POST /x?a=1 HTTP/1.1"
    assert seen.header("host") == f"{HOST}:{receiver.port}"
    assert (seen.header("authorization"), seen.header("x-mine")) == ("Bearer s3cret", "1")
    assert seen.body == b'{"plan":"fibre"}'


async def test_percent_encoding_arrives_as_it_was_written() -> None:
    async with receiving(answer()) as receiver, caller_to(receiver, Watched()) as caller:
        await caller.call(call(f"http://{HOST}:{receiver.port}/a%2Fb/%3Fc%20d?q=%26%2B%25"), progress())
    assert receiver.seen[0].head[0] == "POST /a%2Fb/%3Fc%20d?q=%26%2B%25 HTTP/1.1"


async def test_trouble_that_passes_is_tried_again_under_the_same_key_until_it_goes_well() -> None:
    watched = Watched()
    async with receiving(answer(500), hang_up, answer(429, Retry_After="7"), answer(201)) as receiver:
        found = await called(receiver, watched)
    assert (found.ok, found.status, found.attempts) == (True, 201, 4)
    assert len({one.header("idempotency-key") for one in receiver.seen}) == 1
    assert watched.slept == [pytest.approx(1.25), pytest.approx(2.812), pytest.approx(7.0)]
    assert [outcome for _host, outcome in watched.tries] == ["5xx", "Unreachable", "4xx", "2xx"]
    assert watched.ends == [(f"{HOST}:{receiver.port}", "ok")]


async def test_after_the_last_try_it_is_over() -> None:
    async with receiving(answer(503, b'{"sorry":true}')) as receiver:
        found = await called(receiver, retries=2)
    assert (found.ok, found.why, found.status, found.attempts, len(receiver.seen)) == (False, "status", 503, 3, 3)


async def test_a_redirect_is_not_followed() -> None:
    async with receiving(answer()) as other:
        async with receiving(answer(302, Location=f"http://{HOST}:{other.port}/")) as receiver:
            found = await called(receiver)
        assert (found.ok, found.why, found.status) == (False, "redirect", 302)
        assert not other.seen
    assert len(receiver.seen) == 1


@pytest.mark.parametrize("speak", [silence, raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx", silence), raw(b"HTTP/1.1 2", silence)])
async def test_no_whole_answer_in_time(speak: Speak) -> None:
    async with receiving(speak) as receiver:
        found = await called(receiver, timeout=150, retries=1)
    assert (found.ok, found.why, found.attempts) == (False, "timeout", 2)


async def test_a_slow_drip_has_no_more_time_than_others() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with receiving(drip) as receiver, asyncio.timeout(2):
        found = await called(receiver, timeout=300, retries=0)
    assert found.why == "timeout"


async def test_nobody_listens() -> None:
    async with receiving() as receiver:
        pass
    found = await called(receiver, retries=1)
    assert (found.ok, found.why, found.status, found.attempts) == (False, "unreachable", None, 2)


def packed(body: bytes, encoding: str = "gzip") -> Speak:
    return answer(200, gzip.compress(body) if encoding == "gzip" else zlib.compress(body), Content_Encoding=encoding)


@pytest.mark.parametrize(
    ("speak", "why"),
    [
        (answer(200, b'"' + b"x" * 65_534 + b'"'), ""), (answer(200, b'"' + b"x" * 65_535 + b'"'), "too_large"), (answer(200, b"0" * 5_000_000), "too_large"),
        (packed(b'{"a":1}'), ""), (packed(b'{"a":1}', "deflate"), ""), (packed(b'"' + b"x" * 65_534 + b'"'), ""), (packed(b'"' + b"x" * 65_535 + b'"'), "too_large"),
        (packed(b"0" * 20_000_000), "too_large"), (answer(200, b"no gzip", Content_Encoding="gzip"), "not_json"), (answer(200, gzip.compress(b"{}")[:-4], Content_Encoding="gzip"), "not_json"),
        (answer(200, b"{}", Content_Encoding="br"), "not_json"), (answer(200, b"<html>"), "not_json"), (answer(200, b""), ""), (raw(b"HTTP/1.1 204 No\r\n\r\n"), ""),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), ""), (raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}"), ""),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}"), "unreachable"), (raw(b"nonsense\r\n\r\n"), "unreachable"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"), "unreachable"),
    ],
)  # fmt: skip
async def test_what_is_made_of_a_body(speak: Speak, why: str) -> None:
    async with receiving(speak) as receiver:
        found = await called(receiver, retries=0, timeout=20_000)
    assert (found.ok, found.why) == (not why, why)


async def test_a_long_header_is_left_out_and_the_others_are_kept() -> None:
    async with receiving(answer(200, b"{}", Content_Security_Policy="x" * 20_000, Set_Cookie="y" * 9_000, X_Kind="a")) as receiver:
        found = await called(receiver)
    assert (found.ok, found.attempts, found.headers.get("x-kind")) == (True, 1, "a")
    assert "content-security-policy" not in found.headers


async def test_many_headers_are_cut() -> None:
    async with receiving(answer(200, b"{}", **{f"X_{n}": "y" * 300 for n in range(60)})) as receiver:
        found = await called(receiver)
    assert found.ok
    assert sum(len(name) + len(value) for name, value in found.headers.items()) <= 8192


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "64:ff9b::7f00:1"])
async def test_a_name_that_leads_inside_is_not_called(address: str) -> None:
    shown, trusted = authority(HOST)
    async with receiving(answer(), tls=shown) as receiver:
        for addresses in ((address,), ("93.184.216.34", address)):
            async with caller_to(receiver, Watched(), trusted, Names(*addresses), private=False) as caller:
                found = await caller.call(call(f"https://{HOST}:{receiver.port}/"), progress())
            assert (found.ok, found.why) == (False, "address_refused")
    assert not receiver.seen


async def test_the_name_is_asked_once_and_what_was_looked_at_is_called() -> None:
    """A name that leads elsewhere when it is asked again changes nothing: nobody asks again."""
    shown, trusted = authority(HOST)
    names = Names("127.0.0.1")
    async with receiving(answer(), tls=shown) as receiver, caller_to(receiver, Watched(), trusted, names) as caller:
        found = await caller.call(call(f"https://{HOST}:{receiver.port}/"), progress())
    assert found.ok, found
    assert names.asked == [HOST]
    assert receiver.names == [HOST], "TLS asks for the name, not for the address"


async def test_a_certificate_of_another_name_or_authority_is_not_trusted() -> None:
    shown, trusted = authority("other.example")
    _, stranger = authority(HOST)
    for context in (trusted, stranger):
        async with receiving(answer(), tls=shown) as receiver, caller_to(receiver, Watched(), context) as caller:
            found = await caller.call(call(f"https://{HOST}:{receiver.port}/", retries=0), progress())
            assert (found.ok, found.why) == (False, "unreachable")
            assert not receiver.seen


async def test_a_host_written_as_an_address_is_looked_at_too() -> None:
    guard = AddressGuard(Names(), frozenset({("10.0.0.1", 443)}))
    for host in ("127.0.0.1", "::1", "2130706433", "127.1", "10.0.0.1"):
        with pytest.raises(AddressRefused):
            guard.check(host, 80)
    guard.check("8.8.8.8", 80)
    guard.check("10.0.0.1", 443)
    guard.check("api.example.com", 80)


@pytest.mark.parametrize("host", ["0x7f.1", "0177.0.0.1", "0x7f000001", "localhost", "127.0.0.1.", "localhost."])
async def test_forms_the_system_reads_as_an_address_are_refused_where_they_lead(host: str) -> None:
    guard = AddressGuard(SystemLookUp(), frozenset())
    with pytest.raises((AddressRefused, OSError)) as refused:
        await guard.resolve(host, 443)
    if host.startswith(("0", "localhost")) and not host.endswith("."):
        assert refused.type is AddressRefused


async def test_a_name_nobody_knows_is_an_error_and_asked_for_once_at_a_time() -> None:
    look_up = SystemLookUp()
    found = await asyncio.gather(*(look_up("nobody.invalid", 443) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(one, OSError) for one in found)
    assert not look_up._asking


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"secret": "none"}, "secret_missing"),
        ({"url": "https://elsewhere.example"}, "host_not_listed"),
        ({"headers": {"a": "\n"}}, "bad_request"),
    ],
)
async def test_what_is_refused_reaches_nobody(changes: dict[str, object], why: str) -> None:
    watched = Watched()
    async with receiving(answer()) as receiver:
        found = await called(receiver, watched, **changes)
    assert (found.ok, found.why, found.attempts, receiver.seen) == (False, why, 0, [])
    assert watched.ends == [("-", why)]
