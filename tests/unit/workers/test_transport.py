"""The transport against a server that speaks raw bytes: whole answers in pieces, cut ones, ones that never end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from workers.outcome import NotProcessed, Unknown
from workers.transport import MAX_ANSWER, Answer, Request, Transport

Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]
BODY = b'{"sid": "SM1", "status": "queued"}'


@asynccontextmanager
async def server(speak: Speak) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that reads one request, then speaks as it is told. Gives its address and the heads of requests it saw."""
    seen: list[bytes] = []

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            await speak(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    made = await asyncio.start_server(one, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{made.sockets[0].getsockname()[1]}/", seen
    made.close()


async def post(speak: Speak, longest: float = 2.0) -> tuple[Answer | NotProcessed | Unknown, int]:
    async with server(speak) as (url, seen), Transport(timeout=longest) as transport:
        answer = await transport.ask(Request(url, b"x=1", {}))
    return answer, len(seen)


def pieces(*parts: bytes, pause: float = 0.02) -> Speak:
    async def speak(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return speak


LENGTH = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(BODY)
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        (LENGTH + BODY,),
        (LENGTH, BODY),
        (LENGTH + BODY[:10], BODY[10:]),
        (CHUNKED, b"a\r\n" + BODY[:10] + b"\r\n", b"%x\r\n" % len(BODY[10:]) + BODY[10:] + b"\r\n", b"0\r\n\r\n"),
    ],
)
async def test_an_answer_in_pieces_is_read_whole(parts: tuple[bytes, ...]) -> None:
    answer, calls = await post(pieces(*parts))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body, calls) == (201, BODY, 1)


@pytest.mark.parametrize("parts", [(), (LENGTH + BODY[:10],), (b"not http at all\r\n\r\n",), (b"HTTP/1.1 2",)])
async def test_an_answer_cut_short_is_unknown_and_asked_for_once(parts: tuple[bytes, ...]) -> None:
    answer, calls = await post(pieces(*parts))
    assert isinstance(answer, Unknown)
    assert calls == 1


async def test_an_answer_that_hangs_is_unknown() -> None:
    answer, calls = await post(pieces(LENGTH, pause=5.0), longest=0.2)
    assert isinstance(answer, Unknown)
    assert calls == 1


async def test_an_answer_without_end_is_read_up_to_a_bound() -> None:
    answer, _calls = await post(pieces(b"HTTP/1.1 201 Created\r\n\r\n", *[b"[" * 65536] * 8, pause=0))
    assert isinstance(answer, Answer)
    assert len(answer.body) == MAX_ANSWER


async def test_a_redirect_is_not_followed() -> None:
    answer, calls = await post(pieces(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"))
    assert isinstance(answer, Answer)
    assert (answer.status, calls) == (307, 1)


async def test_a_connection_that_is_refused_wrote_nothing() -> None:
    async with Transport() as transport:
        assert isinstance(await transport.ask(Request("http://127.0.0.1:9/", b"", {})), NotProcessed)
        assert isinstance(await transport.ask(Request("http://no-such-host.invalid/", b"", {})), NotProcessed)
